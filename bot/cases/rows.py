"""Between records and rows of the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from bot.cases.model import (
    Actor,
    ActorKind,
    Case,
    CaseKind,
    CaseStatus,
    Category,
    Deadline,
    DeadlineKind,
    DeadlineState,
    Decision,
    Event,
    EventKind,
    Outcome,
    Priority,
    Remedy,
)
from bot.cases.procedure import WATCHED
from bot.store.case_tables import case_deadlines, case_events

#: Shares of a deadline's time at which the clock warns, in percent.
WARNINGS = (50, 80, 100)


def case_values(case: Case) -> dict[str, Any]:
    """Columns of ``cases`` that a change may touch."""
    decision = case.decision
    return {
        "kind": case.kind.value,
        "status": case.status.value,
        "subject": case.subject,
        "details": case.details,
        "demand": case.demand,
        "customer_ref": case.customer_ref,
        "conversation_id": case.conversation_id,
        "channel": case.channel,
        "holder": case.holder,
        "contact": case.contact,
        "phone_tail": case.phone_tail,
        "unit": case.unit,
        "responsible": case.responsible,
        "responsible_name": case.responsible_name,
        "category_channel": case.category.channel,
        "category_business": case.category.business,
        "category_reason": case.category.reason,
        "priority": case.priority.value,
        "version": case.version,
        "urged_on": case.urged_on,
        "decision": None
        if decision is None
        else {
            "outcome": decision.outcome.value,
            "text": decision.text,
            "reason": decision.reason,
            "remedies": [one.value for one in decision.remedies],
            "decided_at": decision.decided_at.isoformat(),
        },
        "rechecked": case.rechecked,
        "received_at": case.received_at,
        "updated_at": case.updated_at,
        "ended_at": case.ended_at,
    }


def next_warning(deadline: Deadline) -> tuple[int, datetime] | None:
    """The next warning of an open deadline the bank answers for: its percent and its moment."""
    if deadline.state is not DeadlineState.OPEN or deadline.kind not in WATCHED:
        return None
    percent = next((one for one in WARNINGS if one > deadline.warned), None)
    if percent is None:
        return None
    whole: timedelta = deadline.due_at - deadline.started_at
    return percent, deadline.started_at + whole * percent / 100


def deadline_values(deadline: Deadline) -> dict[str, Any]:
    """Columns of ``case_deadlines`` beside its key."""
    warning = next_warning(deadline)
    return {
        "started_at": deadline.started_at,
        "due_on": deadline.due_on,
        "due_at": deadline.due_at,
        "rule": deadline.rule,
        "state": deadline.state.value,
        "extensions": deadline.extensions,
        "warned": deadline.warned,
        "next_warning_at": warning[1] if warning else None,
    }


def _deadline(row: Any) -> Deadline:
    return Deadline(
        kind=DeadlineKind(row.kind),
        started_at=row.started_at,
        due_on=row.due_on,
        due_at=row.due_at,
        rule=row.rule,
        state=DeadlineState(row.state),
        extensions=row.extensions,
        warned=row.warned,
    )


def _event(row: Any) -> Event:
    return Event(
        seq=row.seq,
        at=row.at,
        kind=EventKind(row.kind),
        actor=Actor(ActorKind(row.actor_kind), row.actor, row.actor_name),
        text=row.text,
        public=row.public,
        data=row.data,
    )


def _decision(plain: dict[str, Any] | None) -> Decision | None:
    if plain is None:
        return None
    return Decision(
        outcome=Outcome(plain["outcome"]),
        text=plain["text"],
        reason=plain["reason"],
        remedies=tuple(Remedy(one) for one in plain["remedies"]),
        decided_at=datetime.fromisoformat(plain["decided_at"]),
    )


def _case(row: Any, deadlines: Iterable[Deadline], events: Iterable[Event]) -> Case:
    return Case(
        number=row.number,
        kind=CaseKind(row.kind),
        status=CaseStatus(row.status),
        subject=row.subject,
        details=row.details,
        demand=row.demand,
        customer_ref=row.customer_ref,
        conversation_id=row.conversation_id,
        channel=row.channel,
        holder=row.holder,
        contact=row.contact,
        phone_tail=row.phone_tail,
        unit=row.unit,
        responsible=row.responsible,
        responsible_name=row.responsible_name,
        category=Category(row.category_channel, row.category_business, row.category_reason),
        priority=Priority(row.priority),
        version=row.version,
        received_at=row.received_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
        urged_on=row.urged_on,
        decision=_decision(row.decision),
        rechecked=row.rechecked,
        forwarded=row.forwarded_at is not None,
        deadlines=tuple(deadlines),
        timeline=tuple(events),
    )


def load(connection: Connection, rows: Sequence[Any], timelines: bool = True) -> list[Case]:
    """Records from rows of ``cases``, in their order, with deadlines and (if wanted) timelines."""
    numbers = [row.number for row in rows]
    deadlines: dict[str, list[Deadline]] = {number: [] for number in numbers}
    events: dict[str, list[Event]] = {number: [] for number in numbers}
    if numbers:
        table = case_deadlines
        wanted = select(table).where(table.c.case_number.in_(numbers)).order_by(table.c.started_at, table.c.due_at)
        for row in connection.execute(wanted):
            deadlines[row.case_number].append(_deadline(row))
        if timelines:
            log = case_events
            for row in connection.execute(
                select(log).where(log.c.case_number.in_(numbers)).order_by(log.c.case_number, log.c.seq)
            ):
                events[row.case_number].append(_event(row))
    return [_case(row, deadlines[row.number], events[row.number]) for row in rows]
