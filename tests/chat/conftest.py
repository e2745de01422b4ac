"""Repositories on a fresh database, and a stand-in assistant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bot.cases.build import build_cases
from bot.cases.service import CaseService
from bot.chat.bank_values import BankValues, read_bank_values
from bot.chat.conversations import Conversations, now
from bot.chat.message_log import MessageLog
from bot.chat.records import Ack, CustomerText
from bot.chat.wording import welcome
from bot.chat.work import Work
from bot.desk import agents
from bot.desk.chats import Chats
from bot.desk.desk import Desk
from bot.desk.left import LeftMessages
from bot.desk.rating import Ratings
from bot.desk.requests import Requests
from bot.desk.settings import BENCH, DeskSettings, store
from bot.identity.staff_records import SKILLS, StaffMember
from bot.settings import Settings
from bot.store.database import Database
from tests.support.standin import StandIn, standing_in

LEASE = timedelta(seconds=12)
DATA = Path(__file__).resolve().parents[2] / "data"
KNOWLEDGE, DESK = DATA / "knowledge", DATA / "desk"
AGENT = StaffMember(
    id="1001",
    name="王晓梅",
    roles=("agent",),
    skills=SKILLS,
    max_chats=1000,
    active=True,
    demo=True,
    must_change_password=False,
    totp=False,
)


def cases_on(database: Database) -> CaseService:
    """The cases room on a database."""
    return build_cases(Settings(database_url=str(database.engine.url)), database).service


@dataclass
class Node:
    """What one server process has: its own connections to the common database."""

    database: Database
    conversations: Conversations
    log: MessageLog
    work: Work
    settings: DeskSettings
    chats: Chats

    @classmethod
    def on(cls, database_url: str) -> Node:
        """Connect to a database."""
        database = Database(database_url)
        conversations = Conversations(database)
        settings = DeskSettings(DESK, BANK, bench=True)
        desk = Desk(
            settings, Requests(database, settings, LeftMessages(cases_on(database))), Ratings(database, settings)
        )
        return cls(
            database,
            conversations,
            MessageLog(database, conversations, desk),
            Work(database, LEASE, desk),
            settings,
            Chats(database, settings),
        )

    def staffed(self, state: str = "agents_online") -> None:
        """Let there be agents, or not."""
        with self.database.write() as connection:
            store(connection, BENCH, state, None, now())

    def queued(self, conversation_id: str) -> None:
        """The customer presses the button while agents are there: owner ``queue``."""
        self.staffed()
        self.log.append_customer(conversation_id, f"human-{uuid4().hex}", CustomerText("转人工"), wants_human=True)

    def taken_over(self, conversation_id: str) -> None:
        """An agent takes the conversation: owner ``human``."""
        self.queued(conversation_id)
        with self.database.write() as connection:
            agents.sign_on(connection, AGENT, now())
        self.chats.claim(AGENT.id, conversation_id)

    def given_back(self, conversation_id: str) -> None:
        """The agent ends the talk: owner ``bot``."""
        self.chats.end(AGENT.id, conversation_id)

    def opened(self) -> str:
        """Open a conversation; returns its id."""
        return self.log.open("web", False, welcome(BANK))[0].id

    def says(self, conversation_id: str, text: str, client_id: str | None = None) -> Ack:
        """A customer's message."""
        return self.log.append_customer(conversation_id, client_id or text, CustomerText(text))

    def everything(self, conversation_id: str) -> list[tuple[int, str, str]]:
        """The log as ``(seq, role, first text)``."""
        found, after = [], 0
        while True:
            page, _last = self.log.read(conversation_id, after)
            if not page:
                return found
            found += [(message.seq, message.role, message.blocks[0].get("text", "")) for message in page]
            after = page[-1].seq


BANK: BankValues = read_bank_values(KNOWLEDGE)


@pytest.fixture
def node(database_url: str) -> Iterator[Node]:
    """One server process."""
    made = Node.on(database_url)
    yield made
    made.database.close()


@pytest.fixture
def other(database_url: str) -> Iterator[Node]:
    """A second server process on the same database."""
    made = Node.on(database_url)
    yield made
    made.database.close()


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """An assistant whose answers a test decides."""
    with standing_in() as started:
        yield started
