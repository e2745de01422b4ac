"""Who owns a conversation: the one place where a handoff changes its state.

``bot → queued → ringing → human → wrap_up → closed``. Every change is one compare-and-set on the handoff's
state and on the conversation's epoch, in the transaction that holds the conversation's lock; the epoch
grows by one. So two agents can't have one chat, and an answer of the bot that was under way is dropped.

``conversations.owner`` keeps the coarse view: ``queue`` while a customer waits or an agent's desk rings,
``human`` while an agent talks, ``bot`` otherwise. While an agent wraps up, the customer's next message
already belongs to the bot again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from bot.desk.records import Handoff, handoff_from
from bot.store import desk_tables as desk
from bot.store import tables
from bot.store.desk_tables import CANCELLED, CLOSED, HUMAN, LEFT, LIVE, QUEUED, RINGING, WRAP_UP

OWNER_OF = {QUEUED: "queue", RINGING: "queue", HUMAN: "human"}
ALLOWED = {
    QUEUED: (RINGING, HUMAN, CANCELLED, LEFT),
    RINGING: (QUEUED, RINGING, HUMAN, CANCELLED, LEFT),
    HUMAN: (HUMAN, QUEUED, WRAP_UP),
    WRAP_UP: (CLOSED,),
}


class Stale(Exception):
    """Somebody else was faster: owner, state or epoch have changed. Roll back."""


def live_handoff(connection: Connection, conversation_id: str) -> Handoff | None:
    """The handoff of a conversation that waits, rings or is with an agent."""
    table = desk.handoffs
    row = connection.execute(
        select(table).where(table.c.conversation_id == conversation_id, table.c.state.in_(LIVE))
    ).one_or_none()
    return None if row is None else handoff_from(row)


def begin(connection: Connection, conversation: Any, values: dict[str, Any], at: datetime) -> Handoff:
    """Write a new handoff of a locked conversation and give the conversation to its owner.

    Args:
        conversation: the locked row of ``conversations``.
        values: columns of ``handoffs``, ``state`` among them.

    Raises:
        Stale: the conversation's epoch is no longer that of ``conversation``.
        sqlalchemy.exc.IntegrityError: there is a live handoff already.
    """
    row = {**_FRESH, **values, "id": uuid4().hex, "conversation_id": conversation.id, "requested_at": at}
    row.setdefault("waiting_since", at)
    connection.execute(insert(desk.handoffs).values(**row))
    if row["state"] in OWNER_OF:
        _give(connection, conversation, OWNER_OF[row["state"]], row["id"], row.get("agent_no"), at)
    return _read(connection, row["id"])


def move(
    connection: Connection, conversation: Any, handoff: Handoff, state: str, at: datetime, **values: Any
) -> Handoff:
    """Move a handoff of a locked conversation to ``state`` by compare-and-set.

    Args:
        conversation: the locked row of ``conversations``.
        values: further columns of ``handoffs`` to set.

    Raises:
        Stale: the handoff is no longer in the state of ``handoff``, or the epoch has changed.
        ValueError: there is no such way.
    """
    if state not in ALLOWED.get(handoff.state, ()):
        raise ValueError(f"{handoff.state} to {state}")
    table = desk.handoffs
    same_agent = table.c.agent_no.is_(None) if handoff.agent_no is None else table.c.agent_no == handoff.agent_no
    changed = connection.execute(
        update(table)
        .where(table.c.id == handoff.id, table.c.state == handoff.state, same_agent)
        .values(state=state, **values)
    ).rowcount
    if changed != 1:
        raise Stale()
    if handoff.state in OWNER_OF or state in OWNER_OF:
        agent_no = values.get("agent_no", handoff.agent_no) if state == HUMAN else None
        _give(connection, conversation, OWNER_OF.get(state, "bot"), handoff.id, agent_no, at)
    return _read(connection, handoff.id)


def _read(connection: Connection, handoff_id: str) -> Handoff:
    return handoff_from(connection.execute(select(desk.handoffs).where(desk.handoffs.c.id == handoff_id)).one())


def _give(
    connection: Connection, conversation: Any, owner: str, handoff_id: str, agent_no: str | None, at: datetime
) -> None:
    table, log = tables.conversations, tables.messages
    # The caller holds the row; the comparison keeps the promise even if one day a caller does not.
    changed = connection.execute(
        update(table)
        .where(table.c.id == conversation.id, table.c.epoch == conversation.epoch)
        .values(owner=owner, epoch=conversation.epoch + 1, failures=0, updated_at=at)
    ).rowcount
    if changed != 1:
        raise Stale()
    if owner != "bot":
        connection.execute(
            update(log)
            .where(log.c.conversation_id == conversation.id, tables.is_open)
            .values(answer_state=tables.DESK, lease=None, lease_until=None)
        )
    _span(connection, conversation, owner, handoff_id, agent_no, at)


def _span(
    connection: Connection, conversation: Any, owner: str, handoff_id: str, agent_no: str | None, at: datetime
) -> None:
    """Close the open span and begin the next one, unless it would be the same."""
    table = desk.owner_spans
    mine = table.c.conversation_id == conversation.id
    present = connection.execute(select(table).where(mine, table.c.ended_at.is_(None))).one_or_none()
    if present is not None and (present.owner, present.agent_no) == (owner, agent_no):
        return
    last_seq: int = connection.execute(
        select(tables.conversations.c.last_seq).where(tables.conversations.c.id == conversation.id)
    ).scalar_one()
    common = {"conversation_id": conversation.id}
    if present is None:
        first = {"id": uuid4().hex, "owner": "bot", "started_at": conversation.created_at, "first_seq": 1}
        connection.execute(insert(table).values(**common, **first, ended_at=at))
    else:
        connection.execute(update(table).where(table.c.id == present.id).values(ended_at=at))
    connection.execute(
        insert(table).values(
            **common,
            id=uuid4().hex,
            handoff_id=handoff_id if owner != "bot" else None,
            owner=owner,
            agent_no=agent_no,
            started_at=at,
            first_seq=last_seq + 1,
        )
    )


_FRESH: dict[str, Any] = {
    "skill": "general",
    "urgent": False,
    "passed": [],
    "idle_step": 0,
    "told_long_wait": False,
    "rating_invited": False,
}
