"""One-time codes: six digits, kept as a digest, good for five minutes, one use and five wrong tries.

A conversation has one code at a time; a new one kills the one before. An accepted code opens its case to the
conversation in the same transaction in which the customer's message is written.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.engine import Connection

from bot.errors import LockedOut
from bot.identity.clock import Clock, utc_now
from bot.identity.keys import Keys
from bot.identity.lockout import Counted, Lockouts
from bot.store.database import Database
from bot.store.identity_tables import ACCEPTED, DEAD, PENDING, one_time_codes
from bot.store.tables import conversations
from bot.tokens import looks_like_id, new_id

DIGITS = 6
VALID = timedelta(minutes=5)
TRIES = 5
#: A typed code is still understood as one (and refused) so long after it was issued.
REMEMBERED = timedelta(minutes=30)

#: Connection, conversation, case number, time.
OpenCase = Callable[[Connection, str, str, datetime], None]
#: So long an accepted code identifies the customer.
OPENED_FOR = timedelta(minutes=30)

Outcome = Literal["accepted", "wrong", "expired", "locked"]


@dataclass(frozen=True)
class Challenge:
    """The code that a conversation was last asked for."""

    id: str
    conversation_id: str
    case_number: str


def counted_for(case_number: str, conversation_id: str, origin: str) -> tuple[Counted, Counted, Counted]:
    """What wrong tries are counted on: the case (existing or not), the conversation, the address."""
    return Counted("case", case_number), Counted("case-conversation", conversation_id), Counted("case-address", origin)


class Codes:
    """Repository of codes.

    Args:
        open_case: lets a conversation see a case, within the given transaction.
        shown: keep codes readable (encrypted) for the developer's demo page; never in production.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        lockouts: Lockouts,
        open_case: OpenCase,
        shown: bool = False,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._keys = keys
        self._lockouts = lockouts
        self._open_case = open_case
        self._shown = shown
        self._clock = clock

    def issue(self, conversation_id: str, case_number: str) -> str:
        """A new code for a case; earlier ones of the conversation die."""
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        name, at, table = new_id(), self._clock(), one_time_codes
        with self._database.write() as connection:
            self._kill(connection, conversation_id)
            connection.execute(
                insert(table).values(
                    id=name,
                    conversation_id=conversation_id,
                    case_number=case_number,
                    code_hash=self._digest(name, code),
                    state=PENDING,
                    wrong_tries=0,
                    shown=self._keys.encrypt("shown code", code) if self._shown else None,
                    created_at=at,
                    expires_at=at + VALID,
                )
            )
        return code

    def revoke(self, conversation_id: str) -> None:
        """The code could not be delivered, or is wanted no more."""
        with self._database.write() as connection:
            self._kill(connection, conversation_id)

    def challenge(self, connection: Connection, conversation_id: str) -> Challenge | None:
        """What this conversation was last asked for, unless it was answered or is long ago."""
        row = self._last(connection, conversation_id)
        return None if row is None else Challenge(row.id, row.conversation_id, row.case_number)

    def check(self, connection: Connection, challenge: Challenge, code: str, origin: str) -> Outcome:
        """Check a typed code in the caller's write transaction, which also writes the customer's message.

        Args:
            origin: the caller's address as a digest (:meth:`bot.identity.keys.Keys.digest`).
        """
        table, at = one_time_codes, self._clock()
        row = connection.execute(select(table).where(table.c.id == challenge.id).with_for_update()).one_or_none()
        counted = counted_for(challenge.case_number, challenge.conversation_id, origin)
        try:
            self._lockouts.take_within(connection, *counted)
        except LockedOut:
            return "locked"
        if row is None or row.state != PENDING or row.expires_at <= at:
            self._lockouts.give_back(connection, *counted)
            return "expired"
        if hmac.compare_digest(row.code_hash, self._digest(row.id, code)):
            connection.execute(update(table).where(table.c.id == row.id).values(state=ACCEPTED, shown=None))
            self._lockouts.forgive_within(connection, *counted)
            self._open(connection, challenge)
            return "accepted"
        wrong = row.wrong_tries + 1
        values = {"wrong_tries": wrong, **({"state": DEAD, "shown": None} if wrong >= TRIES else {})}
        connection.execute(update(table).where(table.c.id == row.id).values(**values))
        return "locked" if self._lockouts.locked(connection, *counted) else "wrong"

    def shown(self, conversation_id: str) -> str | None:
        """The code to type now, where codes are kept readable; else None."""
        if not looks_like_id(conversation_id):
            return None
        with self._database.read() as connection:
            row = self._last(connection, conversation_id)
        if row is None or row.state != PENDING or row.shown is None or row.expires_at <= self._clock():
            return None
        return self._keys.decrypt("shown code", row.shown)

    def newest_shown(self, known: set[str]) -> list[tuple[str, str]]:
        """Case number and code of every live code with an id not in ``known``, which is extended."""
        table = one_time_codes
        with self._database.read() as connection:
            live = select(table).where(
                table.c.state == PENDING, table.c.shown.is_not(None), table.c.expires_at > self._clock()
            )
            rows = [row for row in connection.execute(live.order_by(table.c.created_at)) if row.id not in known]
        known.update(row.id for row in rows)
        codes = [(row.case_number, self._keys.decrypt("shown code", row.shown)) for row in rows]
        return [(number, code) for number, code in codes if code is not None]

    def sweep(self) -> int:
        """Delete codes that nobody can type any more; returns how many."""
        with self._database.write() as connection:
            old = delete(one_time_codes).where(one_time_codes.c.created_at <= self._clock() - REMEMBERED)
            deleted: int = connection.execute(old).rowcount
        return deleted

    def _digest(self, name: str, code: str) -> str:
        return self._keys.digest("one-time code", name, code)

    def _last(self, connection: Connection, conversation_id: str) -> Any:
        table = one_time_codes
        row = connection.execute(
            select(table)
            .where(table.c.conversation_id == conversation_id, table.c.created_at > self._clock() - REMEMBERED)
            .order_by(case((table.c.state == PENDING, 0), else_=1), table.c.created_at.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None or row.state == ACCEPTED else row

    def _kill(self, connection: Connection, conversation_id: str) -> None:
        table = one_time_codes
        connection.execute(
            update(table)
            .where(table.c.conversation_id == conversation_id, table.c.state == PENDING)
            .values(state=DEAD, shown=None)
        )

    def _open(self, connection: Connection, challenge: Challenge) -> None:
        """Let the conversation see the case, and know it as identified by a code."""
        self._open_case(connection, challenge.conversation_id, challenge.case_number, self._clock())
        connection.execute(
            update(conversations)
            .where(conversations.c.id == challenge.conversation_id, conversations.c.identity != "verified")
            .values(identity="code", identity_until=self._clock() + OPENED_FOR)
        )
