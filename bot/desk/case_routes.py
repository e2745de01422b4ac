"""Cases for staff: list, open, assign, advance, extend with approval, decide with remedies, close.

Agents work on cases they are responsible for and on those nobody has; supervisors on all; auditors read.
A change names the version that the person has seen; if somebody else was faster nothing happens (409).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from fastapi.responses import FileResponse

from bot.cases import actions, wording
from bot.cases.actions import Action
from bot.cases.files import MAX_BYTES, CaseFile
from bot.cases.model import Actor, Case, CaseDraft, CaseKind, CaseStatus, Outcome, Priority, Remedy
from bot.cases.repository import MAX_PAGE, CaseFilter
from bot.cases.views import staff_view
from bot.chat.case_routes import TheCases, ThePush, as_attachment
from bot.chat.case_schemas import CaseFileOut
from bot.desk.case_schemas import (
    AdvanceIn,
    AssignIn,
    ClassifyIn,
    CloseIn,
    ContactOut,
    DecideIn,
    ExtendIn,
    NewCaseIn,
    NoticeOut,
    OptionsOut,
    StaffCaseOut,
    StaffCasesOut,
    StaffRemarkIn,
)
from bot.errors import (
    AccountNotFound,
    CaseActionRefused,
    CaseConflict,
    CaseNotFound,
    CaseSystemUnavailable,
    ConversationNotFound,
    CsrfMissing,
    FileNotFound,
    FileRefused,
    FileTooLarge,
    InvalidRequest,
    NotPermitted,
    NotSignedIn,
    PasswordChangeRequired,
    RateLimited,
)
from bot.http.handlers import documented
from bot.http.staff import IdentityDep, require_roles
from bot.identity.staff_records import StaffMember

MAX_OFFSET = 100_000

_CALLER = (NotSignedIn, NotPermitted, PasswordChangeRequired, InvalidRequest, RateLimited, CaseSystemUnavailable)
_READ = documented(CaseNotFound, *_CALLER)
_CHANGE = documented(CaseNotFound, CaseConflict, CaseActionRefused, CsrfMissing, *_CALLER)

Reader = Annotated[StaffMember, Depends(require_roles("agent", "supervisor", "admin", "auditor"))]
Worker = Annotated[StaffMember, Depends(require_roles("agent", "supervisor", "admin"))]
Lead = Annotated[StaffMember, Depends(require_roles("supervisor", "admin"))]

router = APIRouter(prefix="/api/staff/cases", tags=["工单处理"])


def _actor(staff: StaffMember) -> Actor:
    return Actor.staff(staff.id, staff.name)


def _lead(staff: StaffMember) -> bool:
    return staff.has("supervisor", "admin")


class Desk:
    """What a route needs to read and change cases."""

    def __init__(self, request: Request, cases: TheCases, push: ThePush) -> None:
        self.cases = cases
        self._push = push
        self._threads = request.app.state.services.threads

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function that uses the database, in a thread."""
        return await self._threads.run(function, *args)

    def found(self, number: str) -> Case:
        """The case; raises ``CaseNotFound``."""
        case = self.cases.service.find(number)
        if case is None:
            raise CaseNotFound()
        return case

    def workable(self, number: str, staff: StaffMember) -> Case:
        """The case, if this person may work on it; raises ``NotPermitted``."""
        case = self.found(number)
        if not _lead(staff) and case.responsible not in (None, staff.id):
            raise NotPermitted()
        return case

    def shown(self, case: Case) -> dict[str, Any]:
        """The case as JSON, with its files."""
        files = self.cases.files.of_case(case.number)
        return {**staff_view(case), "files": [CaseFileOut.from_orm(file) for file in files]}

    async def act(self, number: str, staff: StaffMember, action: Action, version: int | None) -> dict[str, Any]:
        """Carry out an action, tell the customer's windows, return the case."""

        def change() -> Case:
            case = self.workable(number, staff)
            return self.cases.service.act(case.number, action, _actor(staff), version)

        case: Case = await self.run(change)
        await self._push.changed(case)
        shown: dict[str, Any] = await self.run(self.shown, case)
        return shown

    async def told(self, case: Case) -> None:
        """Tell the customer's windows."""
        await self._push.changed(case)


TheDesk = Annotated[Desk, Depends()]


