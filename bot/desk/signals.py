"""What a conversation with the bot has been like so far, as far as handing over depends on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from bot.desk.rules import DeskFigures
from bot.store import desk_tables as desk
from bot.store import tables


@dataclass(frozen=True)
class Signals:
    """Counts of this conversation.

    Attributes:
        misses: failed understandings in a row.
        topic: what was last asked about.
        returned: what an agent settled, for the bot, until it was told.
    """

    misses: int = 0
    dissatisfied: int = 0
    secrets: int = 0
    topic: str | None = None
    alarm: str | None = None
    alarm_at: datetime | None = None
    alarm_seen_by: str | None = None
    returned: dict[str, Any] | None = None


def read(connection: Connection, conversation_id: str) -> Signals:
    """The signals of a conversation; fresh ones before the first is kept."""
    table = desk.conversation_signals
    row = connection.execute(select(table).where(table.c.conversation_id == conversation_id)).one_or_none()
    return Signals() if row is None else Signals(**{name: getattr(row, name) for name in Signals.__dataclass_fields__})


def keep(connection: Connection, conversation_id: str, signals: Signals, at: datetime) -> None:
    """Write the signals; the caller holds the conversation's lock."""
    table = desk.conversation_signals
    values = {name: getattr(signals, name) for name in Signals.__dataclass_fields__}
    changed = connection.execute(
        update(table).where(table.c.conversation_id == conversation_id).values(**values, updated_at=at)
    ).rowcount
    if changed == 0:
        connection.execute(insert(table).values(conversation_id=conversation_id, **values, updated_at=at))


def after_reply(signals: Signals, routing: dict[str, Any] | None, masked: list[str]) -> Signals:
    """The signals after the bot has understood (or not) one more message."""
    routing = routing or {}
    act, decision = routing.get("act"), routing.get("decision")
    missed = decision == "reject" and not (act == "out_of_scope" and (routing.get("confidence") or 0) >= 0.5)
    unhappy = act in ("dissatisfied", "abuse", "complain")
    return replace(
        signals,
        misses=signals.misses + 1 if missed else 0 if decision == "answer" else signals.misses,
        dissatisfied=signals.dissatisfied + unhappy,
        secrets=signals.secrets + bool(masked),
        topic=routing.get("topic") or signals.topic,
    )


def alarmed(before: Signals, after: Signals, figures: DeskFigures, at: datetime) -> Signals:
    """``after`` with an alarm for supervisors when this message made the talk go wrong."""
    kind = None
    if after.dissatisfied > before.dissatisfied and after.dissatisfied >= figures.alarm_unhappy:
        kind = "unhappy"
    elif after.misses > before.misses and after.misses >= figures.alarm_misses:
        kind = "misses"
    return after if kind is None else replace(after, alarm=kind, alarm_at=at, alarm_seen_by=None)


def visitor_of(conversation: Any) -> str:
    """Who comes: the bank's customer when known, else this browser's conversation."""
    customer = getattr(conversation, "customer_ref", None)
    return f"customer:{customer}" if customer else f"conversation:{conversation.id}"


def note_visit(connection: Connection, conversation: Any, at: datetime, gap_s: int) -> None:
    """Count a visit when this is the first message, or the first after a longer silence."""
    log = tables.messages
    last = connection.execute(
        select(func.max(log.c.created_at)).where(log.c.conversation_id == conversation.id, log.c.role == "customer")
    ).scalar_one()
    if last is not None and at - last < timedelta(seconds=gap_s):
        return
    add_visits(connection, conversation, at, 1)


def add_visits(connection: Connection, conversation: Any, at: datetime, count: int) -> None:
    """Write ``count`` visits of this customer."""
    visitor = visitor_of(conversation)
    rows = [{"id": uuid4().hex, "conversation_id": conversation.id, "visitor": visitor, "at": at} for _ in range(count)]
    if rows:
        connection.execute(insert(desk.visits), rows)


def visits_since(connection: Connection, conversation: Any, since: datetime) -> int:
    """How often this customer came since then, the present visit included."""
    table = desk.visits
    found: int = connection.execute(
        select(func.count()).select_from(table).where(table.c.visitor == visitor_of(conversation), table.c.at > since)
    ).scalar_one()
    return found
