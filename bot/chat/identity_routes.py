"""A customer of the bank signs in or out within an open conversation."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from bot.chat.routes import Address, Opened, TheChat
from bot.chat.schemas import IdentityIn, IdentityOut
from bot.errors import (
    BodyTooLarge,
    ConversationNotFound,
    IdentityConflict,
    IdentityExpired,
    IdentityRefused,
    InvalidRequest,
    RateLimited,
)
from bot.http.handlers import documented

router = APIRouter(prefix="/api/conversations", tags=["会话"])


@router.post(
    "/{conversation_id}/identity",
    summary="登录或退出(由银行页面签发的身份)",
    response_model=IdentityOut,
    responses=documented(
        ConversationNotFound,
        IdentityRefused,
        IdentityExpired,
        IdentityConflict,
        InvalidRequest,
        BodyTooLarge,
        RateLimited,
    ),
)
async def identify(body: IdentityIn, conversation: Opened, address: Address, chat: TheChat) -> dict[str, Any]:
    """Sign in or out."""
    if body.identity_token is None:
        await chat.sign_out(conversation.id)
        return {"identity": "anonymous"}
    customer = await chat.sign_in(conversation.id, body.identity_token)
    return {"identity": "verified", "name": customer.name, "elder": customer.elder}