@router.get("", summary="工单列表", response_model=StaffCasesOut, responses=documented(*_CALLER))
async def list_cases(
    _caller: Reader,
    desk: TheDesk,
    kind: Annotated[list[CaseKind] | None, Query()] = None,
    status: Annotated[list[CaseStatus] | None, Query()] = None,
    responsible: Annotated[str, Query(max_length=32)] = "",
    unassigned: bool = False,
    priority: Priority | None = None,
    overdue: bool = False,
    q: Annotated[str, Query(max_length=60, description="工单号或主题的一部分")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 20,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
) -> dict[str, Any]:
    """A page of the cases that fit, newest first, without timelines."""
    wanted = CaseFilter(
        kinds=tuple(kind or ()),
        statuses=tuple(status or ()),
        responsible=responsible,
        unassigned=unassigned,
        priority=priority,
        overdue=overdue,
        text=q.strip().replace("\x00", ""),
    )
    page = await desk.run(desk.cases.service.search, wanted, limit, offset)
    return {"cases": [staff_view(case) for case in page.cases], "total": page.total}


@router.post(
    "",
    status_code=201,
    summary="代客户建单",
    response_model=StaffCaseOut,
    responses=documented(ConversationNotFound, CsrfMissing, *_CALLER),
)
async def file_case(body: NewCaseIn, caller: Worker, desk: TheDesk, request: Request) -> dict[str, Any]:
    """File a case for a customer; the same ``client_id`` files it once."""
    services = request.app.state.services

    def file() -> Case:
        ref = None
        if body.conversation_id is not None:
            ref = services.conversations.get(body.conversation_id).customer_ref
        draft = CaseDraft(**body.dict(exclude={"client_id"}), customer_ref=ref)
        return desk.cases.service.file(draft, f"staff:{caller.id}:{body.client_id}", _actor(caller))

    case = await desk.run(file)
    await desk.told(case)
    shown: dict[str, Any] = await desk.run(desk.shown, case)
    return shown


@router.get("/options", summary="可选的种类、状态、分类", response_model=OptionsOut, responses=documented(*_CALLER))
async def options(_caller: Reader, desk: TheDesk) -> dict[str, Any]:
    """Names for every value that may be chosen."""
    categories = desk.cases.service.rules.categories

    def named(names: Any) -> list[dict[str, str]]:
        return [{"value": value.value, "name": name} for value, name in names.items()]

    return {
        "kinds": named(wording.KINDS),
        "statuses": named(wording.STATUSES),
        "outcomes": named({outcome: wording.OUTCOMES[outcome] for outcome in Outcome}),
        "remedies": [{"value": one.value, "name": one.value} for one in Remedy],
        "categories": {
            part: [{"value": value, "name": one.name} for value, one in getattr(categories, part).items()]
            for part in ("channel", "business", "reason")
        },
    }


@router.get("/notices", summary="我的提醒", response_model=list[NoticeOut], responses=documented(*_CALLER))
async def notices(caller: Reader, desk: TheDesk, unread: bool = True) -> Any:
    """Urged, added to, due soon, escalated: for me and for my roles, newest first."""
    return await desk.run(desk.cases.notices.for_staff, caller.id, caller.roles, unread)


@router.post(
    "/notices/{notice_id}/read", status_code=204, summary="提醒已读", responses=documented(CsrfMissing, *_CALLER)
)
async def read_notice(notice_id: str, caller: Reader, desk: TheDesk) -> None:
    """Mark one of my notices as read; anybody else's is left alone without a word."""
    await desk.run(desk.cases.notices.read, notice_id[:32].replace("\x00", ""), caller.id, caller.roles)


@router.get("/{number}", summary="一张工单", response_model=StaffCaseOut, responses=_READ)
async def one_case(number: str, _caller: Reader, desk: TheDesk) -> Any:
    """A case with its whole timeline and files."""
    return await desk.run(lambda: desk.shown(desk.found(number)))


@router.post("/{number}/contact", summary="查看完整联系方式(留痕)", response_model=ContactOut, responses=_CHANGE)
async def contact(number: str, caller: Worker, desk: TheDesk) -> dict[str, Any]:
    """The contact in full; that it was looked at stands in the timeline from then on."""

    def reveal() -> str | None:
        case = desk.workable(number, caller)
        desk.cases.service.act(case.number, actions.ViewContact(), _actor(caller))
        return desk.cases.service.contact(case.number)

    return {"contact": await desk.run(reveal)}


@router.post(
    "/{number}/assign",
    summary="指定负责人",
    response_model=StaffCaseOut,
    responses={**_CHANGE, **documented(CaseNotFound, AccountNotFound)},
)
async def assign(number: str, body: AssignIn, caller: Worker, desk: TheDesk, identity: IdentityDep) -> Any:
    """Make an agent or supervisor responsible; agents take what nobody has or pass on their own."""
    to = await desk.run(identity.accounts.get, body.to)
    if not to.active or not to.has("agent", "supervisor"):
        raise CaseActionRefused(wording.NOT_ASSIGNABLE)
    return await desk.act(number, caller, actions.Assign(to=to.id, name=to.name), body.version)


@router.post("/{number}/advance", summary="更新状态", response_model=StaffCaseOut, responses=_CHANGE)
async def advance(number: str, body: AdvanceIn, caller: Worker, desk: TheDesk) -> Any:
    """Go on to a working status and tell the customer."""
    return await desk.act(number, caller, actions.Advance(status=body.status, note=body.note), body.version)


@router.post("/{number}/extend", summary="批准延期", response_model=StaffCaseOut, responses=_CHANGE)
async def extend(number: str, body: ExtendIn, caller: Lead, desk: TheDesk) -> Any:
    """Extend the time for the decision: a supervisor approves by calling this, the customer is told."""
    action = actions.Extend(reason=body.reason, notice=body.notice, approved_by=caller.id, approver=caller.name)
    return await desk.act(number, caller, action, body.version)


@router.post("/{number}/decide", summary="作出处理决定", response_model=StaffCaseOut, responses=_CHANGE)
async def decide(number: str, body: DecideIn, caller: Worker, desk: TheDesk) -> Any:
    """Decide, with reasons and the remedies that the customer is told."""
    action = actions.Decide(outcome=body.outcome, text=body.text, reason=body.reason, remedies=tuple(body.remedies))
    return await desk.act(number, caller, action, body.version)


@router.post("/{number}/close", summary="办结", response_model=StaffCaseOut, responses=_CHANGE)
async def close(number: str, body: CloseIn, caller: Worker, desk: TheDesk) -> Any:
    """Nothing more is to be done."""
    return await desk.act(number, caller, actions.Close(note=body.note), body.version)


@router.post("/{number}/classify", summary="分类与优先级", response_model=StaffCaseOut, responses=_CHANGE)
async def classify(number: str, body: ClassifyIn, caller: Worker, desk: TheDesk) -> Any:
    """Set the codes of the complaint statistics and the priority."""
    action = actions.Classify(**body.dict(exclude={"version"}))
    return await desk.act(number, caller, action, body.version)


@router.post("/{number}/remarks", summary="添加说明", response_model=StaffCaseOut, responses=_CHANGE)
async def remark(number: str, body: StaffRemarkIn, caller: Worker, desk: TheDesk) -> Any:
    """Add a remark, for staff only unless ``public``."""
    return await desk.act(number, caller, actions.Remark(text=body.text, public=body.public), None)


@router.post(
    "/{number}/files",
    status_code=201,
    summary="上传图片或 PDF(最大 5 MB)",
    response_model=CaseFileOut,
    responses={**_CHANGE, **documented(CaseActionRefused, FileRefused), **documented(FileTooLarge)},
)
async def add_file(
    number: str,
    caller: Worker,
    desk: TheDesk,
    file: Annotated[UploadFile, File(description="JPG、PNG、GIF、WebP 或 PDF")],
) -> Any:
    """Add a file; its type is read from its content."""
    content = await file.read(MAX_BYTES + 1)

    def add() -> tuple[Case, CaseFile]:
        case = desk.workable(number, caller)
        return desk.cases.files.add(case.number, file.filename or "", content, _actor(caller))

    case, added = await desk.run(add)
    await desk.told(case)
    return CaseFileOut.from_orm(added)


@router.get(
    "/{number}/files/{file_id}",
    summary="下载文件",
    response_class=FileResponse,
    responses={**_READ, **documented(CaseNotFound, FileNotFound)},
)
async def get_file(number: str, file_id: str, _caller: Reader, desk: TheDesk) -> FileResponse:
    """A file of a case, as an attachment."""

    def find() -> tuple[CaseFile, Any]:
        return desk.cases.files.get(desk.found(number).number, file_id)

    return as_attachment(*await desk.run(find))
