"""What the rest of the program knows of a member of staff."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

Role = Literal["agent", "supervisor", "trainer", "auditor", "admin"]
Skill = Literal["general", "card", "loan", "wealth", "complaint", "elder", "urgent"]
ROLES: tuple[str, ...] = get_args(Role)
SKILLS: tuple[str, ...] = get_args(Skill)

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{2,31}")


def looks_like_account(name: str) -> bool:
    """Whether ``name`` could be an account; anything else never reaches the database."""
    return _ACCOUNT.fullmatch(name) is not None


@dataclass(frozen=True)
class StaffMember:
    """One account as the rest of the program sees it; ``id`` is the login name (工号)."""

    id: str
    name: str
    roles: tuple[str, ...]
    skills: tuple[str, ...]
    max_chats: int
    active: bool
    demo: bool
    must_change_password: bool
    totp: bool

    def has(self, *roles: str) -> bool:
        """Whether one of ``roles`` is held."""
        return not set(roles).isdisjoint(self.roles)


def member_from(row: Any) -> StaffMember:
    """A record from a row of ``staff``."""
    return StaffMember(
        id=row.id,
        name=row.name,
        roles=tuple(row.roles),
        skills=tuple(row.skills),
        max_chats=row.max_chats,
        active=row.active,
        demo=row.demo,
        must_change_password=row.must_change_password,
        totp=row.totp_secret is not None,
    )
