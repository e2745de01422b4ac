"""Cases kept here while the bank's own case system is away, and what still has to go there, in order.

Filing and every action on a case that has not gone over yet are written together with their entry in the
outbox, in one transaction. Each entry has one ``Idempotency-Key`` for ever, so that it may be sent again after
any crash and is still done once. When all entries of a case are sent, the case is marked as forwarded while it
is locked; from then on every action goes to the bank's system.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from bot.cases import wording
from bot.cases.actions import Action, Forward, Warn
from bot.cases.model import Actor, Case
from bot.cases.procedure import SUPERVISOR, Notice
from bot.cases.sql_repository import SqlCaseRepository
from bot.cases.wire import actor_to_wire, to_wire
from bot.errors import CaseActionRefused
from bot.store.case_tables import case_outbox, cases

PENDING, SENT, REFUSED = "pending", "sent", "refused"
LEASE = timedelta(seconds=30)


class Elsewhere(Exception):
    """The case is in the bank's system (or nowhere): act there."""


@dataclass(frozen=True)
class Entry:
    """Something to be sent: the case itself (``case``) or an action on it."""

    case_number: str
    seq: int
    body: dict[str, Any]
    attempts: int

    @property
    def key(self) -> str:
        """Its name for ever."""
        return str(self.body["key"])


class OutboxCaseRepository(SqlCaseRepository):
    """Our own database as the place where cases wait for the bank's system."""

    def filed(self, connection: Connection, case: Case, by: Actor) -> None:
        """Note that the case has to go over."""
        body = {"key": case.number, "case": to_wire(case), "by": actor_to_wire(by)}
        self._put(connection, case.number, 1, body)

    def acting(self, connection: Connection, case: Case, action: Action) -> None:
        """Refuse what belongs to the bank's system, and to call a case forwarded that isn't."""
        if case.forwarded:
            raise Elsewhere()
        if isinstance(action, Forward) and not self._over(connection, case.number):
            raise CaseActionRefused(wording.STILL_WAITING)

    def acted(self, connection: Connection, case: Case, action: Action, by: Actor, key: str | None) -> None:
        """Note that the action has to go over too, or that everything has."""
        table = case_outbox
        if isinstance(action, Forward):
            connection.execute(delete(table).where(table.c.case_number == case.number, table.c.state == SENT))
            connection.execute(update(cases).where(cases.c.number == case.number).values(forwarded_at=case.updated_at))
        elif not isinstance(action, Warn) and self._travels(connection, case.number):
            seq = case.timeline[-1].seq
            body = {
                "key": key or f"{case.number}:{seq}",
                "action": _plain(action),
                "by": actor_to_wire(by),
                "at": case.timeline[-1].at.isoformat(),
            }
            self._put(connection, case.number, seq, body)

    def _put(self, connection: Connection, number: str, seq: int, body: dict[str, Any]) -> None:
        connection.execute(
            insert(case_outbox).values(
                case_number=number, seq=seq, body=body, state=PENDING, attempts=0, next_at=self._clock()
            )
        )

    @staticmethod
    def _over(connection: Connection, number: str) -> bool:
        """Whether the bank's system has the case and nothing more is to be sent."""
        table = case_outbox
        rows = connection.execute(select(table.c.seq, table.c.state).where(table.c.case_number == number)).all()
        states = {row.seq: row.state for row in rows}
        return states.get(1) == SENT and PENDING not in states.values()

    @staticmethod
    def _travels(connection: Connection, number: str) -> bool:
        """Whether the case itself is on its way; not, if it was filed before there was a system, or was refused."""
        table = case_outbox
        first = select(table.c.state).where(table.c.case_number == number, table.c.seq == 1)
        return connection.execute(first).scalar() in (PENDING, SENT)

    # -- for the forwarder ----------------------------------------------------------------------------

    def due(self, limit: int) -> list[str]:
        """Cases with something to send or to finish, longest waiting first."""
        table = case_outbox
        with self._database.read() as connection:
            return list(
                connection.execute(
                    select(table.c.case_number)
                    .where(table.c.state.in_([PENDING, SENT]), table.c.next_at <= self._clock())
                    .group_by(table.c.case_number)
                    .order_by(func.min(table.c.next_at))
                    .limit(limit)
                ).scalars()
            )

    def lease(self, number: str) -> str | None:
        """Take a case for sending; None while another process has it. A lease runs out by itself."""
        table, lease, moment = case_outbox, secrets.token_hex(16), self._clock()
        with self._database.write() as connection:
            taken = connection.execute(
                update(table)
                .where(
                    table.c.case_number == number,
                    table.c.seq == 1,
                    or_(table.c.lease.is_(None), table.c.next_at <= moment),
                )
                .values(lease=lease, next_at=moment + LEASE)
            ).rowcount
        return lease if taken == 1 else None

    def entries(self, number: str) -> list[Entry]:
        """What is still to be sent of a case, in order."""
        table = case_outbox
        with self._database.read() as connection:
            rows = connection.execute(
                select(table).where(table.c.case_number == number, table.c.state == PENDING).order_by(table.c.seq)
            ).all()
        return [Entry(row.case_number, row.seq, row.body, row.attempts) for row in rows]

    def sent(self, entry: Entry) -> None:
        """The bank's system has it."""
        self._mark(entry, state=SENT)

    def refused(self, entry: Entry, reason: str) -> None:
        """The bank's system does not take it: a person has to look. A refused case stays here."""
        table = case_outbox
        with self._database.write() as connection:
            later = table.c.seq >= entry.seq if entry.seq == 1 else table.c.seq == entry.seq
            connection.execute(
                update(table).where(table.c.case_number == entry.case_number, later).values(state=REFUSED)
            )
            notice = Notice(wording.forward_refused_notice(entry.case_number, reason), to_role=SUPERVISOR)
            self.notify(connection, entry.case_number, (notice,), self._clock())

    def failed(self, entry: Entry, again_at: datetime) -> None:
        """The bank's system is away; the whole case waits until ``again_at``."""
        self._mark(entry, attempts=entry.attempts + 1)
        table = case_outbox
        with self._database.write() as connection:
            connection.execute(
                update(table).where(table.c.case_number == entry.case_number).values(next_at=again_at, lease=None)
            )

    def finish(self, number: str) -> bool:
        """Give the case back and call it forwarded; False when something was added meanwhile."""
        table = case_outbox
        with self._database.write() as connection:
            connection.execute(
                update(table).where(table.c.case_number == number).values(next_at=self._clock(), lease=None)
            )
        try:
            self.act(number, Forward(), Actor.system("forwarder"))
        except (CaseActionRefused, Elsewhere):
            return False
        return True

    def _mark(self, entry: Entry, **values: Any) -> None:
        table = case_outbox
        with self._database.write() as connection:
            connection.execute(
                update(table).where(table.c.case_number == entry.case_number, table.c.seq == entry.seq).values(**values)
            )


def _plain(action: Action) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(action.json(exclude_none=True))
    return plain
