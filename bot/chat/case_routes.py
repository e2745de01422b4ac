"""The customer's progress panel: one's own cases, remarks and files.

Own are cases of the verified customer, cases unlocked in this conversation with a one-time code, and cases
filed in this conversation. Everything else does not exist: one answer for unknown and for somebody else's.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import FileResponse

from bot.cases.actions import Action, Recheck, Urge, Withdraw
from bot.cases.build import Cases
from bot.cases.files import MAX_BYTES, CaseFile
from bot.cases.model import Actor, Case
from bot.cases.views import case_view, permitted
from bot.chat.case_push import CasePush
from bot.chat.case_schemas import CaseActionIn, CaseFileOut, CaseOut, CasesOut, FileAddedOut, RemarkIn
from bot.chat.records import Conversation
from bot.chat.routes import Address, Opened, TheChat
from bot.chat.text import customer_text
from bot.errors import (
    BodyTooLarge,
    CaseActionRefused,
    CaseNotFound,
    CaseSystemUnavailable,
    CaseUrgedToday,
    ConversationNotFound,
    FileNotFound,
    FileRefused,
    FileTooLarge,
    InvalidCharacters,
    InvalidRequest,
    MessageEmpty,
    MessageTooLong,
    RateLimited,
)
from bot.http.handlers import documented

REMARK_MAX_CHARS = 2000
REASON_MAX_CHARS = 500

_ACTIONS = {"urge": Urge, "withdraw": Withdraw, "recheck": Recheck}
_COMMON = (ConversationNotFound, CaseSystemUnavailable, InvalidRequest, RateLimited)
_TEXT = (MessageEmpty, MessageTooLong, InvalidCharacters, BodyTooLarge)

router = APIRouter(prefix="/api/conversations/{conversation_id}/cases", tags=["我的进度"])


def the_cases(request: Request) -> Cases:
    """The application's cases room."""
    cases: Cases = request.app.state.services.cases
    return cases


def the_push(request: Request) -> CasePush:
    """What tells open windows."""
    push: CasePush = request.app.state.services.case_push
    return push


TheCases = Annotated[Cases, Depends(the_cases)]
ThePush = Annotated[CasePush, Depends(the_push)]


def as_attachment(file: CaseFile, path: Any) -> FileResponse:
    """A file to be saved, never shown inside a page of ours (``nosniff`` is on every answer)."""
    return FileResponse(path, media_type=file.media_type, filename=file.name)


def _actor(conversation: Conversation) -> Actor:
    return Actor.customer(conversation.customer_ref or conversation.id)


def _shown(case: Case, files: list[CaseFile]) -> dict[str, Any]:
    view = case_view(case)
    return {**view, "files": [CaseFileOut.from_orm(file) for file in files], "can": permitted(case)}


@router.get(
    "", summary="我的进度", response_model=CasesOut, response_model_exclude_none=True, responses=documented(*_COMMON)
)
async def own_cases(conversation: Opened, chat: TheChat, cases: TheCases) -> dict[str, Any]:
    """Every case that this conversation may see, newest first."""

    def read() -> list[dict[str, Any]]:
        found = cases.service.of_conversation(conversation.id, conversation.customer_ref)
        files = cases.files.of_cases([case.number for case in found])
        return [_shown(case, files[case.number]) for case in found]

    return {"cases": await chat.run(read)}


@router.post(
    "/{number}/remarks",
    summary="补充说明",
    response_model=CaseOut,
    response_model_exclude_none=True,
    responses=documented(CaseNotFound, CaseActionRefused, *_COMMON, *_TEXT),
)
async def add_remark(
    number: str,
    request: RemarkIn,
    conversation: Opened,
    address: Address,
    chat: TheChat,
    cases: TheCases,
    push: ThePush,
) -> dict[str, Any]:
    """Add a text to one's case; a retry with the same ``client_id`` adds nothing."""
    await chat.limits.check_message(conversation.id, address)
    if request.text is None:
        raise MessageEmpty()
    said = customer_text(request.text, REMARK_MAX_CHARS)

    def add() -> tuple[Case, list[CaseFile]]:
        case = cases.service.visible(number, conversation.id, conversation.customer_ref)
        key = f"{conversation.id}:{request.client_id}"
        return (
            cases.service.remark(case.number, said.text, _actor(conversation), key=key),
            cases.files.of_case(case.number),
        )

    case, files = await chat.run(add)
    await push.changed(case)
    return _shown(case, files)


@router.post(
    "/{number}/actions",
    summary="催办、撤回、申请核查",
    response_model=CaseOut,
    response_model_exclude_none=True,
    responses=documented(CaseNotFound, CaseActionRefused, CaseUrgedToday, *_COMMON, *_TEXT),
)
async def act(
    number: str,
    request: CaseActionIn,
    conversation: Opened,
    address: Address,
    chat: TheChat,
    cases: TheCases,
    push: ThePush,
) -> dict[str, Any]:
    """Urge, withdraw, or ask for a re-check of one's case; a retry with the same ``client_id`` does it once."""
    await chat.limits.check_message(conversation.id, address)
    given = (request.reason or "").strip()
    reason = customer_text(given, REASON_MAX_CHARS).text if given or request.action == "recheck" else ""
    action: Action = _ACTIONS[request.action](reason=reason)

    def carry_out() -> tuple[Case, list[CaseFile]]:
        case = cases.service.visible(number, conversation.id, conversation.customer_ref)
        key = f"{conversation.id}:{request.client_id}"
        changed = cases.service.act(case.number, action, _actor(conversation), key=key)
        return changed, cases.files.of_case(case.number)

    case, files = await chat.run(carry_out)
    await push.changed(case)
    return _shown(case, files)


@router.post(
    "/{number}/files",
    status_code=201,
    summary="上传图片或 PDF(最大 5 MB)",
    response_model=FileAddedOut,
    response_model_exclude_none=True,
    responses=documented(CaseNotFound, CaseActionRefused, FileRefused, FileTooLarge, *_COMMON, *_TEXT),
)
async def add_file(
    number: str,
    conversation: Opened,
    address: Address,
    chat: TheChat,
    cases: TheCases,
    push: ThePush,
    file: Annotated[UploadFile, File(description="JPG、PNG、GIF、WebP 或 PDF")],
) -> dict[str, Any]:
    """Add a file to one's case; its type is read from its content."""
    await chat.limits.check_message(conversation.id, address)
    content = await file.read(MAX_BYTES + 1)

    def add() -> tuple[Case, CaseFile, list[CaseFile]]:
        case = cases.service.visible(number, conversation.id, conversation.customer_ref)
        changed, added = cases.files.add(case.number, file.filename or "", content, _actor(conversation))
        return changed, added, cases.files.of_case(case.number)

    case, added, files = await chat.run(add)
    await push.changed(case)
    return {"file": CaseFileOut.from_orm(added), "case": _shown(case, files)}


@router.get(
    "/{number}/files/{file_id}",
    summary="下载文件",
    response_class=FileResponse,
    responses=documented(CaseNotFound, FileNotFound, *_COMMON),
)
async def get_file(number: str, file_id: str, conversation: Opened, chat: TheChat, cases: TheCases) -> FileResponse:
    """A file of one's case, as an attachment."""

    def find() -> tuple[CaseFile, Any]:
        case = cases.service.visible(number, conversation.id, conversation.customer_ref)
        return cases.files.get(case.number, file_id)

    return as_attachment(*await chat.run(find))
