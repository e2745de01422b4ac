"""What time does to the desk: rings run out, agents vanish, customers fall silent, waiting gets long.

Every step looks for candidates without locks and then settles each in a transaction of its own, which checks
again; so any number of servers may run it, and one that dies half-way leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from bot.chat.conversations import lock_conversation, now
from bot.chat.message_log import append_reply
from bot.desk import agents, wording
from bot.desk.chats import end_talk, to_front
from bot.desk.ownership import Stale, live_handoff, move
from bot.desk.records import Handoff, Unavailable
from bot.desk.requests import Requests
from bot.desk.settings import DeskSettings
from bot.desk.waiting import in_order, lock_queue, may_take, waiting_of
from bot.errors import ConversationNotFound
from bot.store import desk_tables as desk
from bot.store.database import Database
from bot.store.desk_tables import CLOSED, HUMAN, LIVE, QUEUED, RINGING, WRAP_UP

MOST_AT_ONCE = 100


class Clockwork:
    """The desk's time; every method returns the conversations that changed."""

    def __init__(
        self,
        database: Database,
        settings: DeskSettings,
        requests: Requests,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._requests = requests
        self._clock = clock

    def tick(self) -> list[str]:
        """Do all that is due now."""
        changed: list[str] = []
        for step in (
            self.vanished,
            self.orphans,
            self.rings,
            self.assign,
            self.silence,
            self.long_waits,
            self.wrap_ups,
        ):
            changed += step()
        return changed

    def vanished(self) -> list[str]:
        """Agents whose page has been silent too long are offline."""
        at = self._clock()
        limit = at - timedelta(seconds=self._settings.rules.desk.heartbeat_s)
        table = desk.desk_agents
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(table.c.status != "offline", table.c.heartbeat_at < limit)
                .values(status="offline", status_reason="失去联系", status_since=at)
            )
        return []

    def orphans(self) -> list[str]:
        """Chats of agents who are gone return to the front of the queue."""
        table, people = desk.handoffs, desk.desk_agents
        query = (
            select(table.c.conversation_id)
            .outerjoin(people, people.c.staff_no == table.c.agent_no)
            .where(table.c.state.in_((RINGING, HUMAN)), (people.c.status == "offline") | people.c.staff_no.is_(None))
        )

        def settle(connection: Connection, conversation: Any, live: Handoff, at: datetime) -> bool:
            agent = agents.find(connection, live.agent_no or "")
            if live.state not in (RINGING, HUMAN) or (agent is not None and agent.status != "offline"):
                return False
            passed = [*live.passed, live.agent_no or ""]
            if live.state == HUMAN:
                to_front(connection, conversation, live, at, self._settings, passed=passed)
            else:
                _ring_on(connection, conversation, live, at, passed)
            return True

        return self._each(query, settle)

    def rings(self) -> list[str]:
        """A desk that does not answer: the next one rings; an agent who misses several becomes busy."""
        table, figures = desk.handoffs, self._settings.rules.desk
        query = select(table.c.conversation_id).where(table.c.state == RINGING, table.c.ring_until <= self._clock())

        def settle(connection: Connection, conversation: Any, live: Handoff, at: datetime) -> bool:
            if live.state != RINGING or live.ring_until is None or live.ring_until > at:
                return False
            _ring_on(connection, conversation, live, at, [*live.passed, live.agent_no or ""])
            agents.missed(connection, live.agent_no or "", figures.missed_rings, at)
            return True

        return self._each(query, settle)

    def assign(self) -> list[str]:
        """Let who has waited longest ring at the best free desk, one after the other."""
        changed: list[str] = []
        while len(changed) < MOST_AT_ONCE:
            with self._database.write() as connection:
                rung = self._assign_one(connection)
            if rung is None:
                break
            changed.append(rung)
        return changed

    def _assign_one(self, connection: Connection) -> str | None:
        at, figures = self._clock(), self._settings.rules.desk
        lock_queue(connection)
        there = agents.there(connection, at, figures.heartbeat_s)
        free = [agent for agent in there if agent.status == "online" and agent.free and not agent.pulls_only]
        if not free:
            return None
        for waiting in in_order(connection):
            fit = [agent for agent in free if may_take(agent, waiting, there, at, figures)]
            if not fit:
                continue
            best = min(fit, key=lambda agent: _preference(agent, waiting))
            conversation = lock_conversation(connection, waiting.conversation_id)
            until = at + timedelta(seconds=figures.ring_s)
            try:
                move(connection, conversation, waiting, RINGING, at, agent_no=best.staff_no, ring_until=until)
            except Stale:
                continue
            agents.assigned(connection, best.staff_no, at)
            return waiting.conversation_id
        return None

    def silence(self) -> list[str]:
        """Two courteous steps, then the talk ends (`GB/T 47746—2026 7.1`)."""
        figures, table = self._settings.rules.desk, desk.handoffs
        limit = timedelta(seconds=figures.idle_s)
        query = select(table.c.conversation_id).where(
            table.c.state == HUMAN, table.c.idle_since <= self._clock() - limit
        )

        def settle(connection: Connection, conversation: Any, live: Handoff, at: datetime) -> bool:
            if live.state != HUMAN or live.idle_since is None or live.idle_since > at - limit:
                return False
            if live.idle_step >= figures.idle_steps:
                end_talk(connection, conversation, live, at, "idle")
                return True
            step = live.idle_step + 1
            connection.execute(update(table).where(table.c.id == live.id).values(idle_step=step, idle_since=at))
            told = wording.still_there(step, last=step >= figures.idle_steps)
            append_reply(connection, conversation.id, "system", told)
            return True

        return self._each(query, settle)

    def long_waits(self) -> list[str]:
        """Nobody at the desk any more: a message is left. A long wait: sorry, and other ways out."""
        figures, table = self._settings.rules.desk, desk.handoffs
        query = select(table.c.conversation_id).where(
            table.c.state == QUEUED,
            table.c.waiting_since <= self._clock() - timedelta(seconds=min(figures.no_agents_s, figures.long_wait_s)),
        )

        def settle(connection: Connection, conversation: Any, live: Handoff, at: datetime) -> bool:
            waited = (at - live.waiting_since).total_seconds()
            if live.state != QUEUED or self._settings.benched(connection, conversation.id) == "agents_online":
                return False
            there = agents.there(connection, at, figures.heartbeat_s)
            if not there and waited >= figures.no_agents_s:
                why: Unavailable = "no_agents" if self._settings.hours.open_at(at) else "off_hours"
                arranged = self._requests.leave(connection, conversation, live, why, at)
                append_reply(connection, conversation.id, "system", self._settings.speaker.nobody_left(arranged, at))
                return True
            if waited < figures.long_wait_s or live.told_long_wait:
                return False
            connection.execute(update(table).where(table.c.id == live.id).values(told_long_wait=True))
            place = waiting_of(connection, live, there, figures)
            append_reply(connection, conversation.id, "system", self._settings.speaker.long_wait(live, place))
            return True

        return self._each(query, settle)

    def wrap_ups(self) -> list[str]:
        """A talk that nobody wraps up is closed without a disposition."""
        table = desk.handoffs
        at = self._clock()
        limit = at - timedelta(seconds=self._settings.rules.desk.wrap_up_s)
        with self._database.write() as connection:
            due = connection.execute(
                select(table.c.id, table.c.conversation_id).where(table.c.state == WRAP_UP, table.c.ended_at <= limit)
            ).all()
            for row in due:
                connection.execute(
                    update(table)
                    .where(table.c.id == row.id, table.c.state == WRAP_UP)
                    .values(state=CLOSED, closed_at=at)
                )
        return [str(row.conversation_id) for row in due]

    def _each(self, query: Any, settle: Callable[[Connection, Any, Handoff, datetime], bool]) -> list[str]:
        with self._database.read() as connection:
            found = [str(row[0]) for row in connection.execute(query.limit(MOST_AT_ONCE)).all()]
        return list(self._settled(found, settle))

    def _settled(self, found: list[str], settle: Callable[[Connection, Any, Handoff, datetime], bool]) -> Iterator[str]:
        for conversation_id in found:
            try:
                with self._database.write() as connection:
                    conversation = lock_conversation(connection, conversation_id)
                    live = live_handoff(connection, conversation_id)
                    done = live is not None and settle(connection, conversation, live, self._clock())
            except (Stale, ConversationNotFound):
                continue
            if done:
                yield conversation_id

    def shift(self, conversation_id: str, seconds: float) -> None:
        """Let a conversation's clocks have begun ``seconds`` earlier (for test benches)."""
        table, back = desk.handoffs, timedelta(seconds=seconds)
        with self._database.write() as connection:
            lock_conversation(connection, conversation_id)
            rows = connection.execute(
                select(table).where(table.c.conversation_id == conversation_id, table.c.state.in_((*LIVE, WRAP_UP)))
            ).all()
            for row in rows:
                shifted = {
                    name: getattr(row, name) - back
                    for name in ("waiting_since", "last_customer_at", "last_agent_at", "idle_since", "ended_at")
                    if getattr(row, name) is not None
                }
                connection.execute(update(table).where(table.c.id == row.id).values(**shifted))


def _ring_on(connection: Connection, conversation: Any, live: Handoff, at: datetime, passed: list[str]) -> None:
    """Back to the same place in the queue, to ring elsewhere."""
    move(connection, conversation, live, QUEUED, at, agent_no=None, ring_until=None, passed=passed)


def _preference(agent: agents.Agent, waiting: Handoff) -> tuple[Any, ...]:
    """Least is best: the customer's last agent, then the skill, then the emptiest desk, then who waited longest."""
    return (
        agent.staff_no != waiting.preferred_agent,
        not agent.takes(waiting.skill),
        agent.load / agent.capacity,
        agent.last_assigned_at.timestamp() if agent.last_assigned_at else 0.0,
        agent.staff_no,
    )
