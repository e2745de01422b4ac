"""The agents' WebSocket: my chats, their messages in order and once, the queue's figures; also the heartbeat.

Messages always come from the log, by sequence number; everything else is a snapshot that replaces the one
before. Events only say when to look, so nothing is lost when one is.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from typing import Any

import anyio
import structlog
from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, Extra, Field, StrictBool, StrictStr, validator
from starlette.websockets import WebSocketDisconnect, WebSocketState

from bot.chat.frames import checked, error_frame, parse_frame
from bot.chat.schemas import Seq
from bot.chat.websocket import SlowConsumer
from bot.desk.build import DeskRoom
from bot.desk.presence import agent_view
from bot.errors import ChatNotFound, InternalError, InvalidRequest, NotPermitted, NotSignedIn, NuoyanError
from bot.http.logs import where
from bot.http.staff import session_token, staff_of_socket
from bot.identity.staff_records import StaffMember
from bot.store.pubsub import DESK_TOPIC, LOG_GREW, Event, PubSub, Subscription

HELLO_DEADLINE_S = 5.0
SEND_DEADLINE_S = 10.0
LOOK_AGAIN_S = 5.0
SETTLE_S = 0.1
"""Events within this time are answered with one snapshot."""
SESSION_EVERY_S = 30.0
KNOCK_EVERY_S = 10.0
MAX_WINDOWS = 8
MAX_WATCHED = 20
MAX_SEEN = 500
MAX_WAITING_FRAMES = 64
MAX_BAD_FRAMES = 20

NOT_SIGNED_IN, NOT_PERMITTED, TIMED_OUT, TOO_MANY, BAD_FRAMES, TOO_SLOW, TROUBLE = (
    4401,
    4403,
    4408,
    4429,
    4400,
    1013,
    1011,
)

log = structlog.get_logger(__name__)


class _Frame(BaseModel):
    class Config:
        extra = Extra.forbid


class HelloIn(_Frame):
    """What this window has already, by conversation."""

    seen: dict[StrictStr, Seq] = Field(default_factory=dict)

    @validator("seen")
    def _bounded(cls, value: dict[str, Seq]) -> dict[str, Seq]:
        if len(value) > MAX_SEEN:
            raise ValueError("too many")
        return value


class ChatIn(_Frame):
    """Watch or leave a chat."""

    conversation_id: StrictStr = Field(..., max_length=32)
    last_seq: Seq = Seq(0)


class TypingIn(_Frame):
    """The agent types, or no longer."""

    conversation_id: StrictStr = Field(..., max_length=32)
    on: StrictBool


class Window:
    """One console window of one member of staff."""

    def __init__(self, socket: WebSocket, room: DeskRoom, member: StaffMember, seen: dict[str, int]) -> None:
        services = socket.app.state.services
        self._socket = socket
        self._room = room
        self._member = member
        self._threads = services.threads
        self._pubsub: PubSub = services.pubsub
        self._identity = services.identity
        self._token = session_token(socket)
        self._is_agent = member.has("agent", "supervisor")
        self._supervises = member.has("supervisor", "admin")
        self._sent: dict[str, int] = dict(seen)
        self._mine: set[str] = set()
        self._watched: set[str] = set()
        self._notes: set[str] = set()
        self._snapshots: dict[str, Any] = {}
        self._waiting: deque[dict[str, Any]] = deque()
        self._dirty = True

    async def run(self) -> None:
        """Serve until the window closes; raises ``SlowConsumer``, ``NotSignedIn``."""
        async with self._pubsub.subscribe(DESK_TOPIC) as subscription:
            agent = await self._arrive()
            chats = await self._run(self._room.dossiers.chats, self._member, "mine") if self._is_agent else []
            await self._send({"type": "ready", "agent": agent, "chats": chats})
            self._snapshots["chats"] = chats
            await self._refresh(first=True)
            tasks = [
                asyncio.create_task(self._write(subscription)),
                asyncio.create_task(self._read(subscription)),
                asyncio.create_task(self._still_signed_in()),
                asyncio.create_task(self._knock(subscription)),
            ]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                task.result()

    async def _arrive(self) -> dict[str, Any] | None:
        if not self._is_agent:
            return None
        return agent_view(await self._run(self._room.presence.arrives, self._member))

    async def _still_signed_in(self) -> None:
        while True:
            await asyncio.sleep(SESSION_EVERY_S)
            await self._run(self._identity.sessions.find, self._token)

    async def _knock(self, subscription: Subscription) -> None:
        """Ask the page for a sign of life: timers of a hidden page are slowed down, its answers are not."""
        while True:
            await asyncio.sleep(KNOCK_EVERY_S)
            self._queue({"type": "ping"}, subscription)

    async def _write(self, subscription: Subscription) -> None:
        while True:
            event = await subscription.get(LOOK_AGAIN_S)
            while self._waiting:
                await self._send(self._waiting.popleft())
            if event is None or event.get("type") in ("desk", "agents") or event == LOG_GREW:
                await asyncio.sleep(SETTLE_S)
                grown = {str(event["conversation_id"])} if event and event.get("type") == "desk" else None
                while event is not None and (event := await subscription.get(0)) is not None:
                    grown = await self._event(event, grown)
                await self._refresh(grown=grown)
            else:
                await self._event(event, None)

    async def _event(self, event: Event, grown: set[str] | None) -> set[str] | None:
        """Take in one event; returns the conversations to look at, None: all."""
        kind, conversation_id = event.get("type"), str(event.get("conversation_id", ""))
        if kind == "desk":
            return None if grown is None else {*grown, conversation_id}
        if kind == "customer_typing":
            if conversation_id in self._mine | self._watched:
                on = event.get("on") is True
                await self._send({"type": "typing", "conversation_id": conversation_id, "on": on})
            return grown
        return None if kind in ("log", "agents") else grown

    async def _refresh(self, first: bool = False, grown: set[str] | None = None) -> None:
        if self._is_agent:
            chats = await self._run(self._room.dossiers.chats, self._member, "mine")
            self._mine = {chat["conversation_id"] for chat in chats}
            await self._snapshot("chats", _still(chats), {"type": "chats", "chats": chats})
            agent = await self._run(self._room.presence.of, self._member.id)
            if agent is not None:
                view = agent_view(agent)
                await self._snapshot("agent", view, {"type": "agent", "agent": view})
        queue = await self._run(self._room.dossiers.queue_figures)
        await self._snapshot("queue", queue, {"type": "queue", **queue})
        if self._supervises:
            alarms = len(await self._run(self._room.board.alarms))
            await self._snapshot("alarm", alarms, {"type": "alarm", "alarms": alarms})
        for conversation_id in sorted(self._mine | self._watched):
            if first or grown is None or conversation_id in grown or conversation_id not in self._sent:
                await self._catch_up(conversation_id, first)

    async def _snapshot(self, name: str, value: Any, frame: dict[str, Any]) -> None:
        if self._snapshots.get(name) != value:
            self._snapshots[name] = value
            await self._send(frame)

    async def _catch_up(self, conversation_id: str, first: bool) -> None:
        """Every message after the last one sent, and notes not sent yet."""
        self._sent.setdefault(conversation_id, 0)
        while True:
            try:
                messages, last_seq = await self._run(
                    self._room.dossiers.messages, self._member, conversation_id, self._sent[conversation_id]
                )
            except ChatNotFound:
                self._watched.discard(conversation_id)
                return
            for message in messages:
                await self._send({"type": "message", "conversation_id": conversation_id, "message": message.as_json()})
                self._sent[conversation_id] = message.seq
            if not messages or self._sent[conversation_id] >= last_seq:
                break
        for note in await self._run(self._room.dossiers.notes, self._member, conversation_id):
            if note["id"] not in self._notes:
                self._notes.add(note["id"])
                if not first:
                    await self._send({"type": "note", "conversation_id": conversation_id, "note": note})

    async def _send(self, frame: dict[str, Any]) -> None:
        raw = json.dumps(frame, ensure_ascii=False)
        try:
            with anyio.fail_after(SEND_DEADLINE_S):
                await self._socket.send_text(raw)
        except TimeoutError as error:
            raise SlowConsumer() from error

    async def _read(self, subscription: Subscription) -> None:
        bad = 0
        while bad < MAX_BAD_FRAMES:
            frame: dict[str, Any] | None = None
            try:
                frame = parse_frame(await _received(self._socket))
                answer = await self._handle(frame)
            except NuoyanError as error:
                bad += isinstance(error, InvalidRequest)
                answer = error_frame(error, frame)
            except (WebSocketDisconnect, asyncio.CancelledError):
                raise
            except Exception as error:  # one bad frame must not end the window
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
        content = {key: value for key, value in frame.items() if key != "type"}
        if kind in ("ping", "pong"):
            if self._is_agent:
                await self._run(self._room.presence.beat, self._member.id)
            return {"type": "pong"} if kind == "ping" else None
        if kind == "typing":
            typing = checked(TypingIn, content)
            if typing.conversation_id in self._mine:
                event = {"type": "typing", "on": typing.on, "who": "agent"}
                await self._pubsub.publish(typing.conversation_id, event)
            return None
        if kind == "watch":
            await self._watch(checked(ChatIn, content))
            return None
        if kind == "unwatch":
            self._watched.discard(checked(ChatIn, content).conversation_id)
            return None
        raise InvalidRequest(field="type")

    async def _watch(self, wanted: ChatIn) -> None:
        if len(self._watched) >= MAX_WATCHED:
            raise InvalidRequest(field="watch")
        await self._run(self._room.dossiers.watched, self._member, wanted.conversation_id)
        self._sent[wanted.conversation_id] = int(wanted.last_seq)
        self._watched.add(wanted.conversation_id)
        await self._pubsub.publish(DESK_TOPIC, {"type": "desk", "conversation_id": wanted.conversation_id})

    async def _run(self, function: Any, *arguments: Any) -> Any:
        return await self._threads.run(function, *arguments)


def _still(chats: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Chats without their running clocks, which change all the time."""
    return [{key: value for key, value in chat.items() if key != "clocks"} for chat in chats]


