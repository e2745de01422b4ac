"""A case as people see it: the ``case`` block of a conversation. Only public entries, only masked texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from bot.cases import wording
from bot.cases.days import SHANGHAI, day_of, now
from bot.cases.model import Case

CaseEvent = Literal["created", "status_shown", "withdrawn", "urged"]


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


def case_block(case: Case, event: CaseEvent | None = None, at: datetime | None = None) -> dict[str, Any]:
    """The ``case`` block; ``event`` says what just happened to the case in this conversation."""
    block: dict[str, Any] = {"type": "case", **case_view(case, at)}
    if event is not None:
        block["event"] = event
    return block
