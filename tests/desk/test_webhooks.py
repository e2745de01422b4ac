"""Webhooks against a real receiver: signed, tried again, told once, logged."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.desk.webhooks import PAUSES_S, Webhooks, signature
from bot.errors import InvalidRequest
from bot.identity.keys import Keys
from tests.desk.conftest import World


class Receiver:
    """Keeps what comes; answers with ``status``."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[dict[str, str], str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.got.append((dict(self.headers), body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def hooks(world: World, https_only: bool = False) -> Webhooks:
    return Webhooks(world.database, Keys("a-secret"), https_only, world.clock)


def test_a_handoff_is_told_signed_and_once(world: World, receiver: Receiver) -> None:
    webhooks = hooks(world)
    made = webhooks.register(receiver.url, ["conversation.handed_over", "conversation.closed"], "9001")
    world.online("1001")
    conversation_id = world.asks()
    world.chats.claim("1001", conversation_id)
    world.chats.end("1001", conversation_id)
    while webhooks.send_due():
        pass
    assert webhooks.send_due() == 0
    told = [json.loads(body) for _headers, body in receiver.got]
    assert [one["event"] for one in told] == ["conversation.handed_over", "conversation.closed"]
    assert {one["data"]["conversation_id"] for one in told} == {conversation_id}
    for headers, body in receiver.got:
        assert headers["X-Nuoyan-Signature"] == signature(made["secret"], headers["X-Nuoyan-Timestamp"], body)
    assert {one["state"] for one in webhooks.deliveries()} == {"delivered"}


def test_what_fails_is_tried_again_later_and_given_up_in_the_end(world: World, receiver: Receiver) -> None:
    webhooks = hooks(world)
    webhooks.register(receiver.url, ["conversation.handed_over"], "9001")
    world.online("1001")
    world.asks()
    receiver.status = 500
    for pause in PAUSES_S:
        assert webhooks.send_due() == 1
        assert webhooks.send_due() == 0, "not before its time"
        world.passes(pause)
    assert webhooks.send_due() == 1
    world.passes(1_000_000)
    assert webhooks.send_due() == 0
    (logged,) = webhooks.deliveries()
    assert (logged["state"], logged["attempts"], logged["status_code"]) == ("failed", len(PAUSES_S) + 1, 500)


def test_left_messages_are_told_as_cases(world: World, receiver: Receiver) -> None:
    webhooks = hooks(world)
    webhooks.register(receiver.url, ["case.created"], "9001")
    world.asks()
    assert webhooks.send_due() == 1
    ((_headers, body),) = receiver.got
    assert json.loads(body)["data"]["number"].startswith("NY")


@pytest.mark.parametrize(("url", "events"), [("http://x", ["case.created"]), ("https://x", []), ("https://x", ["y"])])
def test_what_is_no_webhook_is_refused(world: World, url: str, events: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        hooks(world, https_only=True).register(url, events, "9001")
