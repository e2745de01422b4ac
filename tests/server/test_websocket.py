"""The customer's WebSocket: in order, once, from any number on; bounded and authenticated."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
import websockets

from bot.blocks import Reply, TextBlock
from bot.chat import websocket as websocket_module
from tests.support.running import WAIT_S, Customer, Running, Socket, texts
from tests.support.standin import StandIn

pytestmark = pytest.mark.asyncio


async def closed(raw: Any) -> int:
    """Read to the end; returns the close code."""
    with pytest.raises(websockets.ConnectionClosed):
        while True:
            await asyncio.wait_for(raw.recv(), WAIT_S)
    code: int = raw.close_code
    return code


async def test_a_talk(customer: Customer) -> None:
    async with customer.connected() as socket:
        assert await socket.next() == {"type": "ready", "last_seq": 1}
        assert (await socket.next())["message"] == customer.messages[0]
        await socket.send(type="send", client_id="a", text="卡丢了 6222020200112236")
        ack = await socket.until("ack")
        assert (ack["seq"], ack["client_id"]) == (2, "a")
        assert ack["masked"]
        answer = await socket.message("bot")
        assert "回答:卡丢了" in texts(answer)
        await socket.until("typing", on=False)
        assert {"type": "typing", "on": True} in socket.frames
        await socket.send(type="ping")
        await socket.until("pong")
        assert socket.seqs() == [1, 2, 3]


async def test_resuming_after_every_number_gives_the_rest_once(customer: Customer) -> None:
    for number in range(3):
        customer.post("handoff", client_id=f"h{number}")
    log = customer.log()
    for last_seq in range(len(log) + 2):
        async with customer.connected(last_seq=last_seq) as socket:
            assert await socket.next() == {"type": "ready", "last_seq": len(log)}
            await socket.send(type="ping")
            await socket.until("pong")
            assert socket.seqs() == [message["seq"] for message in log[last_seq:]]


async def test_a_long_history_comes_whole(server: Running, customer: Customer) -> None:
    for number in range(450):
        server.services.message_log.post(customer.conversation_id, "agent", Reply(blocks=[TextBlock(text=str(number))]))
    async with customer.connected() as socket:
        while len(socket.seqs()) < 451:
            await socket.next()
    assert socket.seqs() == list(range(1, 452))


async def test_losing_the_line_loses_and_doubles_nothing(customer: Customer, standin: StandIn) -> None:
    opened = standin.gate()
    async with customer.connected(last_seq=1) as socket:
        await socket.send(type="send", client_id="a", text="卡丢了")
        await socket.until("ack")
        seen = socket.seqs()
    opened.set()
    async with customer.connected(last_seq=max(seen, default=1)) as again:
        await again.send(type="send", client_id="a", text="卡丢了")
        ack = await again.until("ack")
        assert ack["seq"] == 2
        while 3 not in again.seqs():
            await again.next()
        await again.send(type="ping")
        await again.until("pong")
    assert sorted(set(seen) | set(again.seqs())) == [2, 3]
    assert len(seen) + len(again.seqs()) == 2
    assert len(standin.questions) == 1


async def test_two_windows_see_the_same(customer: Customer) -> None:
    async with customer.connected(last_seq=1) as one, customer.connected(last_seq=1) as two:
        await one.until("ready")
        await two.until("ready")
        await one.send(type="send", client_id="a", text="卡丢了")
        assert await one.message("bot") == await two.message("bot")
        assert one.seqs() == two.seqs() == [2, 3]


async def test_a_button_and_feedback_by_socket(customer: Customer, standin: StandIn) -> None:
    button = customer.messages[0]["blocks"][2]["buttons"][1]
    async with customer.connected(last_seq=1) as socket:
        await socket.send(type="feedback", seq=1, value="down", reason="太长")
        await socket.send(type="send", client_id="a", button_id=button["id"])
        await socket.message("bot")
        await socket.send(type="feedback", seq=99, value="up")
        assert (await socket.until("error"))["code"] == "message_not_found"
    assert standin.questions[-1]["payload"] == {"topic": "transfer.limit", "aspect": "limit"}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"type": "send", "client_id": "c", "text": "\\ud800"}', "invalid_characters"),
        ('{"type": "send", "client_id": "c", "text": null}', "message_empty"),
        ('{"type": "send", "client_id": "c", "text": 5}', "invalid_request"),
        (json.dumps({"type": "send", "client_id": "c", "text": "转" * 20_000}), "message_too_long"),
        ('{"type": "send", "client_id": "c", "button_id": "invented"}', "unknown_button"),
        ('{"type": "send", "client_id": "c", "text": "x", "payload": {}}', "invalid_request"),
    ],
)
async def test_a_bad_message_is_answered_by_name_and_the_talk_goes_on(
    customer: Customer, frame: str, code: str
) -> None:
    async with customer.connected(last_seq=1) as socket:
        await socket.raw.send(frame)
        error = await socket.until("error")
        assert (error["code"], error["client_id"]) == (code, "c")
        await socket.send(type="send", client_id="c", text="转账限额怎么调")
        await socket.until("ack", client_id="c")


@pytest.mark.parametrize("frame", ["no json", "[]", "{}", '{"type": 1}', '{"type": "dance"}', b"\x00\x01", "[" * 9000])
async def test_nonsense_is_answered_and_the_talk_goes_on(customer: Customer, frame: Any) -> None:
    async with customer.connected(last_seq=1) as socket:
        await socket.raw.send(frame)
        assert (await socket.until("error"))["code"] == "invalid_request"
        await socket.send(type="ping")
        await socket.until("pong")


async def test_a_giant_frame_ends_the_talk_unread(customer: Customer) -> None:
    async with customer.connected(last_seq=1) as socket:
        await socket.until("ready")
        await socket.raw.send("x" * 200_000)
        assert (await socket.until("error"))["code"] == "body_too_large"
        await socket.raw.send("x" * 1_000_000)
        assert await closed(socket.raw) == 1009


async def test_wrong_tokens_and_strangers_are_answered_alike(server: Running, customer: Customer) -> None:
    other = Customer.arrives(server.url)
    seen = set()
    for path, token in (
        (customer.path, other.token),
        (customer.path, customer.token[:-1]),
        (customer.path, ""),
        (f"{server.url}/api/conversations/unknown", customer.token),
    ):
        async with websockets.connect(path.replace("http", "ws", 1) + "/ws") as raw:
            await Socket(raw).send(type="hello", token=token, last_seq=0)
            seen.add(await asyncio.wait_for(raw.recv(), WAIT_S))
            assert await closed(raw) == websocket_module.NOT_FOUND
    assert [json.loads(frame)["code"] for frame in seen] == ["conversation_not_found"]


@pytest.mark.parametrize(
    "hello",
    [
        '{"type": "ping"}',
        '{"type": "hello"}',
        '{"type": "hello", "token": 5}',
        '{"type": "hello", "token": "\\ud800"}',
        '{"type": "hello", "token": "x", "last_seq": -1}',
        '{"type": "hello", "token": "x", "last_seq": 1e400}',
        "no json",
    ],
)
async def test_the_first_frame_must_be_hello(customer: Customer, hello: str) -> None:
    async with websockets.connect(customer.path.replace("http", "ws", 1) + "/ws") as raw:
        await raw.send(hello)
        assert json.loads(await asyncio.wait_for(raw.recv(), WAIT_S))["code"] == "invalid_request"
        assert await closed(raw) == websocket_module.BAD_FRAMES


async def test_who_says_nothing_is_closed(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_module, "HELLO_DEADLINE_S", 0.05)
    async with websockets.connect(customer.path.replace("http", "ws", 1) + "/ws") as raw:
        assert await closed(raw) == websocket_module.TIMED_OUT


async def test_windows_of_one_conversation_are_bounded_and_free_again(customer: Customer) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(websocket_module.MAX_CONNECTIONS):
            socket = await stack.enter_async_context(customer.connected())
            await socket.until("ready")
        async with customer.connected() as extra:
            assert (await extra.until("error"))["code"] == "too_many_connections"
            assert await closed(extra.raw) == websocket_module.TOO_MANY
    async with customer.connected() as again:
        frame = await again.next()
        assert frame["type"] == "ready"


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [("https://bank.example", True), ("same", True), ("https://evil.example", False), ("null", False)],
)
async def test_only_our_pages_may_connect(customer: Customer, origin: str, welcome: bool) -> None:
    origin = customer.url if origin == "same" else origin
    if welcome:
        async with customer.connected(origin=origin) as socket:
            assert (await socket.next())["type"] == "ready"
    else:
        with pytest.raises(websockets.InvalidStatusCode) as caught:
            async with customer.connected(origin=origin):
                pass
        assert caught.value.status_code == 403
