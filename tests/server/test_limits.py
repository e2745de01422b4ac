"""Limits on rate, size and time; shared through Redis where there is one."""

from __future__ import annotations

import asyncio
import threading
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send

from bot.errors import RateLimited
from bot.http import limits as limits_module
from bot.http.asgi import client_address
from bot.http.body import MAX_UPLOADS, BodyLimit
from bot.http.limits import REQUESTS_PER_ADDRESS, RateLimits
from bot.http.metrics import Metrics
from tests.support.running import Customer, running, settings_for
from tests.support.standin import StandIn


def test_a_conversation_may_send_so_much_a_minute(tmp_path: Path, standin: StandIn) -> None:
    with running(settings_for(tmp_path, standin.url, rate_per_minute=3)) as server:
        first, second = Customer.arrives(server.url), Customer.arrives(server.url)
        answers = [first.post("handoff", client_id=f"c{number}") for number in range(5)]
        assert [answer.status_code for answer in answers] == [202] * 3 + [429] * 2
        refused = answers[-1]
        assert refused.json()["error"]["code"] == "rate_limited"
        assert 1 <= int(refused.headers["Retry-After"]) <= 61
        assert "保留" in refused.json()["error"]["text"]
        assert len(first.log()) == 1 + 3 * 2, "reading is still possible, nothing refused was written"
        assert second.post("handoff", client_id="c").status_code == 202, "others are not hindered"


def test_an_address_may_open_so_many_conversations(tmp_path: Path, standin: StandIn) -> None:
    with running(settings_for(tmp_path, standin.url, rate_conversations_per_hour=2)) as server:
        codes = [httpx.post(f"{server.url}/api/conversations", json={}).status_code for _ in range(3)]
        assert codes == [201, 201, 429]


def test_an_address_may_ask_so_often(tmp_path: Path, standin: StandIn) -> None:
    with running(settings_for(tmp_path, standin.url, rate_per_minute=1)) as server:
        customer = Customer.arrives(server.url)
        codes = [
            httpx.get(f"{customer.path}/messages", headers=customer.headers).status_code
            for _ in range(REQUESTS_PER_ADDRESS)
        ]
    assert codes == [200] * (REQUESTS_PER_ADDRESS - 1) + [429]


@pytest.mark.asyncio
async def test_the_socket_counts_too(tmp_path: Path, standin: StandIn) -> None:
    with running(settings_for(tmp_path, standin.url, rate_per_minute=1)) as server:
        async with Customer.arrives(server.url).connected() as socket:
            await socket.send(type="send", client_id="a", text="一")
            await socket.until("ack", client_id="a")
            await socket.send(type="send", client_id="b", text="二")
            assert (await socket.until("error", client_id="b"))["code"] == "rate_limited"


def limits(redis_url: str | None = None, per_minute: int = 2) -> RateLimits:
    return RateLimits(redis_url, per_minute, 60, Metrics())


@pytest.mark.asyncio
async def test_many_conversations_of_one_address_are_limited_together() -> None:
    counted = limits(per_minute=1)
    for number in range(10):
        await counted.check_message(f"c{number}", "10.0.0.1")
    with pytest.raises(RateLimited):
        await counted.check_message("c10", "10.0.0.1")
    await counted.check_message("c11", "10.0.0.2")


@pytest.mark.asyncio
async def test_hits_fall_out_of_their_window_and_unused_keys_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000_000.0]
    monkeypatch.setattr(limits_module.time, "time", lambda: clock[0])
    counted = limits(per_minute=2)
    threads = threading.active_count()
    await counted.check_message("c", "a")
    clock[0] += 40
    await counted.check_message("c", "a")
    with pytest.raises(RateLimited) as caught:
        await counted.check_message("c", "a")
    assert caught.value.retry_after_s == 20
    clock[0] += 20.5
    await counted.check_message("c", "a")
    with pytest.raises(RateLimited):
        await counted.check_message("c", "a")
    assert threading.active_count() <= threads, "no thread is started to count"
    clock[0] += 90
    await counted.check_message("other", "b")
    kept = counted._local.storage()._hits
    assert len(kept) == 2 and all("other" in key or "/b/" in key for key in kept)


