"""The customer's WebSocket: after ``hello`` everything since ``last_seq`` in order, once, then live.

What is sent always comes from the log, by sequence number; events only say when to look. So nothing is
doubled or lost, and a customer who reads too slowly is dropped and resumes where it stopped.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from typing import Any

import anyio
import structlog
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from bot.chat.frames import checked, error_frame, parse_frame
from bot.chat.records import Conversation
from bot.chat.schemas import Hello, Rate, Send, Typing
from bot.chat.service import Chat
from bot.errors import (
    ConversationNotFound,
    CustomerError,
    InternalError,
    InvalidRequest,
    NuoyanError,
    TooManyConnections,
    TooMuch,
)
from bot.http.asgi import client_address, origin_permitted
from bot.http.logs import where
from bot.store.pubsub import LOG_GREW, Subscription

HELLO_DEADLINE_S = 5.0
SEND_DEADLINE_S = 10.0
LOOK_AGAIN_S = 20.0
MAX_CONNECTIONS = 8
MAX_WAITING_FRAMES = 64
MAX_BAD_FRAMES = 20

# Close codes. 4404: start a new conversation; 4400: the client is at fault; all others: try again later.
NOT_FOUND, TIMED_OUT, TOO_MANY, BAD_FRAMES, TOO_SLOW, TROUBLE = 4404, 4408, 4429, 4400, 1013, 1011

log = structlog.get_logger(__name__)


class SlowConsumer(Exception):
    """The other side doesn't read fast enough."""


