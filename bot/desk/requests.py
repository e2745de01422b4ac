"""A customer needs a person: into the queue, or a message is left because nobody can come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from bot.chat.conversations import lock_conversation, now
from bot.desk import agents
from bot.desk.left import LeftMessages
from bot.desk.ownership import begin, live_handoff, move
from bot.desk.records import Arranged, Ask, Handoff, Unavailable, handoff_from
from bot.desk.settings import DeskSettings
from bot.desk.waiting import how_many, waiting_of
from bot.desk.webhooks import emit
from bot.store import desk_tables as desk
from bot.store.database import Database
from bot.store.desk_tables import LEFT, QUEUED

_SAME_MESSAGE = timedelta(hours=24)
_LAST_AGENT = timedelta(days=7)


class Requests:
    """Puts customers into the queue.

    Args:
        settings: hours and figures as they are at present.
        left: makes cases of left messages.
    """

    def __init__(
        self,
        database: Database,
        settings: DeskSettings,
        left: LeftMessages,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._left = left

    lock = staticmethod(lock_conversation)

    def request(self, connection: Connection, conversation: Any, ask: Ask, at: datetime) -> Arranged:
        """Arrange a person for a locked conversation.

        Somebody who waits already keeps the place, or moves up when it has become more urgent. A second
        message left within a day joins the first.

        Raises:
            Stale: the conversation has changed since it was read.
        """
        live = live_handoff(connection, conversation.id)
        if live is not None:
            live = self._raised(connection, live, ask)
            asked = Ask(live.reason, live.clause, live.skill, live.urgent)
            return Arranged(live.id, asked, self._waiting(connection, live, at), again=True)
        unavailable = self.unavailable(connection, conversation.id, ask, at)
        if unavailable is not None:
            return self.leave_message(connection, conversation, ask, unavailable, at)
        values = {**_columns(ask), "state": QUEUED, "preferred_agent": self._last_agent(connection, conversation, at)}
        handoff = begin(connection, conversation, values, at)
        data = {"conversation_id": conversation.id, "reason": ask.reason, "skill": ask.skill, "urgent": ask.urgent}
        emit(connection, "conversation.handed_over", data, at)
        return Arranged(handoff.id, ask, self._waiting(connection, handoff, at))

    def unavailable(self, connection: Connection, conversation_id: str, ask: Ask, at: datetime) -> Unavailable | None:
        """Why nobody can come, or None."""
        figures, hours = self._settings.rules.desk, self._settings.hours
        benched = self._settings.benched(connection, conversation_id)
        if benched is not None:
            return {"off_hours": "off_hours", "no_agents": "no_agents"}.get(benched)  # type: ignore[return-value]
        if not hours.open_at(at) and not (ask.urgent and hours.urgent_always):
            return "off_hours"
        if not agents.there(connection, at, figures.heartbeat_s):
            return "no_agents" if hours.open_at(at) else "off_hours"
        if not ask.urgent and how_many(connection) >= figures.queue_max:
            return "queue_full"
        return None

    def leave(
        self, connection: Connection, conversation: Any, live: Handoff, unavailable: Unavailable, at: datetime
    ) -> Arranged:
        """Who waits leaves a message instead: a case with a deadline.

        Raises:
            Stale: the handoff has changed.
        """
        left = move(connection, conversation, live, LEFT, at, outcome="left", ended_at=at, agent_no=None)
        ask = Ask(live.reason, live.clause, live.skill, live.urgent)
        return Arranged(live.id, ask, None, unavailable, case=self._left.file(connection, conversation, left, at))

    def open_case(self, conversation_id: str) -> str | None:
        """The case of the left message that a further one would join."""
        with self._database.read() as connection:
            return self.open_left(connection, conversation_id)

    def open_left(self, connection: Connection, conversation_id: str) -> str | None:
        """As :meth:`open_case`, within the caller's transaction."""
        earlier = self._earlier(connection, conversation_id, self._clock())
        return None if earlier is None else earlier.case_number

    def leave_message(
        self, connection: Connection, conversation: Any, ask: Ask, unavailable: Unavailable, at: datetime
    ) -> Arranged:
        """A message is left: a case with a deadline, unless it joins one that is still open."""
        earlier = self._earlier(connection, conversation.id, at)
        if earlier is not None and (earlier.urgent or not ask.urgent):
            return Arranged(earlier.id, ask, None, unavailable, again=True)
        values = {**_columns(ask), "state": LEFT, "outcome": "left", "ended_at": at}
        handoff = begin(connection, conversation, values, at)
        case = self._left.file(connection, conversation, handoff, at)
        return Arranged(handoff.id, ask, None, unavailable, case=case)

    @staticmethod
    def _earlier(connection: Connection, conversation_id: str, at: datetime) -> Any:
        table = desk.handoffs
        return connection.execute(
            select(table)
            .where(
                table.c.conversation_id == conversation_id,
                table.c.state == LEFT,
                table.c.closed_at.is_(None),
                table.c.requested_at > at - _SAME_MESSAGE,
            )
            .order_by(table.c.requested_at.desc())
            .limit(1)
        ).one_or_none()

    def _waiting(self, connection: Connection, handoff: Handoff, at: datetime) -> Any:
        figures = self._settings.rules.desk
        return waiting_of(connection, handoff, agents.there(connection, at, figures.heartbeat_s), figures)

    @staticmethod
    def _raised(connection: Connection, live: Handoff, ask: Ask) -> Handoff:
        if not ask.urgent or live.urgent or live.state not in ("queued", "ringing"):
            return live
        table = desk.handoffs
        connection.execute(update(table).where(table.c.id == live.id).values(**_columns(ask)))
        return handoff_from(connection.execute(select(table).where(table.c.id == live.id)).one())

    @staticmethod
    def _last_agent(connection: Connection, conversation: Any, at: datetime) -> str | None:
        """Who talked to this customer last: goes first for a returning customer."""
        table = desk.handoffs
        found = connection.execute(
            select(table.c.agent_no)
            .where(
                table.c.conversation_id == conversation.id,
                table.c.agent_no.is_not(None),
                table.c.ended_at > at - _LAST_AGENT,
            )
            .order_by(table.c.ended_at.desc())
            .limit(1)
        ).scalar_one_or_none()
        return None if found is None else str(found)


def _columns(ask: Ask) -> dict[str, Any]:
    return {
        "reason": ask.reason,
        "clause": ask.clause,
        "skill": ask.skill,
        "urgent": ask.urgent,
        "rank": ask.rank,
    }
