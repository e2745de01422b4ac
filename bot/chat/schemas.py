"""The customer API's JSON, checked strictly: unknown keys and silent conversions are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConstrainedInt, Extra, Field, StrictBool, StrictStr, validator

from bot.blocks import has_lone_surrogate

MAX_SEQ = 2**31 - 1
_CLIENT_ID = r"^[A-Za-z0-9_.:\-]{1,64}$"


class Seq(ConstrainedInt):
    """A sequence number; 0 comes before the first message."""

    strict = True
    ge = 0
    le = MAX_SEQ


class _Request(BaseModel):
    class Config:
        extra = Extra.forbid


class _WithClientId(_Request):
    client_id: StrictStr = Field(..., regex=_CLIENT_ID, description="客户端为这条消息取的唯一名称,重发时不变")


class NewConversation(_Request):
    """Open a conversation."""

    elder: StrictBool = Field(False, description="是否大字版")
    channel: Literal["web", "app"] = "web"
    identity_token: StrictStr | None = Field(None, description="银行页面为已登录客户签发的 JWT,见 docs/identity.md")


class IdentityIn(_Request):
    """Sign in with a token of the bank's page; null: sign out."""

    identity_token: StrictStr | None = Field(..., description="银行页面签发的 JWT;null 表示退出")


class Send(_WithClientId):
    """A message: either ``text`` or ``button_id``."""

    text: StrictStr | None = Field(None, description="客户输入的文字,最多 2000 字")
    button_id: StrictStr | None = Field(None, max_length=64, description="机器人消息中按钮的 id")


class Elder(_Request):
    """Large type was switched on or off."""

    elder: StrictBool = Field(..., description="是否大字版")


class LeaveMessage(_WithClientId):
    """Ask for a human."""

    text: StrictStr | None = Field(None, description="给人工客服的话,可不填")


class Rate(_Request):
    """A verdict on one message."""

    seq: Seq
    value: Literal["up", "down"]
    reason: StrictStr | None = Field(None, description="原因,最多 500 字")


class Typing(_Request):
    """The customer types, or no longer."""

    on: StrictBool


class Hello(_Request):
    """The first frame of a WebSocket."""

    type: Literal["hello"]
    token: StrictStr = Field(..., max_length=200)
    last_seq: Seq = Seq(0)

    @validator("token")
    def _plain(cls, value: str) -> str:
        if has_lone_surrogate(value):
            raise ValueError("no valid text")
        return value


class MessageOut(BaseModel):
    """A message of the log."""

    seq: int
    role: Literal["customer", "bot", "agent", "system"]
    blocks: list[dict[str, Any]] = Field(..., description="消息块,见 blocks 规范")
    created_at: datetime = Field(..., description="UTC 时间")
    client_id: str | None = None
    masked: list[str] | None = Field(None, description="被遮盖的敏感信息种类")
    routing: dict[str, Any] | None = None
    agent: str | None = Field(None, description="坐席消息的工号")


class ConversationOut(BaseModel):
    """A new conversation; the token is shown once."""

    conversation_id: str
    token: str
    messages: list[MessageOut]
    identity: Literal["anonymous", "verified"]


class IdentityOut(BaseModel):
    """Who the conversation is with now."""

    identity: Literal["anonymous", "verified"]
    name: str = Field("", description="已脱敏的姓名,例如 王**")
    elder: bool = False


class AckOut(BaseModel):
    """The message is in the log."""

    seq: int
    client_id: str
    masked: list[str]


class PageOut(BaseModel):
    """A part of the log."""

    messages: list[MessageOut]
    last_seq: int
