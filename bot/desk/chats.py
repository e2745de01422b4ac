"""What agents do with chats: take one, speak, hand on, end, wrap up. Each is one guarded transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.engine import Connection

from bot.blocks import Reply
from bot.chat.conversations import lock_conversation, now
from bot.chat.message_log import append_reply
from bot.chat.records import Message
from bot.desk import agents, wording
from bot.desk.ownership import Stale, live_handoff, move
from bot.desk.records import RETURNED, Handoff
from bot.desk.settings import DeskSettings
from bot.desk.waiting import in_order, lock_queue, may_take, waiting_of
from bot.desk.webhooks import emit
from bot.errors import ChatTaken, DeskFull, NobodyWaits, NotYourChat
from bot.privacy import mask
from bot.store import desk_tables as desk
from bot.store.database import Database
from bot.store.desk_tables import HUMAN, QUEUED, RINGING, WRAP_UP

TAKING = ("online", "busy", "wrap_up")


class Chats:
    """The agents' side of conversations, shared by all server processes."""

    def __init__(self, database: Database, settings: DeskSettings, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def claim_next(self, staff_no: str) -> Handoff:
        """Take who has waited longest of those this agent may take.

        Raises:
            NobodyWaits: there is none.
            DeskFull: as many chats as fit are under way.
        """
        at = self._clock()
        with self._database.write() as connection:
            lock_queue(connection)
            agent = self._agent_with_room(connection, staff_no)
            there = agents.there(connection, at, self._settings.rules.desk.heartbeat_s)
            for waiting in in_order(connection):
                if may_take(agent, waiting, there, at, self._settings.rules.desk, pulling=True):
                    return self._take(connection, waiting, staff_no, at)
        raise NobodyWaits()

    def claim(self, staff_no: str, conversation_id: str) -> Handoff:
        """Take one waiting customer, or the one who rings here.

        Raises:
            ChatTaken: the customer no longer waits, or rings at another desk.
            DeskFull: as many chats as fit are under way.
        """
        at = self._clock()
        with self._database.write() as connection:
            lock_queue(connection)
            live = live_handoff(connection, conversation_id)
            if live is None or live.state == HUMAN or (live.state == RINGING and live.agent_no != staff_no):
                raise ChatTaken()
            self._agent_with_room(connection, staff_no, ringing=live.state == RINGING)
            return self._take(connection, live, staff_no, at)

    def decline(self, staff_no: str, conversation_id: str) -> Handoff:
        """Let it ring at another desk; the customer keeps the place."""
        with self._mine(staff_no, conversation_id, RINGING) as (connection, conversation, live):
            passed = [*live.passed, staff_no]
            return move(
                connection,
                conversation,
                live,
                QUEUED,
                self._clock(),
                agent_no=None,
                ring_until=None,
                passed=passed,
            )

    def say(self, staff_no: str, conversation_id: str, reply: Reply, client_id: str | None = None) -> Message:
        """Send a message to the customer; ends any pending courtesy of silence.

        Raises:
            NotYourChat: another agent has it, or nobody.
        """
        at = self._clock()
        with self._mine(staff_no, conversation_id, HUMAN) as (connection, _conversation, live):
            table = desk.handoffs
            connection.execute(
                update(table)
                .where(table.c.id == live.id)
                .values(first_reply_at=live.first_reply_at or at, last_agent_at=at, idle_step=0, idle_since=at)
            )
            return append_reply(connection, conversation_id, "agent", reply, author=staff_no, client_id=client_id)

    def propose_bot(self, staff_no: str, conversation_id: str, settled: str | None = None) -> Message:
        """Ask the customer whether the bot may go on (`GB/T 47746—2026 5.2.3`).

        Args:
            settled: what was settled, for the bot to know.
        """
        with self._mine(staff_no, conversation_id, HUMAN) as (connection, _conversation, live):
            table = desk.handoffs
            values: dict[str, Any] = {"proposal": "bot", "last_agent_at": self._clock()}
            if settled:
                values["settled"] = mask(settled).text
            connection.execute(update(table).where(table.c.id == live.id).values(**values))
            return append_reply(connection, conversation_id, "agent", wording.may_bot_go_on(staff_no), author=staff_no)

    def end(self, staff_no: str, conversation_id: str, outcome: str = "closed") -> Handoff:
        """End the talk: the customer is told and invited once to rate; the agent wraps up."""
        with self._mine(staff_no, conversation_id, HUMAN) as (connection, conversation, live):
            return end_talk(connection, conversation, live, self._clock(), outcome)

    def back_to_queue(self, staff_no: str, conversation_id: str, skill: str) -> Handoff:
        """Hand on to another team: the customer waits at the front."""
        at = self._clock()
        with self._mine(staff_no, conversation_id, HUMAN) as (connection, conversation, live):
            return to_front(connection, conversation, live, at, self._settings, passed=[staff_no], skill=skill)

    @contextmanager
    def _mine(self, staff_no: str, conversation_id: str, state: str) -> Iterator[tuple[Connection, Any, Handoff]]:
        with self._database.write() as connection:
            conversation = lock_conversation(connection, conversation_id)
            live = live_handoff(connection, conversation_id)
            if live is None or live.state != state or live.agent_no != staff_no:
                raise NotYourChat()
            yield connection, conversation, live

    @staticmethod
    def _agent_with_room(connection: Connection, staff_no: str, ringing: bool = False) -> agents.Agent:
        try:
            agent = agents.locked(connection, staff_no)
        except KeyError as stranger:
            raise DeskFull(capacity=0) from stranger
        if not agent.free and not ringing:
            raise DeskFull(capacity=agent.capacity)
        return agent

    @staticmethod
    def _take(connection: Connection, waiting: Handoff, staff_no: str, at: datetime) -> Handoff:
        conversation = lock_conversation(connection, waiting.conversation_id)
        try:
            return take(connection, conversation, waiting, staff_no, at)
        except Stale as lost:
            raise ChatTaken() from lost


def take(connection: Connection, conversation: Any, waiting: Handoff, staff_no: str, at: datetime) -> Handoff:
    """An agent joins: who speaks is told; the clock of the human begins."""
    taken = move(
        connection,
        conversation,
        waiting,
        HUMAN,
        at,
        agent_no=staff_no,
        accepted_at=waiting.accepted_at or at,
        ring_until=None,
        idle_step=0,
        idle_since=at,
    )
    agents.accepted(connection, staff_no, at)
    again = waiting.accepted_at is not None
    told = wording.agent_changed(staff_no) if again else wording.agent_joined(taken)
    append_reply(connection, conversation.id, "system", told)
    return taken


def end_talk(connection: Connection, conversation: Any, live: Handoff, at: datetime, outcome: str) -> Handoff:
    """The human's part is over; the rating is invited once."""
    rate = not live.rating_invited
    ended = move(
        connection, conversation, live, WRAP_UP, at, outcome=outcome, ended_at=at, proposal=None, rating_invited=True
    )
    append_reply(connection, conversation.id, "system", wording.ended(outcome == "idle", rate))
    emit(connection, "conversation.closed", {"conversation_id": conversation.id, "outcome": outcome}, at)
    return ended


def to_front(
    connection: Connection,
    conversation: Any,
    live: Handoff,
    at: datetime,
    settings: DeskSettings,
    passed: list[str],
    skill: str | None = None,
) -> Handoff:
    """Back to the front of the queue; the customer is told, politely and with a place."""
    waiting = move(
        connection,
        conversation,
        live,
        QUEUED,
        at,
        agent_no=None,
        target_agent=None,
        rank=min(live.rank, RETURNED),
        waiting_since=at,
        skill=skill or live.skill,
        passed=passed,
        proposal=None,
        idle_step=0,
        told_long_wait=False,
    )
    there = agents.there(connection, at, settings.rules.desk.heartbeat_s)
    place = waiting_of(connection, waiting, there, settings.rules.desk)
    append_reply(connection, conversation.id, "system", wording.back_in_queue(waiting, place))
    return waiting
