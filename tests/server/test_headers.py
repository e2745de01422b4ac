"""Security headers on everything, a strict policy, and CORS for the configured pages only."""

from __future__ import annotations

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from bot.errors import ConfigurationError
from bot.http.context import RequestContext
from bot.http.headers import SecurityHeaders, check_origins, content_security_policy
from bot.http.metrics import Metrics
from tests.support.running import Customer, Running

HOST_PAGE = "https://bank.example"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/health/live", 200),
        ("GET", "/nothing", 404),
        ("PUT", "/api/conversations", 405),
        ("POST", "/api/conversations", 422),
        ("GET", "/app", 503),
        ("GET", "/widget/nuoyan.js", 503),
        ("GET", "/openapi.json", 200),
        ("OPTIONS", "/api/conversations", 200),
    ],
)
def test_every_answer_carries_the_headers(server: Running, method: str, path: str, status: int) -> None:
    headers = {"Origin": HOST_PAGE, "Access-Control-Request-Method": "POST"} if method == "OPTIONS" else {}
    answer = httpx.request(method, server.url + path, headers=headers)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == content_security_policy([HOST_PAGE])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert len(answer.headers["X-Request-ID"]) == 32
    assert "Server" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers


def test_a_body_that_is_too_large_is_refused_with_the_headers_too(server: Running) -> None:
    answer = httpx.post(f"{server.url}/api/conversations", content=b"x" * 300_000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert "Content-Security-Policy" in answer.headers


def test_the_policy_allows_nothing_inline_and_frames_only_configured_pages() -> None:
    policy = dict(part.split(" ", 1) for part in content_security_policy([HOST_PAGE]).split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == f"'self' {HOST_PAGE}"
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert not any(word in str(policy) for word in ("unsafe", "*", "http:", "blob:"))


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "bank.example",
        "https://bank.example/",
        "https://a.example; script-src *",
        "https://a.example b",
        "",
        "null",
    ],
)
def test_an_origin_that_could_open_the_policy_is_refused(origin: str) -> None:
    with pytest.raises(ConfigurationError):
        check_origins(["https://bank.example", origin])


def test_conversations_are_never_cached(customer: Customer) -> None:
    answer = httpx.get(f"{customer.path}/messages", headers=customer.headers)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("origin", "allowed"), [(HOST_PAGE, True), ("https://evil.example", False), ("null", False)])
def test_only_configured_pages_may_read_answers(server: Running, origin: str, allowed: bool) -> None:
    answer = httpx.post(f"{server.url}/api/conversations", json={}, headers={"Origin": origin})
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
    assert "Access-Control-Allow-Credentials" not in answer.headers
    preflight = httpx.options(
        f"{server.url}/api/conversations",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert preflight.is_success == allowed
    assert preflight.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)


def test_a_given_request_id_is_kept_if_it_is_harmless(server: Running) -> None:
    url = f"{server.url}/api/health/live"
    assert httpx.get(url, headers={"X-Request-ID": "proxy-0123456789"}).headers["X-Request-ID"] == "proxy-0123456789"
    for bad in ("short", "x" * 65, 'a"b{c}d}e12345'):
        assert httpx.get(url, headers={"X-Request-ID": bad}).headers["X-Request-ID"] != bad


async def _through(app: object, scheme: str) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/x", "scheme": scheme, "headers": []}
    await app(scope, receive, send)  # type: ignore[operator]
    return sent


@pytest.mark.asyncio
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_what_nobody_foresaw_is_a_plain_500_and_https_is_kept(
    scheme: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("卡号 6222020200112236")

    app = SecurityHeaders(RequestContext(broken, Metrics()), [])
    start, body = await _through(app, scheme)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert start["status"] == 500
    assert ("strict-transport-security" in headers) == (scheme == "https")
    assert "internal_error" in body["body"].decode()
    assert "6222020200112236" not in body["body"].decode() + capsys.readouterr().err
