"""Processes that die: the customer is told or answered, once, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.chat import processor as processor_module
from bot.chat import websocket as websocket_module
from bot.chat.conversations import now
from bot.chat.records import CustomerText
from tests.support.running import Customer, running, settings_for, texts
from tests.support.standin import StandIn, echo, standing_in


def handoff(message: dict[str, list[dict[str, str]]]) -> str:
    return next(block["state"] for block in message["blocks"] if block["type"] == "handoff")


@pytest.mark.asyncio
async def test_the_assistant_dies_in_mid_message_and_comes_back(tmp_path: Path) -> None:
    with standing_in() as first, running(settings_for(tmp_path, first.url, rasa_timeout_s=0.3)) as server:
        customer = Customer.arrives(server.url)
        first.gate()
        async with customer.connected(last_seq=1) as socket:
            await socket.send(type="send", client_id="a", text="卡丢了")
            told = await socket.message("system")
            assert handoff(told) == "offered"
            assert "抱歉" in texts(told)
            first.open_all()
            first.answer = echo
            await socket.send(type="send", client_id="b", text="在吗")
            assert texts(await socket.message("bot")) == "回答:在吗"


@pytest.mark.asyncio
async def test_a_stopped_server_leaves_its_message_to_the_next(
    tmp_path: Path, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor_module, "DRAIN_S", 0.05)
    settings = settings_for(tmp_path, standin.url)
    opened = standin.gate()
    with running(settings) as server:
        customer = Customer.arrives(server.url)
        for text in ("卡丢了", "在吗"):
            customer.say(text)
        standin.asked.get(timeout=10)
    opened.set()
    with running(settings) as server:
        again = Customer(server.url, customer.conversation_id, customer.token, [])
        async with again.connected(last_seq=3) as socket:
            answers = [texts(await socket.message("bot")) for _ in range(2)]
        assert answers == ["回答:卡丢了", "回答:在吗"]
        assert [message["role"] for message in again.log()] == ["bot", "customer", "customer", "bot", "bot"]


@pytest.mark.asyncio
async def test_a_killed_servers_message_is_answered_once(tmp_path: Path, standin: StandIn) -> None:
    settings = settings_for(tmp_path, standin.url)
    with running(settings) as server:
        customer = Customer.arrives(server.url)
        services, conversation_id = server.services, customer.conversation_id
        services.message_log.append_customer(conversation_id, "a", CustomerText("卡丢了"))
        lost = services.work.claim(conversation_id, now() - timedelta(minutes=1))
        assert lost is not None, "taken by a process that dies now"
    with running(settings) as one, running(settings) as two:
        again = Customer(one.url, customer.conversation_id, customer.token, [])
        async with again.connected(last_seq=2) as socket:
            assert texts(await socket.message("bot")) == "回答:卡丢了"
        await two.services.processor.sweep()
        assert [message["role"] for message in again.log()] == ["bot", "customer", "bot"]
        assert len(standin.questions) == 1


@pytest.mark.asyncio
async def test_two_servers_show_one_conversation(
    tmp_path: Path, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Redis a reader on the other server sees the news when it next looks at the log."""
    settings = settings_for(tmp_path, standin.url)
    monkeypatch.setattr(websocket_module, "LOOK_AGAIN_S", 0.05)
    with running(settings) as one, running(settings) as two:
        customer = Customer.arrives(one.url)
        elsewhere = Customer(two.url, customer.conversation_id, customer.token, [])
        async with elsewhere.connected(last_seq=1) as socket:
            customer.say("卡丢了")
            assert texts(await socket.message("bot")) == "回答:卡丢了"
        assert socket.seqs() == [2, 3]


@pytest.mark.asyncio
async def test_two_servers_share_events_through_redis(tmp_path: Path, standin: StandIn, redis_url: str) -> None:
    settings = settings_for(tmp_path, standin.url, redis_url=redis_url)
    with running(settings) as one, running(settings) as two:
        customer = Customer.arrives(one.url)
        elsewhere = Customer(two.url, customer.conversation_id, customer.token, [])
        async with elsewhere.connected(last_seq=1) as socket:
            await socket.until("ready")
            customer.say("卡丢了")
            assert texts(await socket.message("bot")) == "回答:卡丢了"
            await socket.until("typing", on=False)
        assert {"type": "typing", "on": True} in socket.frames, "only an event can say this"


def test_a_database_that_goes_away_is_said_in_chinese(
    tmp_path: Path, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(settings_for(tmp_path, standin.url)) as server:
        customer = Customer.arrives(server.url)
        monkeypatch.setattr("bot.store.database.BUSY_TIMEOUT_S", 0.05)
        with server.services.database.write():
            answer = customer.say("卡丢了")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
        assert "重新发送" in answer.json()["error"]["text"]
        assert customer.say("卡丢了").status_code == 202


def test_a_missing_knowledge_file_stops_the_start(tmp_path: Path, standin: StandIn) -> None:
    with (
        pytest.raises(FileNotFoundError),
        running(settings_for(tmp_path, standin.url, knowledge_dir=tmp_path / "none")),
    ):
        pass


def test_health_stays_up_while_the_assistant_is_down(tmp_path: Path) -> None:
    with running(settings_for(tmp_path, "http://127.0.0.1:1")) as server:
        assert httpx.get(f"{server.url}/api/health/live").status_code == 200
        assert httpx.get(f"{server.url}/api/health/ready").json()["checks"]["rasa"] == "failed"
