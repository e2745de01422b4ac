"""Wrong tries are counted and lock out, in the database, so that all servers agree.

A try is counted *before* it is checked: however many arrive at once, no more than the limit are ever checked.
What is counted (an account, a case number, an address) is kept as a digest only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from bot.errors import LockedOut
from bot.identity.clock import Clock, utc_now
from bot.identity.keys import Keys
from bot.store.database import Database
from bot.store.identity_tables import lockouts
from bot.store.upsert import insert_missing

TRIES = 5
PERIOD = timedelta(minutes=15)


@dataclass(frozen=True)
class Counted:
    """One thing whose wrong tries are counted: ``scope`` (``staff-account``, ``case``, ``address`` …) and value."""

    scope: str
    value: str
    tries: int = TRIES


class Lockouts:
    """Counters of wrong tries.

    Args:
        period: a lock lasts so long; a counter starts anew when its last wrong try is older.
    """

    def __init__(self, database: Database, keys: Keys, clock: Clock = utc_now, period: timedelta = PERIOD) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._period = period

    def take(self, *counted: Counted) -> None:
        """Count one try for each of ``counted``; call :meth:`forgive` when it proves right.

        Raises:
            LockedOut: one of them is locked; nothing has been counted then.
        """
        with self._database.write() as connection:
            self.take_within(connection, *counted)

    def take_within(self, connection: Connection, *counted: Counted) -> None:
        """As :meth:`take`, in the caller's write transaction."""
        at = self._clock()
        limits = {self._key(one): one for one in counted}
        rows = self._locked_rows(connection, limits, at)
        until = max((row.locked_until for row in rows if row.locked_until and row.locked_until > at), default=None)
        if until is not None:
            raise LockedOut(retry_after_s=max(1, int((until - at).total_seconds())))
        for row in rows:
            failures = 1 if at - row.last_at >= self._period else row.failures + 1
            locked = failures >= limits[row.key].tries
            connection.execute(
                update(lockouts)
                .where(lockouts.c.key == row.key)
                .values(failures=failures, last_at=at, locked_until=at + self._period if locked else None)
            )

    def take_back(self, *counted: Counted) -> None:
        """The last try was none (what was asked could not be looked up, or more proof is to come)."""
        with self._database.write() as connection:
            self.give_back(connection, *counted)

    def give_back(self, connection: Connection, *counted: Counted) -> None:
        """As :meth:`take_back`, in the caller's write transaction."""
        self._lower(connection, counted, 1)

    def locked(self, connection: Connection, *counted: Counted) -> bool:
        """Whether one of ``counted`` is locked now."""
        keys = [self._key(one) for one in counted]
        found = select(lockouts.c.key).where(lockouts.c.key.in_(keys), lockouts.c.locked_until > self._clock())
        return connection.execute(found.limit(1)).one_or_none() is not None

    def forgive(self, subject: Counted, *others: Counted) -> None:
        """The last try was right: forget the wrong ones on ``subject``, and take just those off ``others``.

        So somebody who proves to be the owner of one account or case gets rid of their own typing errors, but
        never of tries at somebody else's.
        """
        with self._database.write() as connection:
            self.forgive_within(connection, subject, *others)

    def forgive_within(self, connection: Connection, subject: Counted, *others: Counted) -> None:
        """As :meth:`forgive`, in the caller's write transaction."""
        limits = {self._key(one): one for one in (subject, *others)}
        rows = self._locked_rows(connection, limits, self._clock())
        own = next(row for row in rows if row.key == self._key(subject))
        self._lower(connection, others, own.failures)
        connection.execute(delete(lockouts).where(lockouts.c.key == own.key))

    def _lower(self, connection: Connection, counted: Sequence[Counted], by: int) -> None:
        limits = {self._key(one): one for one in counted}
        for row in self._locked_rows(connection, limits, self._clock()):
            left = max(0, row.failures - by)
            locked_until = row.locked_until if left >= limits[row.key].tries else None
            connection.execute(
                update(lockouts).where(lockouts.c.key == row.key).values(failures=left, locked_until=locked_until)
            )

    def sweep(self) -> int:
        """Delete counters that no longer matter; returns how many."""
        at = self._clock()
        with self._database.write() as connection:
            old = delete(lockouts).where(lockouts.c.last_at <= at - self._period)
            deleted: int = connection.execute(old).rowcount
        return deleted

    def _key(self, counted: Counted) -> str:
        return self._keys.digest("lockout", counted.scope, counted.value)

    def _locked_rows(self, connection: Connection, limits: dict[str, Counted], at: datetime) -> list[Any]:
        fresh = [{"key": key, "scope": one.scope, "failures": 0, "last_at": at} for key, one in sorted(limits.items())]
        insert_missing(connection, lockouts, fresh)
        found = select(lockouts).where(lockouts.c.key.in_(limits)).order_by(lockouts.c.key).with_for_update()
        return list(connection.execute(found).all())
