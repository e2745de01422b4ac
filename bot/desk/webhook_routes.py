"""Webhooks, maintained by administrators: ``/api/staff/desk/webhooks``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Extra, Field, StrictStr

from bot.desk.desk_routes import CALLER, Desk, run
from bot.errors import EntryNotFound
from bot.http.handlers import documented
from bot.http.staff import require_roles
from bot.identity.staff_records import StaffMember

Admin = Annotated[StaffMember, Depends(require_roles("admin"))]

router = APIRouter(prefix="/api/staff/desk/webhooks", tags=["坐席台对接"])


class WebhookIn(BaseModel):
    """An address and what it is told."""

    url: StrictStr = Field(..., max_length=500)
    events: list[StrictStr]

    class Config:
        extra = Extra.forbid


@router.get("", summary="推送地址", responses=documented(*CALLER))
async def webhooks(_member: Admin, room: Desk, request: Request) -> JSONResponse:
    """All addresses, without their secrets."""
    return JSONResponse(await run(request, room.webhooks.all))


@router.post("", status_code=201, summary="登记推送地址", responses=documented(*CALLER))
async def register(body: WebhookIn, member: Admin, room: Desk, request: Request) -> JSONResponse:
    """Add one; the signing secret is shown this once."""
    made = await run(request, room.webhooks.register, body.url, body.events, member.id)
    return JSONResponse(made, status_code=201)


@router.delete("/{webhook_id}", status_code=204, summary="删除推送地址", responses=documented(EntryNotFound, *CALLER))
async def remove(
    webhook_id: Annotated[str, Path(max_length=32)], _member: Admin, room: Desk, request: Request
) -> Response:
    """Delete one with its log."""
    await run(request, room.webhooks.remove, webhook_id)
    return Response(status_code=204)


@router.get("/deliveries", summary="推送记录", responses=documented(*CALLER))
async def deliveries(_member: Admin, room: Desk, request: Request) -> JSONResponse:
    """What was told, with attempts and answers."""
    return JSONResponse(await run(request, room.webhooks.deliveries))