@pytest.mark.asyncio
async def test_servers_count_together_through_redis(redis_url: str) -> None:
    one, two = limits(redis_url), limits(redis_url)
    conversation_id = uuid.uuid4().hex
    address = uuid.uuid4().hex
    await one.check_message(conversation_id, address)
    await two.check_message(conversation_id, address)
    with pytest.raises(RateLimited) as caught:
        await one.check_message(conversation_id, address)
    assert 1 <= caught.value.retry_after_s <= 61


@pytest.mark.asyncio
async def test_without_its_redis_each_server_counts_for_itself() -> None:
    alone = limits("redis://127.0.0.1:1/0")
    await alone.check_message("c", "a")
    await alone.check_message("c", "a")
    with pytest.raises(RateLimited):
        await alone.check_message("c", "a")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_one_host_or_one_network(host: str, expected: str) -> None:
    connection = HTTPConnection({"type": "http", "client": (host, 1), "headers": []})
    assert client_address(connection) == expected


async def collect(
    chunks: list[Message], headers: list[tuple[bytes, bytes]], **options: Any
) -> tuple[int, bytes, list[bytes]]:
    """Send a request through the limit; returns status, answer, and the bodies the app saw."""
    seen: list[bytes] = []
    sent: list[Message] = []
    waiting = list(chunks)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((await receive()).get("body", b""))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    await BodyLimit(app, **options)(scope, receive, send)
    if not sent:
        return 0, b"", seen
    return sent[0]["status"], sent[1]["body"], seen


CHUNKED = [(b"transfer-encoding", b"chunked")]


def part(size: int, more: bool) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


@pytest.mark.asyncio
async def test_bodies_are_bounded_before_anything_reads_them() -> None:
    assert await collect([part(10, False)], [(b"content-length", b"10")], max_bytes=10) == (200, b"ok", [b"x" * 10])
    assert await collect([part(6, True), part(4, False)], CHUNKED, max_bytes=10) == (200, b"ok", [b"x" * 10])
    for chunks, headers in (
        ([part(11, False)], [(b"content-length", b"11")]),
        ([part(1, False)], [(b"content-length", b"-1")]),
        ([part(6, True), part(6, True)], CHUNKED),
        ([part(6, True), part(6, True)], [(b"content-length", b"5")]),
    ):
        status, body, seen = await collect(chunks, headers, max_bytes=10)
        assert (status, seen) == (413, [])
        assert b"body_too_large" in body


@pytest.mark.asyncio
async def test_a_body_that_never_ends_is_given_up() -> None:
    status, body, seen = await collect([part(1, True)], CHUNKED, deadline_s=0.05)
    assert (status, seen) == (408, [])
    assert b"body_too_slow" in body


@pytest.mark.asyncio
async def test_who_leaves_while_sending_reaches_nobody() -> None:
    assert await collect([part(1, True), {"type": "http.disconnect"}], CHUNKED) == (0, b"", [])


@pytest.mark.asyncio
async def test_only_so_many_uploads_are_taken_at_once() -> None:
    answers: list[int] = []
    leaving = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 201, "headers": []})

    async def send(message: Message) -> None:
        answers.extend([message["status"]] if message["type"] == "http.response.start" else [])

    async def slow() -> Message:
        await leaving.wait()
        return part(10, False)

    limit = BodyLimit(app, upload_mb=1)
    scope = {"type": "http", "method": "POST", "path": "/api/conversations/c/cases/n/files", "headers": CHUNKED}
    held = [asyncio.create_task(limit(scope, slow, send)) for _ in range(MAX_UPLOADS)]
    await asyncio.sleep(0)
    await limit(scope, slow, send)
    assert answers == [429]
    leaving.set()
    await asyncio.gather(*held)
    await limit(scope, slow, send)
    assert answers[1:] == [201] * (MAX_UPLOADS + 1)
