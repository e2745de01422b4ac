"""Events between connections and server processes: one interface, in memory or through Redis.

Events are hints, never the record: ``{"type": "log"}`` says that a conversation's log has grown,
``{"type": "typing", "on": bool}`` is for the eye only; ``{"type": "case", "number", "status"}`` says that
a case the conversation may see has changed. A lost event delays, it loses nothing: readers always read the log.
Queues are bounded; a full one drops hints for the eye and keeps one ``{"type": "log"}`` and the last case.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import anyio

Event = dict[str, Any]

LOG_GREW: Event = {"type": "log"}
DESK_TOPIC = "desk"
"""What happens at the desk as a whole; conversations have their own topics."""
MAX_WAITING_EVENTS = 64


def desk_event(conversation_id: str) -> Event:
    """Something about this conversation has changed that agents see."""
    return {"type": "desk", "conversation_id": conversation_id}


class Subscription:
    """The events of one topic for one reader, oldest first, at most ``MAX_WAITING_EVENTS`` waiting."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._wake = asyncio.Event()

    def put(self, event: Event) -> None:
        """Add an event; equal neighbours become one, and a full queue shrinks to one "log" hint and the last case."""
        if self._events and self._events[-1] == event:
            return
        if len(self._events) >= MAX_WAITING_EVENTS:
            cases = [one for one in (*self._events, event) if one.get("type") == "case"]
            self._events.clear()
            self._events.extend(cases[-1:])
            event = LOG_GREW
        self._events.append(event)
        self._wake.set()

    async def get(self, timeout_s: float) -> Event | None:
        """The next event, or None after ``timeout_s`` seconds without one."""
        if not self._events:
            self._wake.clear()
            with anyio.move_on_after(timeout_s):
                await self._wake.wait()
        return self._events.popleft() if self._events else None


class PubSub(Protocol):
    """What both kinds offer."""

    async def start(self) -> None:
        """Connect; never raises because the other side is away for now."""

    async def close(self) -> None:
        """Stop; waiting readers simply get nothing more."""

    async def publish(self, topic: str, event: Event) -> None:
        """Tell every subscriber of ``topic`` in every process; best effort, never raises."""

    def subscribe(self, topic: str) -> Any:
        """Async context manager giving the :class:`Subscription` of a topic."""

    async def check(self) -> None:
        """Raise an exception when the other side doesn't answer."""


class MemoryPubSub:
    """Pub/sub within one process."""

    def __init__(self) -> None:
        self._subscribers: dict[str, set[Subscription]] = {}

    async def start(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """Nothing to close."""

    async def check(self) -> None:
        """Always there."""

    async def publish(self, topic: str, event: Event) -> None:
        """Tell the subscribers of this process."""
        self.dispatch(topic, event)

    def dispatch(self, topic: str, event: Event) -> None:
        """Hand ``event`` to the subscribers of ``topic`` in this process."""
        for subscription in self._subscribers.get(topic, ()):
            subscription.put(event)

    def wake_all(self) -> None:
        """Let every reader look at its log again (after events may have been lost)."""
        for subscriptions in self._subscribers.values():
            for subscription in subscriptions:
                subscription.put(LOG_GREW)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Subscription]:
        """Subscribe for the length of the ``async with``."""
        subscription = Subscription()
        self._subscribers.setdefault(topic, set()).add(subscription)
        try:
            yield subscription
        finally:
            remaining = self._subscribers[topic]
            remaining.discard(subscription)
            if not remaining:
                del self._subscribers[topic]


def make_pubsub(redis_url: str | None) -> PubSub:
    """In memory without ``redis_url``, else through Redis."""
    if redis_url is None:
        return MemoryPubSub()
    from bot.store.pubsub_redis import RedisPubSub

    return RedisPubSub(redis_url)
