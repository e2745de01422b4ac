"""From the log to the assistant and back: in order, with a deadline, and never in silence."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.chat import processor as processor_module
from bot.chat.assistant import Assistant
from bot.chat.conversations import now
from bot.chat.processor import MAX_AGE, MAX_ATTEMPTS, Processor
from bot.chat.threads import DatabaseThreads
from bot.http.metrics import Metrics
from bot.store import tables
from bot.store.pubsub import MemoryPubSub, PubSub
from tests.chat.conftest import BANK, Node
from tests.support.databases import emptied
from tests.support.standin import TOKEN, StandIn, replies, reply

pytestmark = pytest.mark.asyncio
WAIT_S = 10.0


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """These tests are about the way, not about the kind of database."""
    return emptied(f"sqlite:///{tmp_path / 'nuoyan.db'}")


class Way:
    """A processor on a node, and the events it publishes."""

    def __init__(self, node: Node, url: str, pubsub: PubSub, deadline_s: float = 5.0) -> None:
        self.node = node
        self.pubsub = pubsub
        self.metrics = Metrics()
        self.assistant = Assistant([url], TOKEN, deadline_s)
        self.processor = Processor(
            node.work, self.assistant, pubsub, DatabaseThreads(), BANK, self.metrics, sweep_every_s=3600
        )

    @classmethod
    @asynccontextmanager
    async def on(cls, node: Node, url: str, deadline_s: float = 5.0) -> AsyncIterator[Way]:
        """Make one and close it."""
        way = cls(node, url, MemoryPubSub(), deadline_s)
        try:
            yield way
        finally:
            await way.close()

    async def close(self) -> None:
        """Orderly shutdown."""
        await self.processor.close()
        await self.assistant.close()

    async def settled(self, conversation_id: str, after: int) -> list[Any]:
        """Work off the conversation, then its messages after ``after``."""
        async with self.pubsub.subscribe(conversation_id) as events:
            self.processor.notify(conversation_id)
            while self.node.work.waiting(now() + timedelta(days=1)):
                assert await events.get(WAIT_S) is not None, "nothing happened"
        return self.node.log.read(conversation_id, after)[0]


@pytest.fixture
def quick_drain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(processor_module, "DRAIN_S", 0.05)
    yield


def words(message: Any) -> str:
    return "".join(str(block.get("text", "")) for block in message.blocks)


def states(message: Any) -> list[str]:
    return [block["state"] for block in message.blocks if block["type"] == "handoff"]


async def test_a_question_takes_text_and_metadata_along(node: Node, standin: StandIn) -> None:
    async with Way.on(node, standin.url) as way:
        conversation_id = node.opened()
        node.says(conversation_id, "/restart")
        (answer,) = await way.settled(conversation_id, 2)
    assert words(answer) == "回答:/restart"
    assert standin.questions == [
        {
            "sender": conversation_id,
            "message_id": f"{conversation_id}-2",
            "text": "/restart",
            "metadata": {
                "identity": "anonymous",
                "customer": None,
                "customer_name": None,
                "customer_tail": None,
                "elder": False,
                "masked": [],
                "epoch": 0,
                "channel": "web",
            },
        }
    ]


async def test_routing_comes_with_the_first_reply(node: Node, standin: StandIn) -> None:
    routing = {
        "act": "ask",
        "topic": "card.loss",
        "aspect": "how",
        "confidence": 0.9,
        "alternatives": [],
        "decision": "answer",
    }

    async def answer(_question: dict[str, Any]) -> Response:
        return replies(reply("一"), reply("二"), routing=routing)

    standin.answer = answer
    async with Way.on(node, standin.url) as way:
        conversation_id = node.opened()
        node.says(conversation_id, "卡丢了")
        first, second = await way.settled(conversation_id, 2)
    assert (first.routing, second.routing) == (routing, None)


async def test_one_conversation_waits_its_turn_others_do_not(node: Node, standin: StandIn) -> None:
    async with Way.on(node, standin.url) as way:
        opened = standin.gate()
        first, second = node.opened(), node.opened()
        for number in range(3):
            node.says(first, f"第{number}条")
            way.processor.notify(first)
        node.says(second, "另一位客户")
        way.processor.notify(second)
        asked = [await asyncio.to_thread(standin.asked.get, True, WAIT_S) for _ in range(2)]
        assert {question["sender"] for question in asked} == {first, second}
        opened.set()
        answers = await way.settled(first, 4)
        await way.settled(second, 2)
    assert [words(message) for message in answers] == ["回答:第0条", "回答:第1条", "回答:第2条"]
    assert standin.most_at_once == 2


async def refuse(_question: dict[str, Any]) -> Response:
    return Response("Traceback: secret inside", status_code=500)


def garbage(body: Any) -> Callable[[dict[str, Any]], Any]:
    async def answer(_question: dict[str, Any]) -> Response:
        return JSONResponse(body) if not isinstance(body, bytes) else Response(body)

    return answer


BAD_ANSWERS = {
    "500": refuse,
    "no json": garbage(b"<html>oops"),
    "half a pair": garbage(b'{"replies": [{"version": 1, "blocks": [{"type": "text", "text": "\\ud800"}]}]}'),
    "deep": garbage(b"[" * 100_000),
    "list": garbage([]),
    "nothing": garbage({"replies": []}),
    "null": garbage({"replies": None}),
    "empty reply": garbage({"replies": [{"version": 1, "blocks": []}]}),
    "html": garbage({"replies": [{"version": 1, "blocks": [{"type": "html", "html": "<script>"}]}]}),
    "string": garbage({"replies": ["text"]}),
    "button without payload": garbage(
        {"replies": [{"version": 1, "blocks": [{"type": "buttons", "buttons": [{"title": "x"}]}]}]}
    ),
    "huge": garbage({"replies": [reply("x" * 600_000)]}),
    "routing": garbage({"replies": [reply("x")], "routing": "x"}),
}


@pytest.mark.parametrize("bad", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
async def test_whatever_is_wrong_the_customer_is_told_and_offered_a_human(
    node: Node, standin: StandIn, bad: Any
) -> None:
    standin.answer = bad
    async with Way.on(node, standin.url) as way:
        conversation_id = node.opened()
        node.says(conversation_id, "卡丢了")
        (told,) = await way.settled(conversation_id, 2)
    assert (told.role, states(told)) == ("system", ["offered"])
    assert "抱歉" in words(told)
    assert "Traceback" not in words(told)


async def test_down_then_up_again(node: Node, standin: StandIn) -> None:
    async with Way.on(node, "http://127.0.0.1:1") as down:
        conversation_id = node.opened()
        node.says(conversation_id, "卡丢了")
        (told,) = await down.settled(conversation_id, 2)
        assert states(told) == ["offered"]
    async with Way.on(node, standin.url) as up:
        node.says(conversation_id, "在吗")
        (answer,) = await up.settled(conversation_id, 4)
    assert words(answer) == "回答:在吗"


def trickle(stop: threading.Event) -> Callable[[dict[str, Any]], Any]:
    """An answer that always comes and never ends."""

    async def blanks() -> AsyncIterator[bytes]:
        while not stop.is_set():
            yield b" "
            await asyncio.sleep(0.01)

    async def answer(_question: dict[str, Any]) -> Response:
        return StreamingResponse(blanks())

    return answer


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "trickling"])
async def test_the_deadline_is_for_the_whole_answer(node: Node, standin: StandIn, silent: bool) -> None:
    gate = standin.gate()
    if not silent:
        standin.answer = trickle(gate)
    async with Way.on(node, standin.url, deadline_s=0.3) as way:
        conversation_id = node.opened()
        node.says(conversation_id, "卡丢了")
        (told,) = await way.settled(conversation_id, 2)
        failures = way.metrics.registry.get_sample_value(
            "nuoyan_assistant_failures_total", {"code": "assistant_timeout"}
        )
    assert states(told) == ["offered"]
    assert failures == 1


async def test_after_several_failures_the_message_is_left_for_a_human(node: Node, standin: StandIn) -> None:
    standin.answer = refuse
    async with Way.on(node, standin.url) as way:
        conversation_id = node.opened()
        told = []
        for number in range(4):
            seq = node.says(conversation_id, f"第{number}条").seq
            told += await way.settled(conversation_id, seq)
    assert [states(message) for message in told] == [["offered"], ["offered"], ["message"], ["message"]]
    assert BANK.agent_hours in "".join(block.get("text", "") for block in told[-1].blocks)


async def test_an_answer_that_comes_after_a_human_took_over_is_dropped(node: Node, standin: StandIn) -> None:
    opened = standin.gate()
    async with Way.on(node, standin.url) as way:
        conversation_id = node.opened()
        node.says(conversation_id, "转人工")
        async with way.pubsub.subscribe(conversation_id) as events:
            way.processor.notify(conversation_id)
            await asyncio.to_thread(standin.asked.get, True, WAIT_S)
            node.taken_over(conversation_id)
            opened.set()
            while await events.get(WAIT_S) != {"type": "typing", "on": False}:
                pass
        assert way.metrics.registry.get_sample_value("nuoyan_replies_dropped_total") == 1
    assert [role for _seq, role, _text in node.everything(conversation_id)].count("bot") == 1, "the welcome only"


async def test_the_start_finds_what_was_left_behind(node: Node, other: Node, standin: StandIn) -> None:
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    dead = node.work.claim(conversation_id, now() - timedelta(minutes=1))
    assert dead is not None
    async with Way.on(other, standin.url) as way, way.pubsub.subscribe(conversation_id) as events:
        await way.processor.start()
        while not any(role == "bot" and seq > 1 for seq, role, _text in node.everything(conversation_id)):
            assert await events.get(WAIT_S) is not None
    assert node.work.answer(dead, []) is None
    assert [text for _seq, _role, text in node.everything(conversation_id)][1:] == ["卡丢了", "回答:卡丢了"]


def age(node: Node, **values: Any) -> None:
    table = tables.messages
    with node.database.write() as connection:
        connection.execute(update(table).where(table.c.role == "customer").values(**values))


@pytest.mark.parametrize(
    ("values", "handoff"),
    [
        ({"created_at": now() - MAX_AGE - timedelta(minutes=1)}, "message"),
        ({"attempts": MAX_ATTEMPTS}, "offered"),
    ],
    ids=["too old", "tried too often"],
)
async def test_what_is_too_late_is_told(node: Node, standin: StandIn, values: dict[str, Any], handoff: str) -> None:
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    age(node, **values)
    async with Way.on(node, standin.url) as way:
        (told,) = await way.settled(conversation_id, 2)
    assert standin.questions == []
    assert (told.role, states(told)) == ("system", [handoff])
    assert "服务刚才中断" in words(told)


async def test_two_servers_answer_everything_once(node: Node, other: Node, standin: StandIn) -> None:
    async with Way.on(node, standin.url) as one, Way.on(other, standin.url) as two:
        opened = [node.opened() for _ in range(4)]
        for number in range(5):
            for conversation_id in opened:
                node.says(conversation_id, f"第{number}条")
                one.processor.notify(conversation_id)
                two.processor.notify(conversation_id)
        for conversation_id in opened:
            while conversation_id in node.work.waiting(now() + timedelta(days=1)):
                await asyncio.gather(one.processor.sweep(), two.processor.sweep())
    for conversation_id in opened:
        answers = [text for _seq, role, text in node.everything(conversation_id) if role == "bot"][1:]
        assert answers == [f"回答:第{number}条" for number in range(5)]
    assert len(standin.questions) == 20


@pytest.mark.usefixtures("quick_drain")
async def test_an_orderly_shutdown_gives_the_message_back(node: Node, other: Node, standin: StandIn) -> None:
    opened = standin.gate()
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    async with Way.on(node, standin.url) as way:
        way.processor.notify(conversation_id)
        await asyncio.to_thread(standin.asked.get, True, WAIT_S)
    assert other.work.waiting(now()) == [conversation_id], "free at once, no lease to wait for"
    opened.set()
    async with Way.on(other, standin.url) as way:
        (answer,) = await way.settled(conversation_id, 2)
    assert words(answer) == "回答:卡丢了"


async def test_an_answer_that_cannot_be_stored_is_told(
    node: Node, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise ValueError("no room for this answer")

    monkeypatch.setattr(node.work, "answer", broken)
    async with Way.on(node, standin.url) as way:
        conversation_id = node.opened()
        node.says(conversation_id, "卡丢了")
        (told,) = await way.settled(conversation_id, 2)
    assert states(told) == ["offered"]


async def test_the_sweep_outlives_a_database_that_is_away(
    node: Node, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tried = node.work.waiting, threading.Event()

    def waiting(at: Any) -> list[str]:
        if not tried.is_set():
            tried.set()
            raise RuntimeError("away")
        return real(at)

    monkeypatch.setattr(node.work, "waiting", waiting)
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    way = Way(node, standin.url, MemoryPubSub())
    way.processor._sweep_every_s = 0.01
    async with way.pubsub.subscribe(conversation_id) as events:
        await way.processor.start()
        while not any(text == "回答:卡丢了" for _seq, _role, text in node.everything(conversation_id)):
            assert await events.get(WAIT_S) is not None
    await way.close()
    assert tried.is_set()
