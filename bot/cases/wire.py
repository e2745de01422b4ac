"""Cases as JSON between us and the bank's case system; the contract is docs/bank-case-system.openapi.yml."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Extra, Field, ValidationError, parse_obj_as, validator

from bot.cases.days import end_of
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
from bot.cases.number import parse_number
from bot.cases.repository import MAX_PAGE, CasePage
from bot.errors import CaseSystemUnavailable


class _Wire(BaseModel):
    class Config:
        extra = Extra.ignore  # the bank may send more than we know

    @validator("*", pre=True)
    def _zoned(cls, value: Any, field: Any) -> Any:
        if field.outer_type_ is datetime and isinstance(value, str):
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            if moment.tzinfo is None:
                raise ValueError("a time without zone")
            return moment
        return value


class _WireActor(_Wire):
    kind: ActorKind
    id: str = Field(..., max_length=128)
    name: str = ""


class _WireEvent(_Wire):
    seq: int
    at: datetime
    kind: EventKind
    by: _WireActor
    text: str
    public: bool = True


class _WireDeadline(_Wire):
    kind: DeadlineKind
    started_at: datetime
    due_on: date
    rule: date
    state: DeadlineState = DeadlineState.OPEN
    extensions: int = 0


class _WireDecision(_Wire):
    outcome: Outcome
    text: str
    reason: str
    remedies: tuple[Remedy, ...] = ()
    decided_at: datetime


class _WireCategory(_Wire):
    channel: str = ""
    business: str = ""
    reason: str = ""


class _WireCase(_Wire):
    number: str
    kind: CaseKind
    status: CaseStatus
    subject: str
    details: str = ""
    demand: str = ""
    customer_ref: str | None = None
    conversation_id: str | None = None
    channel: str = ""
    holder: str = ""
    contact: str = ""
    phone_tail: str = ""
    unit: str
    responsible: str | None = None
    responsible_name: str = ""
    category: _WireCategory = _WireCategory()
    priority: Priority = Priority.NORMAL
    version: int
    received_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    urged_on: date | None = None
    decision: _WireDecision | None = None
    rechecked: bool = False
    deadlines: tuple[_WireDeadline, ...] = ()
    timeline: tuple[_WireEvent, ...] = ()

    @validator("number")
    def _canonical(cls, value: str) -> str:
        number = parse_number(value)
        if number is None:
            raise ValueError("no case number")
        return number


class _WirePage(_Wire):
    cases: tuple[_WireCase, ...]
    total: int


def to_wire(case: Case) -> dict[str, Any]:
    """A case as JSON."""
    decision = case.decision
    return {
        "number": case.number,
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
        "category": dict(vars(case.category)),
        "priority": case.priority.value,
        "version": case.version,
        "received_at": case.received_at.isoformat(),
        "updated_at": case.updated_at.isoformat(),
        "ended_at": case.ended_at.isoformat() if case.ended_at else None,
        "urged_on": case.urged_on.isoformat() if case.urged_on else None,
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
        "deadlines": [
            {
                "kind": one.kind.value,
                "started_at": one.started_at.isoformat(),
                "due_on": one.due_on.isoformat(),
                "rule": one.rule.isoformat(),
                "state": one.state.value,
                "extensions": one.extensions,
            }
            for one in case.deadlines
        ],
        "timeline": [
            {
                "seq": event.seq,
                "at": event.at.isoformat(),
                "kind": event.kind.value,
                "by": actor_to_wire(event.actor),
                "text": event.text,
                "public": event.public,
            }
            for event in case.timeline
        ],
    }


def actor_to_wire(actor: Actor) -> dict[str, str]:
    """Who acts, as JSON."""
    return {"kind": actor.kind.value, "id": actor.id, "name": actor.name}


def from_wire(value: Any) -> Case:
    """A case from JSON; raises ``CaseSystemUnavailable`` when it is none."""
    return _case(_parsed(_WireCase, value))


def page_from_wire(value: Any) -> CasePage:
    """A page from JSON; raises ``CaseSystemUnavailable`` when it is none."""
    page = _parsed(_WirePage, value)
    return CasePage(tuple(_case(case) for case in page.cases[:MAX_PAGE]), page.total)


def _parsed(shape: Any, value: Any) -> Any:
    try:
        return parse_obj_as(shape, value)
    except (ValidationError, ValueError, OverflowError) as error:
        raise CaseSystemUnavailable() from error


def _case(wire: _WireCase) -> Case:
    fields = {name: getattr(wire, name) for name in wire.__fields__ if name not in _NESTED}
    return Case(
        **fields,
        category=Category(**wire.category.dict()),
        decision=None if wire.decision is None else Decision(**wire.decision.dict()),
        deadlines=tuple(Deadline(**one.dict(), due_at=end_of(one.due_on)) for one in wire.deadlines),
        timeline=tuple(
            Event(one.seq, one.at, one.kind, Actor(one.by.kind, one.by.id, one.by.name), one.text, one.public)
            for one in wire.timeline
        ),
    )


_NESTED = frozenset({"category", "decision", "deadlines", "timeline"})
