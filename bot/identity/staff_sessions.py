"""Sessions of staff, kept on the server: the browser holds a random token, the database its digest.

A session ends by signing out, by 30 minutes without use, twelve hours after it began at the latest, and at once
when the account is deactivated or its password or roles change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from bot.errors import NotSignedIn
from bot.identity.clock import Clock, utc_now
from bot.identity.keys import Keys
from bot.identity.staff_records import StaffMember, member_from
from bot.store.database import Database
from bot.store.identity_tables import staff, staff_sessions
from bot.tokens import hash_token, new_id, new_token

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=1)
_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class StaffSession:
    """A live session; ``csrf_token`` must come with every request that changes something."""

    id: str
    member: StaffMember
    csrf_token: str


def end_sessions(connection: Connection, account: str, at: datetime, but: str | None = None) -> None:
    """End all sessions of an account in the caller's transaction, except the one with id ``but``."""
    ended = update(staff_sessions).where(staff_sessions.c.staff_id == account, staff_sessions.c.ended_at.is_(None))
    if but is not None:
        ended = ended.where(staff_sessions.c.id != but)
    connection.execute(ended.values(ended_at=at))


class StaffSessions:
    """Repository of sessions.

    Args:
        demo_permitted: whether demo accounts count (development only).
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        demo_permitted: bool,
        clock: Clock = utc_now,
        idle: timedelta = IDLE,
        absolute: timedelta = ABSOLUTE,
    ) -> None:
        self._database = database
        self._keys = keys
        self._demo_permitted = demo_permitted
        self._clock = clock
        self._idle = idle
        self.absolute = absolute

    def start(self, connection: Connection, account: str) -> str:
        """Begin a session in the caller's transaction and return its token, which is always a new one."""
        token, at = new_token(), self._clock()
        connection.execute(
            insert(staff_sessions).values(
                id=new_id(),
                token_hash=hash_token(token),
                staff_id=account,
                created_at=at,
                last_seen_at=at,
                expires_at=at + self.absolute,
            )
        )
        return token

    def find(self, token: str | None) -> StaffSession:
        """The live session behind ``token``; using it keeps it alive.

        Raises:
            NotSignedIn: no token, an unknown one, or a session that has ended in whatever way.
        """
        if not token:
            raise NotSignedIn()
        at = self._clock()
        table = staff_sessions
        with self._database.read() as connection:
            row = connection.execute(
                select(staff, table.c.id.label("session_id"), table.c.last_seen_at)
                .join(table, table.c.staff_id == staff.c.id)
                .where(
                    table.c.token_hash == hash_token(token),
                    table.c.ended_at.is_(None),
                    table.c.expires_at > at,
                    table.c.last_seen_at > at - self._idle,
                    staff.c.active,
                )
            ).one_or_none()
        if row is None or (row.demo and not self._demo_permitted):
            raise NotSignedIn()
        if at - row.last_seen_at >= _NOTED_EVERY:
            with self._database.write() as connection:
                connection.execute(update(table).where(table.c.id == row.session_id).values(last_seen_at=at))
        return StaffSession(row.session_id, member_from(row), self.csrf_token(token))

    def csrf_token(self, token: str) -> str:
        """What a page must send beside the cookie; bound to the session, useless for any other."""
        return self._keys.digest("staff csrf", token)

    def end(self, token: str | None) -> str | None:
        """End the session behind ``token``; returns its account if it was live."""
        if not token:
            return None
        table = staff_sessions
        with self._database.write() as connection:
            found = select(table).where(table.c.token_hash == hash_token(token), table.c.ended_at.is_(None))
            row = connection.execute(found.with_for_update()).one_or_none()
            if row is None:
                return None
            connection.execute(update(table).where(table.c.id == row.id).values(ended_at=self._clock()))
        return str(row.staff_id)

    def sweep(self) -> int:
        """Delete sessions that ended a month ago or longer; returns how many."""
        with self._database.write() as connection:
            old = delete(staff_sessions).where(staff_sessions.c.expires_at <= self._clock() - _KEPT)
            deleted: int = connection.execute(old).rowcount
        return deleted
