"""Counting what customers ask about, from the log alone."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.blocks import Reply
from bot.chat.conversations import now
from bot.chat.interest import FRESH_FOR_S, WITHIN, Interest
from bot.chat.threads import DatabaseThreads
from bot.errors import StoreUnavailable
from bot.store import tables
from tests.chat.conftest import Node

pytestmark = pytest.mark.asyncio


class Clock:
    """Seconds that only a test lets pass."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def answered(node: Node, conversation: str, role: str = "bot", **routing: Any) -> None:
    reply = Reply.parse_obj({"blocks": [{"type": "text", "text": "答复"}], "routing": routing or None})
    node.log.post(conversation, role, reply)  # type: ignore[arg-type]


async def test_that_only_answers_about_a_topic_count(node: Node) -> None:
    conversation = node.opened()
    answered(node, conversation, act="ask", topic="card.loss")
    answered(node, conversation, act="ask", topic="card.loss", aspect="how")
    answered(node, conversation, act="ask", topic="fx.quota")
    answered(node, conversation, act="greet")
    answered(node, conversation)
    answered(node, conversation, role="agent", act="ask", topic="fx.quota")
    assert await Interest(node.database, DatabaseThreads()).asked() == {"card.loss": 2, "fx.quota": 1}


async def test_that_what_is_long_ago_does_not_count(node: Node) -> None:
    answered(node, node.opened(), act="ask", topic="card.loss")
    with node.database.write() as connection:
        connection.execute(update(tables.messages).values(created_at=now() - WITHIN - timedelta(minutes=1)))
    assert await Interest(node.database, DatabaseThreads()).asked() == {}


async def test_that_numbers_stand_for_five_minutes_and_no_longer(node: Node) -> None:
    clock = Clock()
    interest = Interest(node.database, DatabaseThreads(), clock)
    assert await interest.asked() == {}
    answered(node, node.opened(), act="ask", topic="card.loss")
    clock.seconds += FRESH_FOR_S - 1
    assert await interest.asked() == {}
    clock.seconds += 1
    assert await interest.asked() == {"card.loss": 1}


async def test_that_while_the_database_is_away_the_last_numbers_stand(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    answered(node, node.opened(), act="ask", topic="card.loss")
    interest = Interest(node.database, DatabaseThreads(), clock)
    assert await interest.asked() == {"card.loss": 1}

    def away(*_: Any) -> Any:
        raise StoreUnavailable()

    monkeypatch.setattr(interest, "_count", away)
    clock.seconds += FRESH_FOR_S
    assert await interest.asked() == {"card.loss": 1}


async def test_that_nobody_waits_for_a_second_count(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, counting, go_on = Clock(), threading.Event(), threading.Event()
    interest = Interest(node.database, DatabaseThreads(), clock)
    assert await interest.asked() == {}

    def slowly() -> dict[str, int]:
        counting.set()
        go_on.wait(10)
        return {"card.loss": 1}

    monkeypatch.setattr(interest, "_count", slowly)
    clock.seconds += FRESH_FOR_S
    first = asyncio.create_task(interest.asked())
    assert await asyncio.to_thread(counting.wait, 10)
    assert await interest.asked() == {}
    go_on.set()
    assert await first == {"card.loss": 1}