async def _received(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    if not isinstance(text, str):
        raise InvalidRequest(field="JSON")
    return text


async def _hello(socket: WebSocket) -> dict[str, int]:
    frame = parse_frame(await _received(socket))
    if frame["type"] != "hello":
        raise InvalidRequest(field="type")
    hello = checked(HelloIn, {key: value for key, value in frame.items() if key != "type"})
    return {conversation_id: int(seq) for conversation_id, seq in hello.seen.items()}


async def _refuse(socket: WebSocket, code: int, error: NuoyanError | None = None) -> None:
    try:
        with anyio.fail_after(1):
            if error is not None and socket.application_state is WebSocketState.CONNECTED:
                await socket.send_text(json.dumps(error_frame(error), ensure_ascii=False))
            await socket.close(code)
    except (RuntimeError, OSError, WebSocketDisconnect) as gone:
        log.debug("websocket_gone", error_type=type(gone).__name__)


def _close_code(error: NuoyanError) -> int:
    if isinstance(error, NotSignedIn):
        return NOT_SIGNED_IN
    if isinstance(error, NotPermitted):
        return NOT_PERMITTED
    return BAD_FRAMES if isinstance(error, InvalidRequest) else TROUBLE


def desk_socket_router(room: DeskRoom) -> APIRouter:
    """``WS /api/staff/desk/ws``; from our own pages only, at most ``MAX_WINDOWS`` a person and process."""
    router = APIRouter()
    windows: Counter[str] = Counter()

    async def serve(socket: WebSocket, member: StaffMember, seen: dict[str, int]) -> None:
        if windows[member.id] >= MAX_WINDOWS:
            await _refuse(socket, TOO_MANY)
            return
        windows[member.id] += 1
        try:
            await Window(socket, room, member, seen).run()
            await _refuse(socket, BAD_FRAMES)
        except SlowConsumer:
            await _refuse(socket, TOO_SLOW)
        finally:
            windows[member.id] -= 1

    @router.websocket("/api/staff/desk/ws")
    async def window(socket: WebSocket) -> None:
        try:
            member = await staff_of_socket(socket, [])
            if not member.has("agent", "supervisor", "auditor", "admin"):
                raise NotPermitted()
        except NuoyanError as error:
            await socket.accept()
            await _refuse(socket, _close_code(error), error)
            return
        await socket.accept()
        try:
            with anyio.move_on_after(HELLO_DEADLINE_S) as hello_time:
                seen = await _hello(socket)
            if hello_time.cancelled_caught:
                await _refuse(socket, TIMED_OUT)
                return
            await serve(socket, member, seen)
        except NuoyanError as error:
            await _refuse(socket, _close_code(error), error)
        except (WebSocketDisconnect, RuntimeError, OSError) as gone:
            log.debug("websocket_gone", error_type=type(gone).__name__)

    return router
