"""What supervisors and administrators do at the desk, over REST: ``/api/staff/desk``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy import Table

from bot.desk.desk_routes import CALLER, ChatId, Desk, changed, done, run, shown
from bot.desk.desk_schemas import CannedIn, MemoIn, NewCannedIn, NewRuleIn, NoteIn, RuleIn, SettingsIn
from bot.errors import (
    ChatNotFound,
    ChatTaken,
    EntryExists,
    EntryNotFound,
    InvalidRequest,
    NotYourChat,
)
from bot.http.handlers import documented
from bot.http.staff import require_roles
from bot.identity.staff_records import StaffMember
from bot.store import desk_tables as desk

Key = Annotated[str, Path(max_length=40)]
Supervisor = Annotated[StaffMember, Depends(require_roles("supervisor"))]
Lead = Annotated[StaffMember, Depends(require_roles("supervisor", "admin"))]
Watcher = Annotated[StaffMember, Depends(require_roles("supervisor", "auditor", "admin"))]

router = APIRouter(prefix="/api/staff/desk", tags=["班长台"])


@router.get("/board", summary="实时看板", responses=documented(*CALLER))
async def board(_member: Watcher, room: Desk, request: Request) -> JSONResponse:
    """Waiting, talking, agents, service levels, today's figures."""
    return JSONResponse(await run(request, room.board.board))


@router.post(
    "/chats/{conversation_id}/whisper",
    status_code=201,
    summary="悄悄话(只给坐席)",
    responses=documented(NotYourChat, ChatNotFound, *CALLER),
)
async def whisper(conversation_id: ChatId, body: NoteIn, member: Lead, room: Desk, request: Request) -> JSONResponse:
    """Only the agent sees it."""
    written = await run(request, room.cooperation.whisper, member, conversation_id, body.text)
    await changed(request, conversation_id)
    return JSONResponse(written, status_code=201)


@router.post("/chats/{conversation_id}/take-over", summary="接管会话", responses=documented(ChatTaken, *CALLER))
async def take_over(
    conversation_id: ChatId, body: MemoIn, member: Supervisor, room: Desk, request: Request
) -> JSONResponse:
    """Go on with an agent's chat."""
    await run(request, room.cooperation.take_over, member, conversation_id, body.memo)
    return await shown(request, member, conversation_id)


@router.get("/alarms", summary="机器人会话预警", responses=documented(*CALLER))
async def alarms(_member: Lead, room: Desk, request: Request) -> JSONResponse:
    """Bot chats that go wrong before anybody asks for a person."""
    return JSONResponse(await run(request, room.board.alarms))


@router.post(
    "/alarms/{conversation_id}/seen",
    status_code=204,
    summary="预警已查看",
    responses=documented(EntryNotFound, *CALLER),
)
async def alarm_seen(conversation_id: ChatId, member: Lead, room: Desk, request: Request) -> Response:
    """Somebody has looked at it."""
    await run(request, room.board.alarm_seen, member.id, conversation_id)
    return Response(status_code=204)


@router.post(
    "/alarms/{conversation_id}/step-in",
    status_code=204,
    summary="主动提供人工",
    responses=documented(EntryNotFound, ChatTaken, *CALLER),
)
async def step_in(conversation_id: ChatId, member: Supervisor, room: Desk, request: Request) -> Response:
    """Offer the customer a person; the customer decides."""
    return await done(request, conversation_id, room.board.step_in, member.id, conversation_id)


@router.get("/canned/all", summary="全部常用语", responses=documented(*CALLER))
async def all_canned(_member: Lead, room: Desk, request: Request) -> JSONResponse:
    """As the console edits them."""
    return JSONResponse(_plain(await run(request, room.rulebook.replies)))


@router.post("/canned", status_code=204, summary="新增常用语", responses=documented(EntryExists, *CALLER))
async def add_canned(body: NewCannedIn, member: Lead, room: Desk, request: Request) -> Response:
    """Add one."""
    return await _changed(request, room, "add", desk.canned_replies, body.dict(), member)


@router.put("/canned/{key}", status_code=204, summary="修改常用语", responses=documented(EntryNotFound, *CALLER))
async def change_canned(key: Key, body: CannedIn, member: Lead, room: Desk, request: Request) -> Response:
    """Replace one."""
    return await _changed(request, room, "change", desk.canned_replies, body.dict(), member, key)


@router.delete("/canned/{key}", status_code=204, summary="删除常用语", responses=documented(EntryNotFound, *CALLER))
async def remove_canned(key: Key, member: Lead, room: Desk, request: Request) -> Response:
    """Delete one."""
    return await _changed(request, room, "remove", desk.canned_replies, {}, member, key)


@router.get("/phrases", summary="用语规则", responses=documented(*CALLER))
async def phrases(_member: Watcher, room: Desk, request: Request) -> JSONResponse:
    """All rules."""
    return JSONResponse(_plain(await run(request, room.rulebook.rules)))


@router.post("/phrases", status_code=204, summary="新增用语规则", responses=documented(EntryExists, *CALLER))
async def add_phrase(body: NewRuleIn, member: Lead, room: Desk, request: Request) -> Response:
    """Add one."""
    return await _changed(request, room, "add", desk.phrase_rules, body.dict(), member)


@router.put("/phrases/{key}", status_code=204, summary="修改用语规则", responses=documented(EntryNotFound, *CALLER))
async def change_phrase(key: Key, body: RuleIn, member: Lead, room: Desk, request: Request) -> Response:
    """Replace one."""
    return await _changed(request, room, "change", desk.phrase_rules, body.dict(), member, key)


@router.delete("/phrases/{key}", status_code=204, summary="删除用语规则", responses=documented(EntryNotFound, *CALLER))
async def remove_phrase(key: Key, member: Lead, room: Desk, request: Request) -> Response:
    """Delete one."""
    return await _changed(request, room, "remove", desk.phrase_rules, {}, member, key)


@router.get("/settings", summary="坐席台设置", responses=documented(*CALLER))
async def settings(_member: Watcher, room: Desk, request: Request) -> JSONResponse:
    """What is in force, and what differs from the files."""
    return JSONResponse(await run(request, room.maintenance.settings))


@router.put("/settings", summary="修改坐席台设置", responses=documented(*CALLER))
async def change_settings(body: SettingsIn, member: Lead, room: Desk, request: Request) -> JSONResponse:
    """Lay changes over the files; in force within seconds in every server process."""
    try:
        await run(request, room.maintenance.change_settings, member.id, body.rules, body.hours)
    except (ValidationError, ValueError) as error:
        raise InvalidRequest(field="rules、hours") from error
    return JSONResponse(await run(request, room.maintenance.settings))


@router.get("/audit", summary="坐席台审计", responses=documented(*CALLER))
async def audit(
    _member: Annotated[StaffMember, Depends(require_roles("supervisor", "auditor", "admin"))],
    room: Desk,
    request: Request,
    conversation_id: Annotated[str | None, Query(max_length=32)] = None,
) -> JSONResponse:
    """What was revealed, watched, taken over, changed."""
    return JSONResponse(await run(request, room.maintenance.audit, conversation_id))


async def _changed(
    request: Request,
    room: Any,
    how: str,
    table: Table,
    values: dict[str, Any],
    member: StaffMember,
    key: str | None = None,
) -> Response:
    await run(request, room.maintenance.entry, how, table, key, values, member.id)
    return Response(status_code=204)


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "updated_at": row["updated_at"].isoformat()} for row in rows]
