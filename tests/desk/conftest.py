"""A desk on a database, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest
from sqlalchemy import select

from bot.chat.conversations import Conversations
from bot.chat.message_log import MessageLog
from bot.chat.records import CustomerText, Message
from bot.chat.wording import welcome
from bot.chat.work import Work
from bot.desk import agents
from bot.desk.bench import DeskBench
from bot.desk.chats import Chats
from bot.desk.clockwork import Clockwork
from bot.desk.desk import Desk
from bot.desk.left import LeftMessages
from bot.desk.ownership import live_handoff
from bot.desk.rating import Ratings
from bot.desk.records import Handoff, handoff_from
from bot.desk.requests import Requests
from bot.desk.settings import DeskSettings
from bot.identity.staff_records import SKILLS, StaffMember
from bot.store import desk_tables as desk
from bot.store import tables
from bot.store.database import Database
from tests.chat.conftest import BANK, DESK, cases_on

# Thursday, 10:00 in Beijing: within the hours of the human service.
MORNING = datetime(2026, 11, 26, 2, 0, tzinfo=timezone.utc)


def member(staff_no: str, skills: tuple[str, ...] = SKILLS, max_chats: int = 3, role: str = "agent") -> StaffMember:
    """An account."""
    return StaffMember(
        id=staff_no,
        name=f"坐席{staff_no}",
        roles=(role,),
        skills=skills,
        max_chats=max_chats,
        active=True,
        demo=True,
        must_change_password=False,
        totp=False,
    )


@dataclass
class World:
    """What one server process has of the desk."""

    database: Database
    at: list[datetime] = field(default_factory=lambda: [MORNING])
    _names: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.settings = DeskSettings(DESK, BANK, bench=True)
        self.requests = Requests(self.database, self.settings, LeftMessages(cases_on(self.database)), self.clock)
        self.ratings = Ratings(self.database, self.settings, self.clock)
        self.desk = Desk(self.settings, self.requests, self.ratings, self.clock)
        self.conversations = Conversations(self.database)
        self.log = MessageLog(self.database, self.conversations, self.desk)
        self.work = Work(self.database, timedelta(seconds=12), self.desk)
        self.chats = Chats(self.database, self.settings, self.clock)
        self.clockwork = Clockwork(self.database, self.settings, self.requests, self.clock)
        self.bench = DeskBench(self.database, self.chats, self.clockwork, self.clock)

    def clock(self) -> datetime:
        """The time, the same for all parts."""
        return self.at[0]

    def passes(self, seconds: float) -> None:
        """Let time pass; agents' pages stay alive."""
        self.at[0] += timedelta(seconds=seconds)
        with self.database.write() as connection:
            for agent in agents.everyone(connection):
                if agent.status != "offline":
                    agents.beat(connection, agent.staff_no, self.at[0])

    def online(self, staff_no: str = "1001", status: str = "online", **account: object) -> StaffMember:
        """An agent sits down."""
        made = member(staff_no, **account)  # type: ignore[arg-type]
        with self.database.write() as connection:
            agents.sign_on(connection, made, self.clock())
            agents.set_status(connection, staff_no, status, None, self.clock())
        return made

    def opened(self, elder: bool = False) -> str:
        """A customer arrives."""
        conversation_id = self.log.open("web", elder, welcome(BANK))[0].id
        table = tables.conversations
        with self.database.write() as connection:
            mine = table.c.id == conversation_id
            connection.execute(table.update().where(mine).values(created_at=self.clock()))
        return conversation_id

    def says(self, conversation_id: str, text: str, *masked: str) -> list[Message]:
        """A customer writes; returns what is said to it at once."""
        ack = self.log.append_customer(conversation_id, f"c{next(self._names)}", CustomerText(text, masked))
        return self.after(conversation_id, ack.seq)

    def taps(self, conversation_id: str, title: str) -> list[Message]:
        """A customer taps the newest button with this title."""
        shown = [
            button
            for message in self.after(conversation_id, 0)
            for block in message.blocks
            for button in block.get("buttons", ())
            if button["title"] == title
        ]
        offered = self.log.button(conversation_id, shown[-1]["id"])
        ack = self.log.append_customer(
            conversation_id, f"c{next(self._names)}", CustomerText(offered.title), payload=offered.payload
        )
        return self.after(conversation_id, ack.seq)

    def asks(self, conversation_id: str | None = None, elder: bool = False) -> str:
        """A customer presses the button for a person; returns the conversation."""
        conversation_id = conversation_id or self.opened(elder)
        self.log.append_customer(conversation_id, f"c{next(self._names)}", CustomerText("我要转人工"), wants_human=True)
        return conversation_id

    def after(self, conversation_id: str, seq: int) -> list[Message]:
        """The log after ``seq``."""
        return self.log.read(conversation_id, seq)[0]

    def last(self, conversation_id: str) -> Message:
        """The newest message."""
        return self.after(conversation_id, 0)[-1]

    def live(self, conversation_id: str) -> Handoff | None:
        """The live handoff."""
        with self.database.read() as connection:
            return live_handoff(connection, conversation_id)

    def handoffs(self, conversation_id: str) -> list[Handoff]:
        """All handoffs of a conversation, oldest first."""
        table = desk.handoffs
        with self.database.read() as connection:
            rows = connection.execute(
                select(table).where(table.c.conversation_id == conversation_id).order_by(table.c.requested_at)
            ).all()
        return [handoff_from(row) for row in rows]

    def owner(self, conversation_id: str) -> str:
        """Who owns it."""
        return self.conversations.get(conversation_id).owner

    def agent(self, staff_no: str) -> agents.Agent:
        """An agent's presence."""
        with self.database.read() as connection:
            found = agents.find(connection, staff_no)
        assert found is not None
        return found


def words(*messages: Message) -> str:
    """All words of messages."""
    return "".join(str(block.get("text", "")) for message in messages for block in message.blocks)


def states(*messages: Message) -> list[str]:
    """The states of their handoff blocks."""
    return [block["state"] for message in messages for block in message.blocks if block["type"] == "handoff"]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """One server process; each test runs on both kinds of database."""
    database = Database(database_url)
    yield World(database)
    database.close()
