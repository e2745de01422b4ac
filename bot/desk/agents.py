"""Agents at their desks: who is there, with which skills, how many chats each has.

An agent is *there* while the heartbeat is fresh and the status is not break or offline. All functions work
within the caller's transaction; who hands out chats locks the agent's row first, so that the capacity holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from bot.identity.staff_records import StaffMember
from bot.store import desk_tables as desk
from bot.store.desk_tables import HUMAN, RINGING, WRAP_UP
from bot.store.upsert import insert_missing

THERE = ("online", "busy", "wrap_up")


@dataclass(frozen=True)
class Agent:
    """One agent's presence; ``load`` counts the chats that ring or are under way."""

    staff_no: str
    name: str
    status: str
    status_reason: str | None
    status_since: datetime
    skills: list[str]
    capacity: int
    heartbeat_at: datetime
    last_assigned_at: datetime | None
    missed_rings: int
    pulls_only: bool
    load: int = 0
    wrapping_up: int = field(default=0, compare=False)

    @property
    def free(self) -> int:
        """How many more chats fit, whatever the status."""
        return max(0, self.capacity - self.load)

    def takes(self, skill: str) -> bool:
        """Whether this agent has the skill."""
        return skill in self.skills


def sign_on(connection: Connection, member: StaffMember, at: datetime) -> Agent:
    """The agent's row, made on the first visit; skills and capacity are those of the account."""
    table = desk.desk_agents
    account = {"name": member.name, "skills": list(member.skills), "capacity": member.max_chats, "heartbeat_at": at}
    fresh = {"status": "offline", "status_since": at, "missed_rings": 0, "pulls_only": False}
    insert_missing(connection, table, [{"staff_no": member.id, **account, **fresh}])
    connection.execute(update(table).where(table.c.staff_no == member.id).values(**account))
    return locked(connection, member.id)


def locked(connection: Connection, staff_no: str) -> Agent:
    """The agent with its row locked to the end of the transaction; raises ``KeyError`` for a stranger."""
    row = _row(connection, staff_no, lock=True)
    if row is None:
        raise KeyError(staff_no)
    return _agent(row, loads(connection).get(staff_no, 0), wrapping(connection).get(staff_no, 0))


def find(connection: Connection, staff_no: str) -> Agent | None:
    """The agent, or None for somebody who was never at a desk."""
    row = _row(connection, staff_no, lock=False)
    return None if row is None else _agent(row, loads(connection).get(staff_no, 0))


def everyone(connection: Connection) -> list[Agent]:
    """All agents ever seen, by number."""
    counted, ending = loads(connection), wrapping(connection)
    rows = connection.execute(select(desk.desk_agents).order_by(desk.desk_agents.c.staff_no)).all()
    return [_agent(row, counted.get(row.staff_no, 0), ending.get(row.staff_no, 0)) for row in rows]


def there(connection: Connection, at: datetime, heartbeat_s: int) -> list[Agent]:
    """Agents who are at their desks; a test bench's agent, who only pulls, is none that customers may count on."""
    alive = at - timedelta(seconds=heartbeat_s)
    return [
        agent
        for agent in everyone(connection)
        if agent.status in THERE and agent.heartbeat_at >= alive and not agent.pulls_only
    ]


def set_status(
    connection: Connection, staff_no: str, status: str, reason: str | None, at: datetime, **values: Any
) -> None:
    """Change the status; ``status_since`` moves only when it is another one."""
    table = desk.desk_agents
    present = _row(connection, staff_no, lock=True)
    if present is not None and (present.status, present.status_reason) != (status, reason):
        values["status_since"] = at
    connection.execute(
        update(table).where(table.c.staff_no == staff_no).values(status=status, status_reason=reason, **values)
    )


def beat(connection: Connection, staff_no: str, at: datetime) -> None:
    """The agent's page is alive."""
    table = desk.desk_agents
    connection.execute(update(table).where(table.c.staff_no == staff_no).values(heartbeat_at=at))


def accepted(connection: Connection, staff_no: str, at: datetime) -> None:
    """The agent took a chat: no ring was missed."""
    table = desk.desk_agents
    connection.execute(update(table).where(table.c.staff_no == staff_no).values(last_assigned_at=at, missed_rings=0))


def assigned(connection: Connection, staff_no: str, at: datetime) -> None:
    """A chat rings at this desk."""
    table = desk.desk_agents
    connection.execute(update(table).where(table.c.staff_no == staff_no).values(last_assigned_at=at))


def missed(connection: Connection, staff_no: str, limit: int, at: datetime) -> None:
    """A ring was not answered; after ``limit`` in a row the desk stops ringing until the agent is back."""
    table = desk.desk_agents
    row = _row(connection, staff_no, lock=True)
    if row is None:
        return
    values: dict[str, Any] = {"missed_rings": row.missed_rings + 1}
    if row.missed_rings + 1 >= limit and row.status == "online":
        values |= {"status": "busy", "status_reason": "多次未接听", "status_since": at}
    connection.execute(update(table).where(table.c.staff_no == staff_no).values(**values))


def loads(connection: Connection) -> dict[str, int]:
    """Chats that ring or are under way, by agent."""
    return _count(connection, (RINGING, HUMAN))


def wrapping(connection: Connection) -> dict[str, int]:
    """Chats being wrapped up, by agent."""
    return _count(connection, (WRAP_UP,))


def _count(connection: Connection, states: tuple[str, ...]) -> dict[str, int]:
    table = desk.handoffs
    rows = connection.execute(
        select(table.c.agent_no, func.count())
        .where(table.c.state.in_(states), table.c.agent_no.is_not(None))
        .group_by(table.c.agent_no)
    ).all()
    return {str(row[0]): int(row[1]) for row in rows}


def _row(connection: Connection, staff_no: str, lock: bool) -> Any:
    table = desk.desk_agents
    query = select(table).where(table.c.staff_no == staff_no)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def _agent(row: Any, load: int, wrapping_up: int = 0) -> Agent:
    names = [name for name in Agent.__dataclass_fields__ if name not in ("load", "wrapping_up")]
    return Agent(**{name: getattr(row, name) for name in names}, load=load, wrapping_up=wrapping_up)
