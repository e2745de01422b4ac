"""What a test bench may do to the desk in development: set its state, play an agent, let time pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import update

from bot.blocks import Reply, TextBlock
from bot.chat.conversations import lock_conversation
from bot.desk import agents, signals
from bot.desk.chats import Chats
from bot.desk.clockwork import Clockwork
from bot.desk.ownership import live_handoff
from bot.desk.settings import BENCH, BenchState, store
from bot.errors import ChatTaken
from bot.identity.staff_records import SKILLS, StaffMember
from bot.store import desk_tables as desk
from bot.store.database import Database
from bot.store.desk_tables import HUMAN

BENCH_AGENT = "T001"
_MEMBER = StaffMember(
    id=BENCH_AGENT,
    name="测试坐席",
    roles=("agent",),
    skills=SKILLS,
    max_chats=10_000,
    active=True,
    demo=True,
    must_change_password=False,
    totp=False,
)
STEP_S = 30.0
STAYS = timedelta(minutes=10)


class DeskBench:
    """Plays the desk for one conversation; never made outside development."""

    def __init__(self, database: Database, chats: Chats, clockwork: Clockwork, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._chats = chats
        self._clockwork = clockwork
        self._clock = clock

    def set_state(self, state: BenchState | None, conversation_id: str | None = None) -> None:
        """Let the desk be staffed, empty or closed: for one conversation, or for all; None: as it really is."""
        key = BENCH if conversation_id is None else f"{BENCH}:{conversation_id}"
        with self._database.write() as connection:
            store(connection, key, state, None, self._clock())

    def agent_joins(self, conversation_id: str) -> None:
        """An agent takes the conversation; a customer who did not ask is put into the queue first.

        Raises:
            ChatTaken: the conversation can't be taken.
        """
        self._agent_at_desk()
        with self._database.read() as connection:
            live = live_handoff(connection, conversation_id)
        if live is not None and live.state == HUMAN:
            return
        if live is None:
            raise ChatTaken()
        self._chats.claim(BENCH_AGENT, conversation_id)

    def agent_says(self, conversation_id: str, text: str) -> None:
        """The agent writes; joins first when the customer still waits."""
        self.agent_joins(conversation_id)
        self._chats.say(BENCH_AGENT, conversation_id, Reply(blocks=[TextBlock(text=text)]))

    def agent_proposes_bot(self, conversation_id: str) -> None:
        """The agent asks whether the bot may go on."""
        self.agent_joins(conversation_id)
        self._chats.propose_bot(BENCH_AGENT, conversation_id)

    def silence(self, conversation_id: str, seconds: float) -> None:
        """Nobody says anything for ``seconds``; what is due on the way happens in order."""
        left = seconds
        while left > 0:
            self._agent_at_desk()
            step = min(left, STEP_S)
            self._clockwork.shift(conversation_id, step)
            self._clockwork.tick()
            left -= step

    def visits(self, conversation_id: str, count: int) -> None:
        """The customer has been here ``count`` times within the last day."""
        with self._database.write() as connection:
            conversation = lock_conversation(connection, conversation_id)
            signals.add_visits(connection, conversation, self._clock(), count)

    def _agent_at_desk(self) -> None:
        at = self._clock()
        with self._database.write() as connection:
            agents.sign_on(connection, _MEMBER, at)
            agents.set_status(connection, BENCH_AGENT, "online", "测试", at)
            table = desk.desk_agents
            values = {"pulls_only": True, "heartbeat_at": at + STAYS}
            connection.execute(update(table).where(table.c.staff_no == BENCH_AGENT).values(**values))
