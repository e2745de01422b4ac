"""Pub/sub through Redis: one pattern subscription a process, handed on to local readers.

When Redis goes away the reader task keeps trying; after every new connection all local readers are
woken, since hints may have been lost meanwhile.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import anyio
import redis.asyncio as redis
import structlog

from bot.store.pubsub import Event, MemoryPubSub

PREFIX = "nuoyan:events:"
TIMEOUT_S = 2.0
RETRY_S = 1.0

log = structlog.get_logger(__name__)


class RedisPubSub:
    """Pub/sub between processes.

    Args:
        redis_url: e.g. ``redis://127.0.0.1:6379/0``.
        prefix: begins every channel name, so that several installations can share a Redis.
    """

    def __init__(self, redis_url: str, prefix: str = PREFIX) -> None:
        self._prefix = prefix
        self._local = MemoryPubSub()
        self._redis: Any = redis.from_url(
            redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, health_check_interval=15
        )
        self._reader: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Start listening; waits a moment for the first connection but doesn't insist on it."""
        self._reader = asyncio.create_task(self._read_for_ever())
        with anyio.move_on_after(TIMEOUT_S):
            await self._listening.wait()

    async def close(self) -> None:
        """Stop listening and disconnect."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        await self._redis.close()

    async def check(self) -> None:
        """Raise when Redis doesn't answer."""
        await self._redis.ping()

    async def publish(self, topic: str, event: Event) -> None:
        """Tell all processes; when Redis is away at least the readers of this one."""
        try:
            await self._redis.publish(self._prefix + topic, json.dumps(event))
        except (redis.RedisError, OSError, asyncio.TimeoutError) as error:
            log.warning("pubsub_publish_failed", error_type=type(error).__name__)
            self._local.dispatch(topic, event)

    def subscribe(self, topic: str) -> Any:
        """Subscribe for the length of the ``async with``."""
        return self._local.subscribe(topic)

    async def _read_for_ever(self) -> None:
        while True:
            try:
                await self._read()
            except (redis.RedisError, OSError, asyncio.TimeoutError) as error:
                log.warning("pubsub_connection_lost", error_type=type(error).__name__)
            self._listening.clear()
            await asyncio.sleep(RETRY_S)

    async def _read(self) -> None:
        channel = self._redis.pubsub()
        try:
            await channel.psubscribe(self._prefix + "*")
            while True:
                message = await channel.get_message(timeout=TIMEOUT_S)
                if message is None:
                    continue
                if message["type"] == "psubscribe":
                    self._listening.set()
                    self._local.wake_all()
                elif message["type"] == "pmessage":
                    self._hand_on(message["channel"], message["data"])
        finally:
            await channel.close()

    def _hand_on(self, channel: bytes, data: bytes) -> None:
        try:
            event = json.loads(data)
            topic = channel.decode()[len(self._prefix) :]
        except ValueError:
            log.warning("pubsub_event_garbled")
            return
        if isinstance(event, dict):
            self._local.dispatch(topic, event)
