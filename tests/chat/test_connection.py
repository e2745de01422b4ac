"""A customer who reads too slowly, or floods, is bounded and dropped; nothing piles up in the server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.chat import websocket as websocket_module
from bot.chat.records import Conversation
from bot.chat.websocket import MAX_BAD_FRAMES, MAX_WAITING_FRAMES, Connection, SlowConsumer
from bot.store.pubsub import LOG_GREW, MemoryPubSub

pytestmark = pytest.mark.asyncio
WAIT_S = 10.0
CONVERSATION = Conversation("c", "web", False, "anonymous", "bot", 0, last_seq=0)


class FakeChat:
    """A log that grows by hand."""

    def __init__(self) -> None:
        self.pubsub = MemoryPubSub()
        self.rows: list[Any] = []

    async def read(self, _id: str, after: int) -> tuple[list[Any], int]:
        return self.rows[after : after + 2], len(self.rows)

    async def desk_state(self, _id: str) -> dict[str, Any]:
        return {}

    def grow(self) -> None:
        seq = len(self.rows) + 1
        self.rows.append(type("Row", (), {"seq": seq, "as_json": lambda self: {"seq": self.seq}})())
        self.pubsub.dispatch("c", LOG_GREW)


class Wire:
    """The two ends of a WebSocket as ASGI sees it; ``stuck`` stops the sending side."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.free = asyncio.Event()
        self.free.set()
        self.incoming.put_nowait({"type": "websocket.connect"})

    async def socket(self) -> WebSocket:
        async def send(message: Any) -> None:
            await self.free.wait()
            if message["type"] == "websocket.send":
                self.outgoing.put_nowait(json.loads(message["text"]))

        scope = {"type": "websocket", "client": ("127.0.0.1", 1), "headers": []}
        socket = WebSocket(scope, self.incoming.get, send)  # type: ignore[arg-type]
        await socket.accept()
        return socket

    def say(self, raw: str) -> None:
        self.incoming.put_nowait({"type": "websocket.receive", "text": raw})

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.outgoing.get(), WAIT_S)


async def start(chat: FakeChat, wire: Wire, **options: Any) -> asyncio.Task[None]:
    connection = Connection(await wire.socket(), chat, CONVERSATION, 0, **options)  # type: ignore[arg-type]
    return asyncio.create_task(connection.run())


async def test_pages_are_sent_in_order_once() -> None:
    chat, wire = FakeChat(), Wire()
    task = await start(chat, wire)
    assert await wire.next() == {"type": "ready", "last_seq": 0}
    for _ in range(7):
        chat.grow()
    assert [(await wire.next())["message"]["seq"] for _ in range(7)] == list(range(1, 8))
    chat.pubsub.dispatch("c", LOG_GREW)
    wire.say('{"type": "ping"}')
    assert await wire.next() == {"type": "pong"}, "a hint without news sends nothing again"
    wire.incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
    with pytest.raises(WebSocketDisconnect):
        await asyncio.wait_for(task, WAIT_S)


async def test_a_lost_hint_only_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_module, "LOOK_AGAIN_S", 0.01)
    chat, wire = FakeChat(), Wire()
    task = await start(chat, wire)
    await wire.next()
    monkeypatch.setattr(chat.pubsub, "dispatch", lambda *_: None)
    chat.grow()
    assert (await wire.next())["message"]["seq"] == 1
    task.cancel()


async def test_who_does_not_read_is_dropped() -> None:
    chat, wire = FakeChat(), Wire()
    task = await start(chat, wire, send_deadline_s=0.05)
    await wire.next()
    wire.free.clear()
    chat.grow()
    with pytest.raises(SlowConsumer):
        await asyncio.wait_for(task, WAIT_S)
    assert not chat.pubsub._subscribers, "and its subscription ended"


async def test_who_asks_without_reading_is_dropped() -> None:
    chat, wire = FakeChat(), Wire()
    task = await start(chat, wire, send_deadline_s=3600)
    await wire.next()
    wire.free.clear()
    for _ in range(MAX_WAITING_FRAMES + 2):
        wire.say('{"type": "ping"}')
    with pytest.raises(SlowConsumer):
        await asyncio.wait_for(task, WAIT_S)


async def test_who_sends_nonsense_for_too_long_is_closed() -> None:
    chat, wire = FakeChat(), Wire()
    task = await start(chat, wire)
    await wire.next()
    for number in range(MAX_BAD_FRAMES):
        wire.say(["no json", "[]", '{"type": 5}', '{"type": "unknown"}', '{"type":"send"}'][number % 5])
        if number < MAX_BAD_FRAMES - 1:
            assert (await wire.next())["code"] == "invalid_request"
    await asyncio.wait_for(task, WAIT_S)


async def test_a_client_ahead_of_the_log_still_gets_what_comes() -> None:
    chat, wire = FakeChat(), Wire()
    connection = Connection(await wire.socket(), chat, CONVERSATION, 99)  # type: ignore[arg-type]
    task = asyncio.create_task(connection.run())
    assert await wire.next() == {"type": "ready", "last_seq": 0}
    chat.grow()
    assert (await wire.next())["message"]["seq"] == 1
    task.cancel()
