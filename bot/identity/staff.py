"""Staff accounts: who works here, with which roles, skills and capacity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.errors import AccountExists, AccountNotFound, InvalidRequest, LastAdmin
from bot.identity.clock import Clock, utc_now
from bot.identity.passwords import check_strength, hash_password
from bot.identity.staff_audit import StaffAudit
from bot.identity.staff_records import ROLES, SKILLS, StaffMember, looks_like_account, member_from
from bot.identity.staff_sessions import end_sessions
from bot.store.database import Database
from bot.store.identity_tables import staff

MAX_CHATS = 20


@dataclass(frozen=True)
class Changes:
    """What to change of an account; None leaves a field as it is."""

    name: str | None = None
    roles: Collection[str] | None = None
    skills: Collection[str] | None = None
    max_chats: int | None = None
    active: bool | None = None
    password: str | None = None
    totp_off: bool = False


class StaffAccounts:
    """Repository of accounts; every change is audited in the same transaction.

    Args:
        demo_permitted: whether demo accounts count (development only).
    """

    def __init__(self, database: Database, audit: StaffAudit, demo_permitted: bool, clock: Clock = utc_now) -> None:
        self._database = database
        self._audit = audit
        self._demo_permitted = demo_permitted
        self._clock = clock

    def add(
        self,
        account: str,
        name: str,
        password: str,
        roles: Collection[str],
        skills: Collection[str] = (),
        max_chats: int = 3,
        *,
        by: str,
        address: str | None = None,
        must_change_password: bool = True,
    ) -> StaffMember:
        """Create an account.

        Args:
            by: account of the administrator, or ``cli``.
            address: where the administrator calls from, for the audit log.
            must_change_password: the password was chosen by somebody else.

        Raises:
            InvalidRequest: an account name, role, skill or number that can't be.
            PasswordWeak, AccountExists
        """
        if not looks_like_account(account):
            raise InvalidRequest(field="account")
        check_strength(password, account)
        time = self._clock()
        values = {
            "id": account,
            "name": _checked_name(name),
            "password_hash": hash_password(password),
            "roles": _checked(roles, ROLES, "roles", least=1),
            "skills": _checked(skills, SKILLS, "skills"),
            "max_chats": _checked_number(max_chats),
            "active": True,
            "demo": False,
            "must_change_password": must_change_password,
            "created_at": time,
            "updated_at": time,
        }
        try:
            with self._database.write() as connection:
                connection.execute(insert(staff).values(**values))
                details = {key: values[key] for key in ("roles", "skills", "max_chats")}
                self._audit.record(connection, by, "account_added", account, address=address, details=details)
        except IntegrityError as error:
            raise AccountExists(account=account) from error
        return self.get(account)

    def get(self, account: str) -> StaffMember:
        """One account; raises ``AccountNotFound``."""
        if not looks_like_account(account):
            raise AccountNotFound()
        with self._database.read() as connection:
            row = connection.execute(select(staff).where(staff.c.id == account)).one_or_none()
        if row is None:
            raise AccountNotFound()
        return member_from(row)

    def all(self) -> list[StaffMember]:
        """All accounts by name of login."""
        with self._database.read() as connection:
            return [member_from(row) for row in connection.execute(select(staff).order_by(staff.c.id))]

    def change(self, account: str, changes: Changes, *, by: str, address: str | None = None) -> StaffMember:
        """Change an account. New roles, a new password or a deactivation end its sessions.

        Raises:
            AccountNotFound, InvalidRequest, PasswordWeak
            LastAdmin: nobody would be left who can administer.
        """
        if not looks_like_account(account):
            raise AccountNotFound()
        values: dict[str, Any] = {}
        if changes.name is not None:
            values["name"] = _checked_name(changes.name)
        if changes.roles is not None:
            values["roles"] = _checked(changes.roles, ROLES, "roles", least=1)
        if changes.skills is not None:
            values["skills"] = _checked(changes.skills, SKILLS, "skills")
        if changes.max_chats is not None:
            values["max_chats"] = _checked_number(changes.max_chats)
        if changes.active is not None:
            values["active"] = changes.active
        told = dict(values)
        if changes.password is not None:
            check_strength(changes.password, account)
            values |= {"password_hash": hash_password(changes.password), "must_change_password": True}
            told["password"] = True
        if changes.totp_off:
            values |= {"totp_secret": None, "totp_pending": None, "totp_last_step": None}
            told["totp"] = False
        with self._database.write() as connection:
            administrators = self._administrators(connection)
            row = connection.execute(select(staff).where(staff.c.id == account).with_for_update()).one_or_none()
            if row is None:
                raise AccountNotFound()
            connection.execute(update(staff).where(staff.c.id == account).values(**values, updated_at=self._clock()))
            if administrators == [account] and not self._administrators(connection):
                raise LastAdmin()
            if not {"roles", "active", "password_hash", "totp_secret"}.isdisjoint(values):
                end_sessions(connection, account, self._clock())
            self._audit.record(connection, by, "account_changed", account, address=address, details=told)
        return self.get(account)

    def _administrators(self, connection: Connection) -> list[str]:
        """Who can administer; their rows stay locked, so that two can't remove each other."""
        query = select(staff.c.id, staff.c.roles).where(staff.c.active)
        if not self._demo_permitted:
            query = query.where(staff.c.demo.is_(False))
        rows = connection.execute(query.order_by(staff.c.id).with_for_update())
        return [row.id for row in rows if "admin" in row.roles]


def _checked(given: Collection[str], known: tuple[str, ...], field: str, least: int = 0) -> list[str]:
    if not set(given) <= set(known) or len(set(given)) < least:
        raise InvalidRequest(field=field)
    return [one for one in known if one in given]


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise InvalidRequest(field="name")
    return name


def _checked_number(max_chats: int) -> int:
    if not 0 <= max_chats <= MAX_CHATS:
        raise InvalidRequest(field="max_chats")
    return max_chats
