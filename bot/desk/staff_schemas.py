"""The JSON of the staff accounts interface, checked strictly."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConstrainedInt, Extra, Field, StrictBool, StrictStr, root_validator

from bot.blocks import has_lone_surrogate
from bot.identity.passwords import MAX_CHARS
from bot.identity.staff import MAX_CHATS
from bot.identity.staff_records import Role, Skill


class _Request(BaseModel):
    @root_validator(pre=True)
    def _valid_text(cls, values: dict[str, Any]) -> dict[str, Any]:
        if any(isinstance(value, str) and has_lone_surrogate(value) for value in values.values()):
            raise ValueError("no valid text")
        return values

    class Config:
        extra = Extra.forbid


class Chats(ConstrainedInt):
    """How many chats at once."""

    strict = True
    ge = 0
    le = MAX_CHATS


class LoginIn(_Request):
    """Credentials."""

    account: StrictStr = Field(..., min_length=1, max_length=64, description="工号")
    password: StrictStr = Field(..., min_length=1, max_length=MAX_CHARS)
    totp: StrictStr | None = Field(None, max_length=16, description="身份验证器上的六位动态口令")


class PasswordIn(_Request):
    """The present and the new password."""

    present: StrictStr = Field(..., min_length=1, max_length=MAX_CHARS)
    new: StrictStr = Field(..., min_length=1, max_length=MAX_CHARS)


class PasswordOnly(_Request):
    """The present password, asked for again."""

    password: StrictStr = Field(..., min_length=1, max_length=MAX_CHARS)


class CodeIn(_Request):
    """A code of the authenticator."""

    code: StrictStr = Field(..., min_length=1, max_length=16)


class AccountIn(_Request):
    """A new account."""

    id: StrictStr = Field(..., min_length=3, max_length=32, description="工号")
    name: StrictStr = Field(..., min_length=1, max_length=40)
    password: StrictStr = Field(..., min_length=1, max_length=MAX_CHARS, description="初始密码,首次登录必须修改")
    roles: list[Role] = Field(..., min_items=1, max_items=5)
    skills: list[Skill] = Field([], max_items=20)
    max_chats: Chats = Field(Chats(3), description="同时接待的会话数上限")


class AccountPatch(_Request):
    """What to change; absent fields stay."""

    name: StrictStr | None = Field(None, min_length=1, max_length=40)
    roles: list[Role] | None = Field(None, min_items=1, max_items=5)
    skills: list[Skill] | None = Field(None, max_items=20)
    max_chats: Chats | None = None
    active: StrictBool | None = None
    password: StrictStr | None = Field(None, min_length=1, max_length=MAX_CHARS)
    totp_off: StrictBool = Field(False, description="停用该账号的动态口令(设备遗失时)")


class AccountOut(BaseModel):
    """An account."""

    id: str
    name: str
    roles: list[Role]
    skills: list[Skill]
    max_chats: int
    active: bool
    demo: bool
    must_change_password: bool
    totp: bool

    class Config:
        orm_mode = True


class SignedInOut(BaseModel):
    """Who is signed in."""

    staff: AccountOut
    csrf_token: str = Field(..., description="修改类请求须在 X-CSRF-Token 头中带上")

    class Config:
        orm_mode = True


class TotpOut(BaseModel):
    """A secret for the authenticator, shown once."""

    secret: str
    uri: str


class AuditOut(BaseModel):
    """One entry of the audit log."""

    id: int
    at: datetime
    actor: str | None
    action: str
    subject: str | None
    address: str | None
    details: dict[str, Any]

    class Config:
        orm_mode = True
