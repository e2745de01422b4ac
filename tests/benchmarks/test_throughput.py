"""The measured customers, and stock's parse data in the words of our actions; no assistant is started here."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from aiohttp import web

from benchmarks.customers import NotAnswered, RestCustomer, WidgetCustomer
from benchmarks.process import PROJECT_ROOT
from benchmarks.stacks import Stack
from benchmarks.throughput import ALONE, AT_ONCE, ROUNDS, TURNS, flow, questions
from tests.support.running import running, settings_for, texts
from tests.support.standin import standing_in


class Counting:
    """Answers at once, and counts."""

    asked = 0
    there = 0
    most_there = 0

    @classmethod
    async def arrives(cls, _session: aiohttp.ClientSession, _url: str) -> Counting:
        cls.there += 1
        cls.most_there = max(cls.most_there, cls.there)
        return cls()

    async def ask(self, text: str) -> dict[str, Any]:
        assert text in {"一", "二"}
        type(self).asked += 1
        return {}

    async def leave(self) -> None:
        type(self).there -= 1


@asynccontextmanager
async def idle_stack() -> AsyncIterator[Stack]:
    yield Stack("http://nowhere", 3.21, {"rasa": psutil.Process(), "server": psutil.Process()})


@pytest.mark.asyncio
async def test_everybody_asks_as_often_as_planned() -> None:
    found = await flow(idle_stack(), Counting.arrives, ["一", "二"], long=20)
    assert Counting.asked == TURNS + ALONE * (TURNS + 1) + AT_ONCE * ROUNDS * TURNS + 20
    assert Counting.there == 0
    assert Counting.most_there == AT_ONCE * ROUNDS
    assert found.ready_seconds == 3.2
    assert found.memory_mb > 0
    assert found.per_second > 0 and found.late_ms is not None


def test_the_questions_name_a_topic_and_are_the_same_each_time() -> None:
    asked = questions(PROJECT_ROOT / "data" / "nlu")
    assert asked == questions(PROJECT_ROOT / "data" / "nlu")
    assert len(set(asked)) > TURNS + ALONE * (TURNS + 1) + AT_ONCE * ROUNDS * TURNS
    assert "要带什么" not in asked


@pytest.mark.asyncio
async def test_a_customer_of_ours_gets_the_answer_over_the_websocket(tmp_path: Path) -> None:
    with standing_in() as standin, running(settings_for(tmp_path, standin.url)) as server:
        async with aiohttp.ClientSession() as session:
            customer = await WidgetCustomer.arrives(session, server.url)
            for number in range(3):
                assert texts(await customer.ask(f"第{number}问")) == f"回答:第{number}问"
            await customer.leave()


@pytest.mark.asyncio
async def test_a_customer_of_stock_keeps_its_sender_and_notices_silence() -> None:
    heard: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        heard.append(await request.json())
        return web.json_response([{"text": "好"}] if heard[-1]["message"] != "静" else [])

    app = web.Application()
    app.router.add_post("/webhooks/rest/webhook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        customer, other = await RestCustomer.arrives(session, url), await RestCustomer.arrives(session, url)
        assert await customer.ask("一") == {"text": "好"}
        await customer.ask("二")
        await other.ask("一")
        with pytest.raises(NotAnswered):
            await customer.ask("静")
    await runner.cleanup()
    assert heard[0]["sender"] == heard[1]["sender"] != heard[2]["sender"]


def test_the_processor_time_of_each_part_is_told_apart() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            stack = Stack("", 0.0, {"rasa": psutil.Process(busy.pid), "actions": psutil.Process()})
            before, deadline = stack.cpu_seconds()["rasa"], time.monotonic() + 30
            while stack.cpu_seconds()["rasa"] <= before and time.monotonic() < deadline:
                pass
            assert stack.cpu_seconds()["rasa"] > before
        finally:
            busy.kill()


def test_stocks_understanding_is_told_in_the_words_of_our_heads() -> None:
    """In a process of its own: the bridge changes the SDK for good."""
    program = """
from benchmarks.stock.actions import routing_of
from rasa_sdk import Tracker
from bot.nlu.decision import decide_routing
parsed = {
    "intent": {"name": "ask", "confidence": 0.9},
    "intent_ranking": [{"name": "ask", "confidence": 0.9}, {"name": "greet", "confidence": 0.1}],
    "response_selector": {"ask": {"response": {"intent_response_key": "ask/card.replace.how", "confidence": 0.8}}},
}
decision = decide_routing(routing_of(parsed))
assert (decision.kind, decision.act, decision.topic, decision.aspect) == ("answer", "ask", "card.replace", "how")
state = {"sender_id": "s", "slots": {}, "latest_message": parsed, "events": [], "paused": False}
assert Tracker.from_dict(state).latest_message["routing"]["topic"] == [("card.replace", 0.8)]
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
