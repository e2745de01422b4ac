"""Real (masked) messages that went badly, the most instructive first.

What is in the inbox is not copied anywhere: it is read from the message log, beside the reply's
routing and the customer's verdict, and leaves it when a trainer has dealt with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.engine import Connection, Row

from bot.nlu.normaliser import normalise
from bot.store import tables
from bot.store.database import Database
from bot.store.training_tables import training_settled
from bot.store.upsert import insert_missing

MOST_READ = 5_000
LOW_CONFIDENCE = 0.6
NARROW_MARGIN = 0.2
REASONS = {
    "rejected": "没听懂",
    "clarified": "反问了客户",
    "down": "客户点了踩",
    "dissatisfied": "客户说没解决",
    "handed_over": "转了人工",
    "low_confidence": "把握不大",
    "narrow_margin": "两种理解很接近",
}
_WEIGHT = {
    "down": 5.0,
    "dissatisfied": 4.0,
    "rejected": 3.0,
    "low_confidence": 2.0,
    "narrow_margin": 2.0,
    "clarified": 1.5,
    "handed_over": 1.0,
}


@dataclass(frozen=True)
class Item:
    """One message, with all messages that say the same folded into it.

    Attributes:
        places: ``(conversation_id, seq)`` of every message with these words, newest first.
        guess: the routing that the assistant decided on.
        reasons: why it is here, keys of ``REASONS``.
        weight: how instructive; larger comes first.
    """

    text: str
    places: tuple[tuple[str, int], ...]
    at: datetime
    channel: str
    guess: dict[str, Any]
    reasons: tuple[str, ...]
    weight: float

    def as_json(self) -> dict[str, Any]:
        """Return the item for the pages."""
        return {
            "text": self.text,
            "places": [{"conversation_id": conversation, "seq": seq} for conversation, seq in self.places],
            "count": len(self.places),
            "at": self.at.isoformat(),
            "channel": self.channel,
            "guess": self.guess,
            "reasons": [{"id": reason, "title": REASONS[reason]} for reason in self.reasons],
        }


@dataclass(frozen=True)
class Filter:
    """What to show: since when, for which reasons, topics, channels, words (empty: all)."""

    since: datetime
    reasons: frozenset[str] = field(default_factory=frozenset)
    topic: str | None = None
    channel: str | None = None
    words: str = ""


class Inbox:
    """Reads the message log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def items(self, wanted: Filter, limit: int = 200) -> list[Item]:
        """Return at most ``limit`` items that nobody has dealt with, the most instructive first."""
        folded: dict[str, Item] = {}
        for row in self._rows(wanted.since):
            text = str(row.blocks[0].get("text", "")).strip()
            reasons = reasons_of(row)
            if not text or not reasons or not _fits(row, text, reasons, wanted):
                continue
            key = normalise(text) or text
            folded[key] = _folded(folded.get(key), row, text, reasons)
        return sorted(folded.values(), key=lambda item: (-item.weight, -item.at.timestamp()))[:limit]

    def settle(self, places: Iterable[tuple[str, int]], who: str, at: datetime, candidate: str | None) -> None:
        """Take messages out of the inbox: dealt with by ``candidate``, or put aside (None)."""
        with self._database.write() as connection:
            settle(connection, places, who, at, candidate)

    def _rows(self, since: datetime) -> Sequence[Row]:
        said, replied = tables.messages.alias("said"), tables.messages.alias("replied")
        talk, verdict, done = tables.conversations, tables.feedback, training_settled
        here = and_(
            replied.c.conversation_id == said.c.conversation_id, replied.c.reply_to == said.c.seq, replied.c.part == 0
        )
        rated = and_(verdict.c.conversation_id == replied.c.conversation_id, verdict.c.seq == replied.c.seq)
        settled = and_(done.c.conversation_id == said.c.conversation_id, done.c.seq == said.c.seq)
        query = (
            select(
                *(said.c.conversation_id, said.c.seq, said.c.blocks, said.c.created_at, said.c.answer_state),
                *(replied.c.routing, verdict.c.value, talk.c.channel),
            )
            .select_from(
                said.join(talk, talk.c.id == said.c.conversation_id)
                .outerjoin(replied, here)
                .outerjoin(verdict, rated)
                .outerjoin(done, settled)
            )
            .where(
                said.c.role == "customer",
                said.c.payload.is_(None),
                said.c.created_at >= since,
                done.c.seq.is_(None),
            )
            .order_by(said.c.created_at.desc())
            .limit(MOST_READ)
        )
        with self._database.read() as connection:
            rows: Sequence[Row] = connection.execute(query).all()
        return rows


def settle(
    connection: Connection, places: Iterable[tuple[str, int]], who: str, at: datetime, candidate: str | None
) -> None:
    """The same within the caller's transaction."""
    values = {"who": who, "at": at, "candidate_id": candidate}
    rows = [{"conversation_id": conversation, "seq": seq, **values} for conversation, seq in places]
    insert_missing(connection, training_settled, rows)


def reasons_of(row: Any) -> tuple[str, ...]:
    """Return why a message is worth a trainer's look; empty when all went well.

    In: ``routing`` of its reply (or None), ``value`` of the verdict, ``answer_state``.
    """
    routing = row.routing or {}
    decision, confidence = routing.get("decision"), float(routing.get("confidence") or 0.0)
    rivals = [float(other.get("confidence") or 0.0) for other in routing.get("alternatives") or ()]
    sure = bool(routing) and decision in ("answer", "handoff")
    found = {
        "down": row.value == "down",
        "dissatisfied": routing.get("act") == "dissatisfied",
        "rejected": decision == "reject",
        "clarified": decision == "clarify",
        "handed_over": row.answer_state == tables.DESK or decision == "handoff",
        "low_confidence": sure and confidence < LOW_CONFIDENCE,
        "narrow_margin": sure and bool(rivals) and confidence - rivals[0] < NARROW_MARGIN,
    }
    return tuple(name for name, holds in found.items() if holds)


def _fits(row: Any, text: str, reasons: tuple[str, ...], wanted: Filter) -> bool:
    routing = row.routing or {}
    return (
        (not wanted.reasons or not wanted.reasons.isdisjoint(reasons))
        and (wanted.topic is None or routing.get("topic") == wanted.topic)
        and (wanted.channel is None or row.channel == wanted.channel)
        and (wanted.words in text)
    )


def _folded(item: Item | None, row: Any, text: str, reasons: tuple[str, ...]) -> Item:
    place = (str(row.conversation_id), int(row.seq))
    uncertainty = 1.0 - float((row.routing or {}).get("confidence") or 0.0)
    weight = sum(_WEIGHT[reason] for reason in reasons) + uncertainty
    if item is None:
        return Item(text, (place,), row.created_at, row.channel, row.routing or {}, reasons, weight)
    together = tuple(dict.fromkeys((*item.reasons, *reasons)))
    return Item(
        item.text, (*item.places, place), item.at, item.channel, item.guess, together, max(item.weight, weight) + 0.5
    )
