"""Pub/sub: events reach readers in every process; a Redis that goes away delays, it loses nothing."""

from __future__ import annotations

import shutil
import socket
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import redis

from bot.store import pubsub_redis
from bot.store.pubsub import LOG_GREW, MAX_WAITING_EVENTS, MemoryPubSub, PubSub, Subscription, make_pubsub
from bot.store.pubsub_redis import RedisPubSub
from tests.support.databases import unavailable

WAIT_S = 10.0


@asynccontextmanager
async def started(*pubsubs: PubSub) -> AsyncIterator[None]:
    for pubsub in pubsubs:
        await pubsub.start()
    try:
        yield
    finally:
        for pubsub in pubsubs:
            await pubsub.close()


@pytest.mark.asyncio
async def test_memory_reaches_only_the_readers_of_a_topic() -> None:
    pubsub = make_pubsub(None)
    async with pubsub.subscribe("a") as first, pubsub.subscribe("a") as second, pubsub.subscribe("b") as other:
        await pubsub.publish("a", {"type": "typing", "on": True})
        assert await first.get(WAIT_S) == {"type": "typing", "on": True}
        assert await second.get(WAIT_S) == {"type": "typing", "on": True}
        assert await other.get(0.01) is None


@pytest.mark.asyncio
async def test_nothing_remains_of_a_reader_who_left() -> None:
    pubsub = MemoryPubSub()
    async with pubsub.subscribe("a"):
        assert pubsub._subscribers
    await pubsub.publish("a", LOG_GREW)
    assert not pubsub._subscribers


@pytest.mark.asyncio
async def test_a_reader_who_does_not_read_costs_a_bounded_queue_and_keeps_the_hint() -> None:
    subscription = Subscription()
    for number in range(10 * MAX_WAITING_EVENTS):
        subscription.put({"type": "typing", "on": number % 2 == 0})
    seen = []
    while (event := await subscription.get(0.01)) is not None:
        seen.append(event)
    assert len(seen) <= MAX_WAITING_EVENTS
    assert LOG_GREW in seen


@pytest.mark.asyncio
async def test_redis_reaches_other_processes(redis_url: str) -> None:
    prefix = f"nuoyan-test:{uuid.uuid4().hex}:"
    one, two = RedisPubSub(redis_url, prefix), RedisPubSub(redis_url, prefix)
    async with started(one, two), one.subscribe("客") as here, two.subscribe("客") as there:
        await one.publish("客", {"type": "typing", "on": True})
        assert await here.get(WAIT_S) == {"type": "typing", "on": True}
        assert await there.get(WAIT_S) == {"type": "typing", "on": True}


@contextmanager
def own_redis(port: int, folder: Path) -> Iterator[None]:
    program = shutil.which("redis-server")
    if program is None:
        unavailable("no redis-server on this machine")
        return
    process = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(folder), "--bind", "127.0.0.1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ready to accept connections" in line:
            break
    try:
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.asyncio
async def test_redis_away_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubsub_redis, "RETRY_S", 0.05)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pubsub = RedisPubSub(f"redis://127.0.0.1:{port}/0")
    with own_redis(port, tmp_path):
        await pubsub.start()
    async with pubsub.subscribe("a") as reader:
        with pytest.raises((redis.RedisError, OSError)):
            await pubsub.check()
        await pubsub.publish("a", {"type": "typing", "on": True})
        assert await reader.get(WAIT_S) == {"type": "typing", "on": True}, "readers here are still reached"
        with own_redis(port, tmp_path):
            assert await reader.get(WAIT_S) == LOG_GREW, "after reconnecting everybody looks at the log"
            await pubsub.check()
            await pubsub.close()


@pytest.mark.asyncio
async def test_a_redis_that_was_never_there_does_not_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubsub_redis, "TIMEOUT_S", 0.1)
    pubsub = RedisPubSub("redis://127.0.0.1:1/0")
    async with started(pubsub), pubsub.subscribe("a") as reader:
        await pubsub.publish("a", LOG_GREW)
        assert await reader.get(WAIT_S) == LOG_GREW
