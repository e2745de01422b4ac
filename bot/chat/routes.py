"""The customer's REST API. Tokens come in the ``Authorization`` header, never in an address."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.chat.message_log import MAX_PAGE
from bot.chat.records import Ack, Conversation
from bot.chat.schemas import (
    MAX_SEQ,
    AckOut,
    ConversationOut,
    Elder,
    LeaveMessage,
    NewConversation,
    PageOut,
    Rate,
    Send,
)
from bot.chat.service import Chat
from bot.errors import (
    BodyTooLarge,
    ConversationNotFound,
    IdentityExpired,
    IdentityRefused,
    InvalidCharacters,
    InvalidRequest,
    MessageEmpty,
    MessageNotFound,
    MessageTooLong,
    RateLimited,
    TooManyPending,
    UnknownButton,
)
from bot.http.asgi import client_address
from bot.http.handlers import documented

_bearer = HTTPBearer(auto_error=False, description="创建会话时得到的 token")
_TEXT_ERRORS = (InvalidRequest, MessageEmpty, MessageTooLong, InvalidCharacters, BodyTooLarge, RateLimited)

ConversationId = Annotated[str, Path()]


def _ack(ack: Ack) -> dict[str, Any]:
    return {"seq": ack.seq, "client_id": ack.client_id, "masked": ack.masked}


router = APIRouter(prefix="/api/conversations", tags=["会话"])


async def the_chat(request: Request) -> Chat:
    """The application's :class:`Chat`; a coroutine, for FastAPI runs plain functions in a thread of their own."""
    chat: Chat = request.app.state.chat
    return chat


TheChat = Annotated[Chat, Depends(the_chat)]


async def counted(request: Request, chat: TheChat) -> str:
    """The caller's address, after counting the request against its limit."""
    address = client_address(request)
    await chat.limits.check_request(address)
    return address


Address = Annotated[str, Depends(counted)]


async def opened(
    conversation_id: ConversationId,
    address: Address,
    chat: TheChat,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Conversation:
    """The conversation which the caller's token opens."""
    if credentials is None:
        raise ConversationNotFound()
    return await chat.authenticate(conversation_id, credentials.credentials)


Opened = Annotated[Conversation, Depends(opened)]


@router.post(
    "",
    status_code=201,
    summary="开始一个会话",
    response_model=ConversationOut,
    responses=documented(IdentityRefused, IdentityExpired, InvalidRequest, BodyTooLarge, RateLimited),
)
async def create(request: NewConversation, address: Address, chat: TheChat) -> JSONResponse:
    """Open a conversation with its welcome message; a customer signed in by the bank's page is known at once."""
    new = await chat.open(request.channel, request.elder, address, request.identity_token)
    return JSONResponse(
        {
            "conversation_id": new.conversation.id,
            "token": new.token,
            "messages": [message.as_json() for message in new.messages],
            "identity": new.conversation.identity,
        },
        status_code=201,
    )


@router.post(
    "/{conversation_id}/messages",
    status_code=202,
    summary="发送一条消息(重发同一 client_id 不会重复)",
    response_model=AckOut,
    responses=documented(ConversationNotFound, UnknownButton, TooManyPending, *_TEXT_ERRORS),
)
async def send(request: Send, conversation: Opened, address: Address, chat: TheChat) -> dict[str, Any]:
    """Write a message into the log; the answer arrives there too."""
    return _ack(await chat.send(conversation.id, request.client_id, request.text, request.button_id, address))


@router.get(
    "/{conversation_id}/messages",
    summary="读取某序号之后的消息",
    response_model=PageOut,
    responses=documented(ConversationNotFound, InvalidRequest, RateLimited),
)
async def read(
    conversation: Opened,
    chat: TheChat,
    after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
) -> JSONResponse:
    """Read on from any sequence number."""
    messages, last_seq = await chat.read(conversation.id, after, limit)
    return JSONResponse({"messages": [message.as_json() for message in messages], "last_seq": last_seq})


@router.post(
    "/{conversation_id}/handoff",
    status_code=202,
    summary="转人工",
    response_model=AckOut,
    responses=documented(ConversationNotFound, *_TEXT_ERRORS),
)
async def handoff(request: LeaveMessage, conversation: Opened, address: Address, chat: TheChat) -> dict[str, Any]:
    """Ask for a person: a place in the queue, or a message is left when nobody can come."""
    return _ack(await chat.want_human(conversation.id, request.client_id, request.text, address))


@router.post(
    "/{conversation_id}/feedback",
    status_code=204,
    summary="评价一条消息",
    responses=documented(ConversationNotFound, MessageNotFound, *_TEXT_ERRORS),
)
async def rate(request: Rate, conversation: Opened, address: Address, chat: TheChat) -> Response:
    """Rate a message."""
    await chat.rate(conversation.id, request.seq, request.value, request.reason, address)
    return Response(status_code=204)


@router.post(
    "/{conversation_id}/elder",
    status_code=204,
    summary="切换大字版",
    responses=documented(ConversationNotFound, InvalidRequest, RateLimited),
)
async def switch_elder(request: Elder, conversation: Opened, chat: TheChat) -> Response:
    """Tell that large type was switched on or off in the middle of a talk."""
    if conversation.elder != request.elder:
        await chat.set_elder(conversation.id, request.elder)
    return Response(status_code=204)
