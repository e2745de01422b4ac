"""The queue: who waits, in which order, whom an agent may take, and how long it will probably last.

Order: urgent first, then chats that came back to the queue, then those who go first by rule, then all others;
within each, who has waited longest. Handing out is one thing at a time for all servers (an advisory lock on
PostgreSQL, the write lock on SQLite): cheap, and the oldest is never passed over because its row was busy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, text
from sqlalchemy.engine import Connection

from bot.desk.agents import Agent
from bot.desk.records import RETURNED, Handoff, Waiting, handoff_from
from bot.desk.rules import DeskFigures
from bot.store import desk_tables as desk
from bot.store.desk_tables import QUEUED, RINGING

QUEUE_LOCK = 7_306_022
SOON_S = 30
_SAMPLE = 50
_SAMPLE_DAYS = 7


def lock_queue(connection: Connection) -> None:
    """Nobody else hands out chats until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": QUEUE_LOCK})


def in_order(connection: Connection, states: tuple[str, ...] = (QUEUED,)) -> list[Handoff]:
    """Everybody who waits, in order."""
    table = desk.handoffs
    rows = connection.execute(
        select(table)
        .where(table.c.state.in_(states))
        .order_by(table.c.rank, table.c.waiting_since, table.c.requested_at, table.c.id)
    ).all()
    return [handoff_from(row) for row in rows]


def how_many(connection: Connection) -> int:
    """How many wait."""
    table = desk.handoffs
    found: int = connection.execute(
        select(func.count()).select_from(table).where(table.c.state.in_((QUEUED, RINGING)))
    ).scalar_one()
    return found


def place_of(connection: Connection, handoff: Handoff) -> int:
    """1 for who is next; who rings already counts as waiting before."""
    table = desk.handoffs
    before: int = connection.execute(
        select(func.count())
        .select_from(table)
        .where(
            table.c.state.in_((QUEUED, RINGING)),
            table.c.id != handoff.id,
            or_(
                table.c.rank < handoff.rank,
                (table.c.rank == handoff.rank) & (table.c.waiting_since < handoff.waiting_since),
            ),
        )
    ).scalar_one()
    return before + 1


def waiting_of(connection: Connection, handoff: Handoff, there: Sequence[Agent], figures: DeskFigures) -> Waiting:
    """Place and estimate of a handoff that waits."""
    place = place_of(connection, handoff)
    return Waiting(place, estimate(place, there, mean_handling_s(connection, figures, handoff.requested_at)))


def estimate(place: int, there: Sequence[Agent], handling_s: float) -> int:
    """Seconds until it is the turn of ``place``: whole rounds of all desks, never a promise of nothing."""
    taking = [agent for agent in there if agent.status == "online"] or list(there)
    free = sum(agent.free for agent in taking)
    if place <= free:
        return SOON_S
    desks = max(1, sum(agent.capacity for agent in taking))
    return math.ceil((place - free) * handling_s / desks)


def mean_handling_s(connection: Connection, figures: DeskFigures, at: datetime) -> float:
    """How long talks lasted lately; the configured figure while there are none."""
    table = desk.handoffs
    rows = connection.execute(
        select(table.c.accepted_at, table.c.ended_at)
        .where(
            table.c.accepted_at.is_not(None),
            table.c.ended_at.is_not(None),
            table.c.ended_at > at - timedelta(days=_SAMPLE_DAYS),
        )
        .order_by(table.c.ended_at.desc())
        .limit(_SAMPLE)
    ).all()
    if not rows:
        return float(figures.handle_s)
    total: float = sum((row.ended_at - row.accepted_at).total_seconds() for row in rows)
    return max(30.0, total / len(rows))


def may_take(
    agent: Agent, handoff: Handoff, there: Iterable[Agent], at: datetime, figures: DeskFigures, pulling: bool = False
) -> bool:
    """Whether a waiting chat may go to this agent.

    Skilled agents first; after ``widen_s`` of waiting, or with nobody skilled there, anybody. A chat that an agent
    has declined or not answered does not ring there again while somebody else is left; an agent may always pull it.
    """
    others = [other for other in there if other.staff_no != agent.staff_no]
    if not pulling and agent.staff_no in handoff.passed and any(o.staff_no not in handoff.passed for o in others):
        return False
    if agent.takes(handoff.skill) or handoff.rank <= RETURNED:
        return True
    if at - handoff.waiting_since >= timedelta(seconds=figures.widen_s):
        return True
    return not any(other.takes(handoff.skill) for other in others)
