"""What a customer can do about the desk beside talking: see where things stand, leave a message, rate."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Extra, Field, StrictBool, StrictInt, StrictStr, root_validator, validator

from bot.blocks import has_lone_surrogate
from bot.cases.model import Actor
from bot.chat.routes import Address, Opened, TheChat
from bot.chat.schemas import AckOut
from bot.chat.text import customer_text
from bot.desk.build import DeskRoom
from bot.desk.desk_routes import Desk
from bot.errors import (
    BodyTooLarge,
    ConversationNotFound,
    InvalidCharacters,
    InvalidRequest,
    MessageEmpty,
    MessageTooLong,
    NoRating,
    RateLimited,
)
from bot.http.handlers import documented

_TEXT = (InvalidRequest, MessageEmpty, MessageTooLong, InvalidCharacters, BodyTooLarge, RateLimited)
MAX_REASONS = 10
RATING_MAX_CHARS = 500

router = APIRouter(prefix="/api/conversations", tags=["会话"])


class _Request(BaseModel):
    class Config:
        extra = Extra.forbid

    @validator("*", each_item=True)
    def _plain(cls, value: Any) -> Any:
        if isinstance(value, str) and (has_lone_surrogate(value) or "\x00" in value):
            raise ValueError("no valid text")
        return value


class LeaveIn(_Request):
    """A message for a person who answers later."""

    client_id: StrictStr = Field(..., regex=r"^[A-Za-z0-9_.:\-]{1,64}$")
    text: StrictStr = Field(..., description="留言内容,最多 2000 字")
    phone: StrictStr | None = Field(None, regex=r"^[0-9+\- ]{5,20}$", description="联系电话,加密保存")


class RatingIn(_Request):
    """Stars with reasons and words, or declined."""

    stars: StrictInt | None = None
    reasons: list[StrictStr] = Field(default_factory=list)
    text: StrictStr | None = None
    declined: StrictBool = False

    @validator("stars")
    def _range(cls, value: int | None) -> int | None:
        if value is not None and not 1 <= value <= 5:
            raise ValueError("1 to 5")
        return value

    @validator("reasons")
    def _few(cls, value: list[str]) -> list[str]:
        if len(value) > MAX_REASONS or any(len(reason) > 30 for reason in value):
            raise ValueError("too many or too long")
        return value

    @root_validator(skip_on_failure=True)
    def _one(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["declined"] == (values.get("stars") is not None):
            raise ValueError("stars or declined")
        return values


class StateOut(BaseModel):
    """Where the customer stands; see ``docs/desk-api.md``."""

    owner: Literal["bot", "queue", "human"]
    agent: str | None
    place: int | None
    wait_s: int | None
    asks_consent: bool
    rating: dict[str, Any] | None
    left: dict[str, Any] | None


@router.get(
    "/{conversation_id}/state",
    summary="谁在为我服务、排队位置",
    response_model=StateOut,
    responses=documented(ConversationNotFound, InvalidRequest, RateLimited),
)
async def state(conversation: Opened, chat: TheChat) -> JSONResponse:
    """Who speaks, queue place and estimate, what is asked."""
    return JSONResponse(await chat.desk_state(conversation.id))


@router.post(
    "/{conversation_id}/leave",
    status_code=202,
    summary="给人工客服留言",
    response_model=AckOut,
    responses=documented(ConversationNotFound, *_TEXT),
)
async def leave(
    body: LeaveIn, conversation: Opened, address: Address, chat: TheChat, desk: Desk, request: Request
) -> dict[str, Any]:
    """Leave a message: a case with a deadline; a second one joins the first while that is open."""
    threads = request.app.state.services.threads
    joined = await threads.run(desk.requests.open_case, conversation.id)
    text = body.text if body.phone is None else f"{body.text}\n联系电话：{body.phone}"
    ack = await chat.leave(conversation.id, body.client_id, text, address)
    if joined is not None and ack.fresh:
        await threads.run(_remark, desk, joined, body.text, conversation.id, body.client_id)
    return {"seq": ack.seq, "client_id": ack.client_id, "masked": ack.masked}


@router.post(
    "/{conversation_id}/rating",
    status_code=204,
    summary="评价服务",
    responses=documented(ConversationNotFound, NoRating, *_TEXT),
)
async def rate(
    body: RatingIn, conversation: Opened, address: Address, chat: TheChat, desk: Desk, request: Request
) -> Response:
    """Rate the service once, or decline."""
    await chat.limits.check_message(conversation.id, address)
    said = customer_text(body.text, RATING_MAX_CHARS) if body.text and not body.text.isspace() else None
    await request.app.state.services.threads.run(desk.ratings.save, conversation.id, body.stars, body.reasons, said)
    return Response(status_code=204)


def _remark(desk: DeskRoom, number: str, text: str, conversation_id: str, client_id: str) -> None:
    desk.cases.remark(number, text, Actor.customer(conversation_id), key=f"leave:{conversation_id}:{client_id}")
