"""What agents do, over REST: ``/api/staff/desk``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from bot.chat.message_log import MAX_PAGE
from bot.chat.schemas import MAX_SEQ
from bot.desk.build import DeskRoom
from bot.desk.closing import DISPOSITIONS
from bot.desk.desk_schemas import (
    ConsultIn,
    DispositionIn,
    LeftDoneIn,
    NoteIn,
    PhraseIn,
    RevealIn,
    SayIn,
    SettledIn,
    StatusIn,
    TransferIn,
)
from bot.desk.presence import BREAK_REASONS, agent_view
from bot.desk.records import SKILL_NAMES
from bot.errors import (
    ChatNotFound,
    ChatsOpen,
    ChatTaken,
    CsrfMissing,
    DeskFull,
    EntryNotFound,
    InvalidRequest,
    NobodyWaits,
    NotPermitted,
    NotSignedIn,
    NotYourChat,
    PasswordChangeRequired,
    PhraseBlocked,
    PhraseWarned,
    RateLimited,
)
from bot.http.handlers import documented
from bot.http.staff import require_roles
from bot.identity.staff_records import StaffMember
from bot.store.pubsub import DESK_TOPIC, LOG_GREW, desk_event

CALLER = (NotSignedIn, CsrfMissing, NotPermitted, PasswordChangeRequired, InvalidRequest, RateLimited)
T = TypeVar("T")

Agent = Annotated[StaffMember, Depends(require_roles("agent", "supervisor"))]
Reader = Annotated[StaffMember, Depends(require_roles("agent", "supervisor", "auditor", "admin"))]
ChatId = Annotated[str, Path(max_length=32)]
Scope = Literal["mine", "left", "recent", "all"]

router = APIRouter(prefix="/api/staff/desk", tags=["坐席台"])


def the_desk(request: Request) -> DeskRoom:
    """The application's desk."""
    room: DeskRoom = request.app.state.services.desk
    return room


Desk = Annotated[DeskRoom, Depends(the_desk)]


