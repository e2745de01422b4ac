"""A case as people see it: the ``case`` block of a conversation. Only public entries, only masked texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from bot.cases import wording
from bot.cases.days import SHANGHAI, day_of, now
from bot.cases.model import ENDED, Case, CaseKind, CaseStatus, DeadlineKind, DeadlineState, transitions

CaseBlockEvent = Literal["created", "status_shown", "withdrawn", "urged"]


def shown_time(moment: datetime) -> str:
    """``2026-12-11 09:30`` in China."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def case_view(case: Case, at: datetime | None = None) -> dict[str, Any]:
    """What a customer may see of a case, for the block of a conversation and the progress panel.

    Args:
        at: the present time; default: now.

    Returns:
        ``number``, ``kind``, ``kind_name``, ``status`` (Chinese), ``status_code``, ``subject``, ``unit``,
        ``received``, ``timeline`` [{"at", "text"}], ``deadline`` (a sentence, absent when nothing is due), ``next``.
    """
    view: dict[str, Any] = {
        "number": case.number,
        "kind": case.kind.value,
        "kind_name": wording.kind_name(case),
        "status": wording.status_name(case),
        "status_code": case.status.value,
        "subject": case.subject,
        "unit": case.unit,
        "received": shown_time(case.received_at),
        "timeline": [{"at": shown_time(event.at), "text": event.text} for event in case.timeline if event.public],
        "next": wording.next_step(case),
    }
    promise = wording.promised(case, day_of(at or now()))
    if promise:
        view["deadline"] = promise
    return view


def case_block(case: Case, event: CaseBlockEvent | None = None, at: datetime | None = None) -> dict[str, Any]:
    """The ``case`` block; ``event`` says what just happened to the case in this conversation."""
    block: dict[str, Any] = {"type": "case", **case_view(case, at)}
    if event is not None:
        block["event"] = event
    return block


def permitted(case: Case, at: datetime | None = None) -> dict[str, bool]:
    """What the customer may do with a case now: ``remark``, ``upload``, ``urge``, ``withdraw``, ``recheck``."""
    moment = at or now()
    open_ = case.status not in ENDED
    request = case.deadline(DeadlineKind.RECHECK_REQUEST)
    withdrawable = case.kind is not CaseKind.LOSS_REPORT and CaseStatus.WITHDRAWN in transitions(case.kind, case.status)
    return {
        "remark": open_,
        "upload": open_,
        "urge": open_ and case.urged_on != day_of(moment),
        "withdraw": withdrawable,
        "recheck": not case.rechecked
        and case.decision is not None
        and CaseStatus.IN_REVIEW in transitions(case.kind, case.status)
        and request is not None
        and request.state is DeadlineState.OPEN
        and moment < request.due_at,
    }


def staff_view(case: Case, at: datetime | None = None) -> dict[str, Any]:
    """A case as staff see it: everything but the contact in full, internal entries included."""
    decision = case.decision
    return {
        **case_view(case, at),
        "deadline": wording.promised(case, day_of(at or now())),
        "details": case.details,
        "demand": case.demand,
        "holder": case.holder,
        "contact": case.contact,
        "channel": case.channel,
        "customer_ref": case.customer_ref,
        "conversation_id": case.conversation_id,
        "responsible": case.responsible,
        "responsible_name": case.responsible_name,
        "category": vars(case.category),
        "priority": case.priority.value,
        "version": case.version,
        "received_at": case.received_at,
        "updated_at": case.updated_at,
        "ended_at": case.ended_at,
        "transitions": sorted(status.value for status in transitions(case.kind, case.status)),
        "decision": None
        if decision is None
        else {
            "outcome": decision.outcome.value,
            "text": decision.text,
            "reason": decision.reason,
            "remedies": [one.value for one in decision.remedies],
            "decided_at": decision.decided_at,
        },
        "deadlines": [
            {
                "kind": one.kind.value,
                "name": wording.DEADLINES[one.kind],
                "started_at": one.started_at,
                "due_on": one.due_on,
                "due_at": one.due_at,
                "state": one.state.value,
                "extensions": one.extensions,
                "warned": one.warned,
            }
            for one in case.deadlines
        ],
        "timeline": [
            {
                "seq": event.seq,
                "at": shown_time(event.at),
                "kind": event.kind.value,
                "actor": event.actor.kind.value,
                "by": event.actor.name or event.actor.id,
                "text": event.text,
                "public": event.public,
            }
            for event in case.timeline
        ],
    }
