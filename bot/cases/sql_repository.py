"""Cases in our own database (SQLite or PostgreSQL).

A change locks the case's row, applies the pure procedure and writes state, deadlines, timeline and
notices in one transaction; the chain's head is locked last, so writers of different cases meet only briefly.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, insert, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.cases import wording
from bot.cases.actions import Action, Warn
from bot.cases.chain import Chain, state_digest
from bot.cases.days import now
from bot.cases.model import Actor, Case, DeadlineState, EventKind, Priority
from bot.cases.procedure import SUPERVISOR, WATCHED, Context, NewEvent, Notice, carry_out
from bot.cases.repository import MAX_PAGE, CaseFilter, CasePage, NewCase
from bot.cases.rows import case_values, deadline_values, load
from bot.cases.rules import CaseRules
from bot.cases.secrecy import CONTACT, Signer
from bot.errors import CaseActionRefused, CaseConflict, CaseNotFound
from bot.identity.keys import Keys
from bot.store.case_tables import case_deadlines, case_events, case_notices, cases
from bot.store.database import Database


class SqlCaseRepository:
    """See :class:`bot.cases.repository.CaseRepository`.

    Args:
        clock: gives the present time; tests put their own here.
    """

    def __init__(self, database: Database, rules: CaseRules, keys: Keys, signer: Signer, clock: Any = now) -> None:
        self._database = database
        self.rules = rules
        self.keys = keys
        self._chain = Chain(signer)
        self._clock = clock

    def present(self) -> datetime:
        """The present time."""
        moment: datetime = self._clock()
        return moment

    def file(self, new: NewCase, idempotency_key: str) -> Case:
        """Keep a new case; the same key gives the case that was kept first."""
        try:
            with self._database.write() as connection:
                return self.file_within(connection, new, idempotency_key)
        except IntegrityError:  # two at once with one key: the other was faster
            with self._database.read() as connection:
                known = self._of_key(connection, idempotency_key)
            if known is None:
                raise
            return known

    def file_within(self, connection: Connection, new: NewCase, key: str) -> Case:
        """Keep a new case in the caller's transaction; the same key gives the case that was kept first."""
        known = self._of_key(connection, key)
        if known is not None:
            return known
        case = new.case
        connection.execute(
            insert(cases).values(
                number=case.number,
                contact_sealed=self.keys.encrypt(CONTACT, new.contact) if new.contact else None,
                idempotency_key=key,
                event_count=1,
                **case_values(case),
            )
        )
        self._write_deadlines(connection, case, fresh=True)
        if not new.imported:
            text = wording.filed_notice(case.number, case.kind, case.priority is Priority.URGENT)
            self.notify(connection, case.number, (Notice(text, to_role=SUPERVISOR),), case.received_at)
        text = wording.imported(case.unit) if new.imported else wording.filed(case.kind, case.unit)
        event = NewEvent(EventKind.IMPORTED if new.imported else EventKind.FILED, text)
        self._write_event(connection, case, event, new.by, 1, None, self._clock() if new.imported else case.received_at)
        filed = self._loaded(connection, case.number)
        self.filed(connection, filed, new.by)
        return filed

    def filed(self, connection: Connection, case: Case, by: Actor) -> None:
        """A case was filed; more may be written in the same transaction."""

    def acting(self, connection: Connection, case: Case, action: Action) -> None:
        """An action is about to be carried out, with the case locked; may refuse it."""

    def acted(self, connection: Connection, case: Case, action: Action, by: Actor, key: str | None) -> None:
        """An action was carried out; more may be written in the same transaction."""

    def _of_key(self, connection: Connection, key: str) -> Case | None:
        row = connection.execute(select(cases).where(cases.c.idempotency_key == key)).one_or_none()
        return load(connection, [row])[0] if row is not None else None

    def find(self, number: str) -> Case | None:
        """The case with its timeline, or None."""
        with self._database.read() as connection:
            rows = connection.execute(select(cases).where(cases.c.number == number)).all()
            return next(iter(load(connection, rows)), None)

    def of_customer(self, customer_ref: str) -> list[Case]:
        """All cases of a customer, newest first."""
        return self._all(cases.c.customer_ref == customer_ref)

    def of_conversation(self, conversation_id: str) -> list[Case]:
        """All cases filed in a conversation, newest first."""
        return self._all(cases.c.conversation_id == conversation_id)

    def _all(self, condition: Any) -> list[Case]:
        with self._database.read() as connection:
            rows = connection.execute(
                select(cases).where(condition).order_by(cases.c.received_at.desc(), cases.c.number).limit(MAX_PAGE)
            ).all()
            return load(connection, rows)

    def contact(self, number: str) -> str | None:
        """The customer's contact in full."""
        with self._database.read() as connection:
            sealed = connection.execute(select(cases.c.contact_sealed).where(cases.c.number == number)).scalar()
        return self.keys.decrypt(CONTACT, sealed) if sealed else None

    def act(self, number: str, action: Action, by: Actor, version: int | None = None, key: str | None = None) -> Case:
        """Carry out an action."""
        with self._database.write() as connection:
            row = connection.execute(select(cases).where(cases.c.number == number).with_for_update()).one_or_none()
            if row is None:
                raise CaseNotFound()
            case = load(connection, [row])[0]
            self.acting(connection, case, action)
            if key is not None and self._done(connection, number, key):
                return case
            if version is not None and version != case.version:
                raise CaseConflict()
            moment = max(self._clock(), case.received_at)
            change = carry_out(case, action, Context(by, moment, self.rules))
            connection.execute(
                update(cases)
                .where(cases.c.number == number)
                .values(event_count=row.event_count + 1, **case_values(change.case))
            )
            self._write_deadlines(connection, change.case)
            self.notify(connection, number, change.notices, moment)
            self._write_event(connection, change.case, change.event, by, row.event_count + 1, key, moment)
            done = self._loaded(connection, number)
            self.acted(connection, done, action, by, key)
            return done

    def search(self, wanted: CaseFilter, limit: int, offset: int) -> CasePage:
        """A page of the cases that fit, newest first, without timelines."""
        condition = and_(*self._conditions(wanted)) if wanted != CaseFilter() else None
        chosen = select(cases) if condition is None else select(cases).where(condition)
        counted = select(func.count()).select_from(chosen.subquery())
        with self._database.read() as connection:
            total: int = connection.execute(counted).scalar_one()
            rows = connection.execute(
                chosen.order_by(cases.c.received_at.desc(), cases.c.number).limit(min(limit, MAX_PAGE)).offset(offset)
            ).all()
            return CasePage(tuple(load(connection, rows, timelines=False)), total)

    def warn(self, limit: int = 100) -> list[Case]:
        """Write the warnings that are due, each once however many servers ask; returns the cases warned about.

        Of several thresholds that passed while nobody looked only the highest is written.
        """
        table, moment = case_deadlines, self._clock()
        with self._database.read() as connection:
            due = connection.execute(
                select(table).where(table.c.next_warning_at <= moment).order_by(table.c.next_warning_at).limit(limit)
            ).all()
        warned = []
        for row in due:
            share = (moment - row.started_at) / (row.due_at - row.started_at)
            try:
                action = Warn(deadline=row.kind, percent=100 if share >= 1 else 80 if share >= 0.8 else 50)
                warned.append(self.act(row.case_number, action, Actor.system("clock")))
            except CaseActionRefused:
                continue  # another server was faster, or the case has ended meanwhile
        return warned

    @staticmethod
    def _done(connection: Connection, number: str, key: str) -> bool:
        log = case_events
        known = select(log.c.seq).where(log.c.case_number == number, log.c.key == key)
        return connection.execute(known).one_or_none() is not None

    @staticmethod
    def _loaded(connection: Connection, number: str) -> Case:
        return load(connection, [connection.execute(select(cases).where(cases.c.number == number)).one()])[0]

    @staticmethod
    def _write_deadlines(connection: Connection, case: Case, fresh: bool = False) -> None:
        table = case_deadlines
        for deadline in case.deadlines:
            values = deadline_values(deadline)
            changed = 0
            if not fresh:
                changed = connection.execute(
                    update(table)
                    .where(table.c.case_number == case.number, table.c.kind == deadline.kind.value)
                    .values(**values)
                ).rowcount
            if not changed:
                connection.execute(insert(table).values(case_number=case.number, kind=deadline.kind.value, **values))

    @staticmethod
    def notify(connection: Connection, number: str, notices: tuple[Notice, ...], moment: datetime) -> None:
        """Write notices for staff."""
        for notice in notices:
            connection.execute(
                insert(case_notices).values(
                    id=secrets.token_urlsafe(16),
                    case_number=number,
                    to_staff=notice.to_staff,
                    to_role=notice.to_role,
                    text=notice.text,
                    created_at=moment,
                )
            )

    def _write_event(
        self,
        connection: Connection,
        case: Case,
        event: NewEvent,
        by: Actor,
        seq: int,
        key: str | None,
        moment: datetime,
    ) -> None:
        self._chain.append(
            connection,
            {
                "case_number": case.number,
                "seq": seq,
                "at": moment,
                "kind": event.kind.value,
                "actor_kind": by.kind.value,
                "actor": by.id,
                "actor_name": by.name,
                "text": event.text,
                "public": event.public,
                "data": {**event.data, "state": state_digest(connection, case.number)},
                "key": key,
            },
        )

    def _conditions(self, wanted: CaseFilter) -> list[Any]:
        found: list[Any] = []
        if wanted.kinds:
            found.append(cases.c.kind.in_([kind.value for kind in wanted.kinds]))
        if wanted.statuses:
            found.append(cases.c.status.in_([status.value for status in wanted.statuses]))
        if wanted.responsible:
            found.append(cases.c.responsible == wanted.responsible)
        if wanted.unassigned:
            found.append(cases.c.responsible.is_(None))
        if wanted.priority is not None:
            found.append(cases.c.priority == wanted.priority.value)
        if wanted.kept:
            found.append(cases.c.forwarded_at.is_(None))
        if wanted.overdue:
            table = case_deadlines
            found.append(
                exists().where(
                    table.c.case_number == cases.c.number,
                    table.c.state == DeadlineState.OPEN.value,
                    table.c.kind.in_([kind.value for kind in WATCHED]),
                    table.c.due_at <= self._clock(),
                )
            )
        if wanted.text:
            found.append(
                or_(
                    cases.c.number.contains(wanted.text.upper(), autoescape=True),
                    cases.c.subject.contains(wanted.text, autoescape=True),
                )
            )
        return found