class Connection:
    """One accepted and authenticated WebSocket.

    Args:
        sent_seq: the client has everything up to here.
        send_deadline_s: how long one frame may take to leave before the client counts as too slow.
    """

    def __init__(
        self,
        socket: WebSocket,
        chat: Chat,
        conversation: Conversation,
        sent_seq: int,
        send_deadline_s: float = SEND_DEADLINE_S,
    ) -> None:
        self._socket = socket
        self._chat = chat
        self._id = conversation.id
        self._last_seq = conversation.last_seq
        self._sent_seq = min(sent_seq, conversation.last_seq)
        self._send_deadline_s = send_deadline_s
        self._waiting: deque[dict[str, Any]] = deque()
        self._address = client_address(socket)
        self._state: dict[str, Any] = {}

    async def run(self) -> None:
        """Serve until the client leaves; raises ``SlowConsumer`` when it has to be dropped."""
        async with self._chat.pubsub.subscribe(self._id) as subscription:
            await self._send({"type": "ready", "last_seq": self._last_seq})
            await self._catch_up()
            await self._tell_state()
            tasks = [
                asyncio.create_task(self._write(subscription)),
                asyncio.create_task(self._read(subscription)),
            ]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                task.result()

    async def _write(self, subscription: Subscription) -> None:
        while True:
            event = await subscription.get(LOOK_AGAIN_S)
            while self._waiting:
                await self._send(self._waiting.popleft())
            if event is None or event == LOG_GREW:
                await self._catch_up()
                await self._tell_state()
            elif event.get("type") == "case":
                await self._send({"type": "case", "number": event.get("number"), "status": event.get("status")})
            elif event.get("type") == "typing":
                who = {"who": "agent"} if event.get("who") == "agent" else {}
                await self._send({"type": "typing", "on": event.get("on") is True, **who})

    async def _catch_up(self) -> None:
        while True:
            messages, last_seq = await self._chat.read(self._id, self._sent_seq)
            for message in messages:
                await self._send({"type": "message", "message": message.as_json()})
                self._sent_seq = message.seq
            if not messages or self._sent_seq >= last_seq:
                return

    async def _tell_state(self) -> None:
        """Who speaks, and the place in the queue, whenever it has changed."""
        state = await self._chat.desk_state(self._id)
        if state != self._state:
            self._state = state
            await self._send({"type": "desk", **state})

    async def _send(self, frame: dict[str, Any]) -> None:
        raw = json.dumps(frame, ensure_ascii=False)
        try:
            with anyio.fail_after(self._send_deadline_s):
                await self._socket.send_text(raw)
        except TimeoutError as error:
            raise SlowConsumer() from error

    async def _read(self, subscription: Subscription) -> None:
        bad = 0
        while bad < MAX_BAD_FRAMES:
            frame: dict[str, Any] | None = None
            try:
                frame = parse_frame(await _receive(self._socket))
                answer = await self._handle(frame)
            except NuoyanError as error:
                bad += isinstance(error, InvalidRequest)
                answer = error_frame(error, frame)
            except (WebSocketDisconnect, asyncio.CancelledError):
                raise
            except Exception as error:  # one bad frame must not end the talk
                log.error("frame_failed", error_type=type(error).__name__, where=where(error))
                answer = error_frame(InternalError(), frame)
            if answer is not None:
                self._queue(answer, subscription)

    def _queue(self, frame: dict[str, Any], subscription: Subscription) -> None:
        if len(self._waiting) >= MAX_WAITING_FRAMES:
            raise SlowConsumer()
        self._waiting.append(frame)
        subscription.put({"type": "frame"})

    async def _handle(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        kind = frame["type"]
        if kind == "ping":
            return {"type": "pong"}
        content = {key: value for key, value in frame.items() if key != "type"}
        if kind == "send":
            sent = checked(Send, content)
            ack = await self._chat.send(self._id, sent.client_id, sent.text, sent.button_id, self._address)
            return {"type": "ack", "client_id": ack.client_id, "seq": ack.seq, "masked": ack.masked}
        if kind == "typing":
            await self._chat.types(self._id, checked(Typing, content).on)
            return None
        if kind == "feedback":
            rated = checked(Rate, content)
            await self._chat.rate(self._id, rated.seq, rated.value, rated.reason, self._address)
            return None
        raise InvalidRequest(field="type")


async def _receive(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    if not isinstance(text, str):
        raise InvalidRequest(field="JSON")
    return text


async def _hello(socket: WebSocket, chat: Chat, conversation_id: str) -> tuple[Conversation, int]:
    await chat.limits.check_request(client_address(socket))
    hello = checked(Hello, parse_frame(await _receive(socket)))
    return await chat.authenticate(conversation_id, hello.token), hello.last_seq


def _close_code(error: NuoyanError) -> int:
    if isinstance(error, ConversationNotFound):
        return NOT_FOUND
    if isinstance(error, TooMuch):
        return TOO_MANY
    return BAD_FRAMES if isinstance(error, CustomerError) else TROUBLE


async def _refuse(socket: WebSocket, code: int, error: NuoyanError | None = None) -> None:
    """Say why, if the client still listens, and close."""
    try:
        with anyio.fail_after(1):
            if error is not None and socket.application_state is WebSocketState.CONNECTED:
                await socket.send_text(json.dumps(error_frame(error), ensure_ascii=False))
            await socket.close(code)
    except (RuntimeError, OSError, WebSocketDisconnect) as gone:  # a TimeoutError is an OSError
        log.debug("websocket_gone", error_type=type(gone).__name__)


def websocket_router(chat: Chat, allowed_origins: list[str]) -> APIRouter:
    """``WS /api/conversations/{id}/ws``; at most ``MAX_CONNECTIONS`` a conversation and process."""
    router = APIRouter()
    open_sockets: Counter[str] = Counter()

    async def serve(socket: WebSocket, conversation: Conversation, last_seq: int) -> None:
        if open_sockets[conversation.id] >= MAX_CONNECTIONS:
            await _refuse(socket, TOO_MANY, TooManyConnections(limit=MAX_CONNECTIONS))
            return
        open_sockets[conversation.id] += 1
        chat.metrics.sockets.inc()
        try:
            await Connection(socket, chat, conversation, last_seq).run()
            await _refuse(socket, BAD_FRAMES)
        except SlowConsumer:
            chat.metrics.slow_consumers.inc()
            await _refuse(socket, TOO_SLOW)
        finally:
            chat.metrics.sockets.dec()
            open_sockets[conversation.id] -= 1
            if not open_sockets[conversation.id]:
                del open_sockets[conversation.id]

    @router.websocket("/api/conversations/{conversation_id}/ws")
    async def talk(socket: WebSocket, conversation_id: str) -> None:
        if not origin_permitted(socket.headers, allowed_origins):
            await socket.close()  # before accept: HTTP 403
            return
        await socket.accept()
        try:
            with anyio.move_on_after(HELLO_DEADLINE_S) as hello_time:
                conversation, last_seq = await _hello(socket, chat, conversation_id)
            if hello_time.cancelled_caught:
                await _refuse(socket, TIMED_OUT)
                return
            await serve(socket, conversation, last_seq)
        except NuoyanError as error:
            await _refuse(socket, _close_code(error), error)
        except (WebSocketDisconnect, RuntimeError, OSError) as gone:
            log.debug("websocket_gone", error_type=type(gone).__name__)

    return router