async def run(request: Request, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Run a blocking function in a database thread."""
    found: T = await request.app.state.services.threads.run(function, *arguments, **options)
    return found


async def changed(request: Request, conversation_id: str) -> None:
    """Tell the customer's page and every console that this chat has changed."""
    pubsub = request.app.state.services.pubsub
    await pubsub.publish(conversation_id, LOG_GREW)
    await pubsub.publish(DESK_TOPIC, desk_event(conversation_id))


async def done(request: Request, conversation_id: str, function: Callable[..., Any], *arguments: Any) -> Response:
    """Do something to a chat, tell everybody, answer 204."""
    await run(request, function, *arguments)
    await changed(request, conversation_id)
    return Response(status_code=204)


async def shown(request: Request, member: StaffMember, conversation_id: str) -> JSONResponse:
    """A chat as it is now."""
    room: DeskRoom = request.app.state.services.desk
    await changed(request, conversation_id)
    return JSONResponse(await run(request, room.dossiers.chat, member, conversation_id))


@router.get("/me", summary="我的坐席状态", responses=documented(*CALLER))
async def me(member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """One's own presence and what the console offers to choose from."""
    agent = await run(request, desk.presence.arrives, member)
    return JSONResponse(
        {
            "agent": agent_view(agent),
            "figures": desk.settings.rules.desk.dict(),
            "break_reasons": list(BREAK_REASONS),
            "dispositions": [{"code": code, "name": name} for code, name in DISPOSITIONS.items()],
            "skills": [{"code": code, "name": name} for code, name in SKILL_NAMES.items()],
        }
    )


@router.put("/me/status", summary="更改状态", responses=documented(ChatsOpen, *CALLER))
async def set_status(body: StatusIn, member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """Online, busy, break with its reason, wrap-up, offline."""
    agent = await run(request, desk.presence.set_status, member, body.status, body.reason)
    await request.app.state.services.pubsub.publish(DESK_TOPIC, {"type": "agents"})
    return JSONResponse(agent_view(agent))


@router.post("/me/beat", status_code=204, summary="心跳", responses=documented(*CALLER))
async def beat(member: Agent, desk: Desk, request: Request) -> Response:
    """The page is alive."""
    await run(request, desk.presence.beat, member.id)
    return Response(status_code=204)


@router.get("/agents", summary="在岗坐席", responses=documented(*CALLER))
async def agents(_member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """Who is there, for transfer and consulting."""
    return JSONResponse([agent_view(agent) for agent in await run(request, desk.presence.there)])


@router.get("/queue", summary="排队中的客户", responses=documented(*CALLER))
async def queue(_member: Reader, desk: Desk, request: Request) -> JSONResponse:
    """Everybody who waits, in order."""
    return JSONResponse(await run(request, desk.dossiers.queue))


@router.get("/chats", summary="会话列表", responses=documented(*CALLER))
async def chats(
    member: Reader, desk: Desk, request: Request, scope: Annotated[Scope, Query()] = "mine"
) -> JSONResponse:
    """My chats, left messages, recent ones; supervisors also all live ones."""
    return JSONResponse(await run(request, desk.dossiers.chats, member, scope))


@router.post("/next", summary="接入等候最久的客户", responses=documented(NobodyWaits, DeskFull, *CALLER))
async def next_chat(member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """Take who has waited longest."""
    taken = await run(request, desk.chats.claim_next, member.id)
    return await shown(request, member, taken.conversation_id)


@router.get("/chats/{conversation_id}", summary="会话全貌", responses=documented(ChatNotFound, *CALLER))
async def dossier(conversation_id: ChatId, member: Reader, desk: Desk, request: Request) -> JSONResponse:
    """Summary, customer, spans, notes, cases, earlier visits."""
    return JSONResponse(await run(request, desk.dossiers.dossier, member, conversation_id))


@router.get("/chats/{conversation_id}/messages", summary="会话消息", responses=documented(ChatNotFound, *CALLER))
async def messages(
    conversation_id: ChatId,
    member: Reader,
    desk: Desk,
    request: Request,
    after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
) -> JSONResponse:
    """The log from any sequence number on."""
    found, last_seq = await run(request, desk.dossiers.messages, member, conversation_id, after, limit)
    return JSONResponse({"messages": [message.as_json() for message in found], "last_seq": last_seq})


@router.post("/chats/{conversation_id}/claim", summary="接入", responses=documented(ChatTaken, DeskFull, *CALLER))
async def claim(conversation_id: ChatId, member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """Take one who waits, or accept what rings."""
    await run(request, desk.chats.claim, member.id, conversation_id)
    return await shown(request, member, conversation_id)


@router.post(
    "/chats/{conversation_id}/decline", status_code=204, summary="谢绝来电", responses=documented(NotYourChat, *CALLER)
)
async def decline(conversation_id: ChatId, member: Agent, desk: Desk, request: Request) -> Response:
    """Let it ring elsewhere."""
    return await done(request, conversation_id, desk.chats.decline, member.id, conversation_id)


@router.post(
    "/chats/{conversation_id}/messages",
    status_code=202,
    summary="发送消息给客户",
    responses=documented(NotYourChat, PhraseBlocked, PhraseWarned, EntryNotFound, *CALLER),
)
async def say(conversation_id: ChatId, body: SayIn, member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """Say something; checked for words that must not be said."""
    sent = await run(request, desk.saying.say, member, conversation_id, body)
    await changed(request, conversation_id)
    return JSONResponse({"seq": sent, "client_id": body.client_id}, status_code=202)


@router.post(
    "/chats/{conversation_id}/notes", status_code=201, summary="内部备注", responses=documented(ChatNotFound, *CALLER)
)
async def note(conversation_id: ChatId, body: NoteIn, member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """A private note."""
    written = await run(request, desk.cooperation.note, member, conversation_id, body.text)
    await changed(request, conversation_id)
    return JSONResponse(written, status_code=201)


@router.post(
    "/chats/{conversation_id}/transfer",
    status_code=204,
    summary="转接",
    responses=documented(NotYourChat, EntryNotFound, *CALLER),
)
async def transfer(conversation_id: ChatId, body: TransferIn, member: Agent, desk: Desk, request: Request) -> Response:
    """Offer to an agent, or hand on to a team."""
    if body.to_agent is not None:
        return await done(
            request, conversation_id, desk.cooperation.offer, member, conversation_id, body.to_agent, body.memo
        )
    return await done(
        request, conversation_id, desk.cooperation.to_team, member, conversation_id, body.skill, body.memo
    )


@router.post(
    "/chats/{conversation_id}/transfer/accept",
    summary="接受转接",
    responses=documented(ChatTaken, DeskFull, *CALLER),
)
async def transfer_accept(conversation_id: ChatId, member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """Warm acceptance."""
    await run(request, desk.cooperation.accept, member, conversation_id)
    return await shown(request, member, conversation_id)


@router.post(
    "/chats/{conversation_id}/transfer/decline",
    status_code=204,
    summary="谢绝转接",
    responses=documented(ChatTaken, *CALLER),
)
async def transfer_decline(conversation_id: ChatId, member: Agent, desk: Desk, request: Request) -> Response:
    """It stays where it is."""
    return await done(request, conversation_id, desk.cooperation.refuse, member, conversation_id)


@router.post(
    "/chats/{conversation_id}/transfer/cancel",
    status_code=204,
    summary="取消转接",
    responses=documented(ChatTaken, *CALLER),
)
async def transfer_cancel(conversation_id: ChatId, member: Agent, desk: Desk, request: Request) -> Response:
    """Take the offer back."""
    return await done(request, conversation_id, desk.cooperation.refuse, member, conversation_id)


@router.post(
    "/chats/{conversation_id}/consult",
    status_code=201,
    summary="咨询同事",
    responses=documented(NotYourChat, ChatNotFound, EntryNotFound, *CALLER),
)
async def consult(
    conversation_id: ChatId, body: ConsultIn, member: Agent, desk: Desk, request: Request
) -> JSONResponse:
    """Ask another agent, or answer."""
    written = await run(request, desk.cooperation.consult, member, conversation_id, body.to_agent, body.text)
    await changed(request, conversation_id)
    return JSONResponse(written, status_code=201)


@router.post(
    "/chats/{conversation_id}/propose-bot",
    status_code=204,
    summary="征求同意转回智能客服",
    responses=documented(NotYourChat, *CALLER),
)
async def propose_bot(
    conversation_id: ChatId, body: SettledIn, member: Agent, desk: Desk, request: Request
) -> Response:
    """Only the customer's yes does it."""
    return await done(request, conversation_id, desk.chats.propose_bot, member.id, conversation_id, body.settled)


@router.post("/chats/{conversation_id}/end", summary="结束服务", responses=documented(NotYourChat, *CALLER))
async def end(conversation_id: ChatId, member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """End the talk; the rating is invited once."""
    await run(request, desk.chats.end, member.id, conversation_id)
    return await shown(request, member, conversation_id)


@router.post(
    "/chats/{conversation_id}/disposition",
    status_code=204,
    summary="填写服务小结",
    responses=documented(NotYourChat, *CALLER),
)
async def disposition(
    conversation_id: ChatId, body: DispositionIn, member: Agent, desk: Desk, request: Request
) -> Response:
    """服务小结: closes the chat."""
    values = (body.code, body.note, body.settled, body.case_number)
    return await done(request, conversation_id, desk.closing.dispose, member, conversation_id, *values)


@router.post(
    "/chats/{conversation_id}/left-done",
    status_code=204,
    summary="留言已处理",
    responses=documented(NotYourChat, *CALLER),
)
async def left_done(conversation_id: ChatId, body: LeftDoneIn, member: Agent, desk: Desk, request: Request) -> Response:
    """A left message has been dealt with."""
    return await done(request, conversation_id, desk.closing.left_done, member, conversation_id, body.note)


@router.post("/chats/{conversation_id}/reply-left", summary="回复留言", responses=documented(ChatTaken, *CALLER))
async def reply_left(conversation_id: ChatId, member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """Talk to a customer who left a message."""
    await run(request, desk.closing.reply_left, member, conversation_id)
    return await shown(request, member, conversation_id)


@router.post(
    "/chats/{conversation_id}/reveal",
    summary="查看被遮蔽的信息(留痕)",
    responses=documented(ChatNotFound, EntryNotFound, *CALLER),
)
async def reveal(conversation_id: ChatId, body: RevealIn, member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """The contact in full; the reason is kept."""
    value = await run(request, desk.closing.reveal_contact, member, conversation_id, body.reason)
    return JSONResponse({"field": body.field, "value": value})


@router.get("/chats/{conversation_id}/suggestions", summary="建议答复", responses=documented(ChatNotFound, *CALLER))
async def suggestions(
    conversation_id: ChatId,
    member: Agent,
    desk: Desk,
    request: Request,
    q: Annotated[str, Query(max_length=60)] = "",
) -> JSONResponse:
    """Answers from the knowledge, with their sources."""
    readings = await run(request, desk.dossiers.readings, member, conversation_id)
    return JSONResponse(await run(request, desk.suggestions.found, q, readings))


@router.post("/phrases/check", summary="用语检查", responses=documented(*CALLER))
async def check(body: PhraseIn, _member: Agent, desk: Desk, request: Request) -> JSONResponse:
    """What the phrase rules say to a text."""
    found = await run(request, desk.rulebook.findings, body.text)
    return JSONResponse({"findings": [vars(one) for one in found]})


@router.get("/canned", summary="常用语", responses=documented(*CALLER))
async def canned(
    member: Agent,
    desk: Desk,
    request: Request,
    q: Annotated[str, Query(max_length=40)] = "",
    conversation_id: Annotated[str | None, Query(max_length=32)] = None,
) -> JSONResponse:
    """Canned replies by words or pinyin initials, placeholders filled in."""
    values = await run(request, desk.saying.placeholders, member, conversation_id)
    return JSONResponse(await run(request, desk.rulebook.canned, q, values))
