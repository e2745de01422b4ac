"""The door into Rasa: who may knock, what is let in, and that silence is never taken for an answer."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from rasa.core.channels.channel import UserMessage, register
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from sanic import Sanic

from bot.blocks import Reply
from bot.chat.rasa_channel import MAX_CHARS, MAX_READINGS, NuoyanChannel, choice_parse_data
from bot.nlu.guard import GUARD
from bot.nlu.normaliser import normalise
from bot.settings import get_settings

TOKEN = "a-token-of-this-test"
SENDER = "conversation-1"
CUSTOM = {"version": 1, "blocks": [{"type": "text", "text": "到网点办。"}], "routing": {"act": "ask"}}


class Assistant:
    """Stands in for Rasa's agent: writes down what it is told and says what a test wants."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget everything."""
        self.heard: list[UserMessage] = []
        self.read: list[str] = []
        self.says: list[dict[str, Any]] = [{"custom": CUSTOM}]
        self.processor = SimpleNamespace(tracker_store=InMemoryTrackerStore(Domain.empty()))

    async def parse_message(self, text: str) -> dict[str, Any]:
        self.read.append(text)
        return {"text": text, "routing": {"act": [["ask", 0.9]], "topic": [], "aspect": []}}

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        for words in self.says:
            await message.output_channel.send_response(message.sender_id, dict(words))


class Door:
    """The channel on a free port."""

    def __init__(self, url: str, assistant: Assistant, client: httpx.Client) -> None:
        self.url, self.assistant, self.client = url, assistant, client

    def post(self, json: Any = None, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self.client.post(f"{self.url}/messages", **{"headers": headers, "json": json, **options})

    def say(self, text: Any, **more: Any) -> httpx.Response:
        return self.post({"sender": SENDER, "text": text, **more})


async def _serve(assistant: Assistant, ready: queue.Queue[tuple[int, asyncio.Event]]) -> None:
    app = Sanic(f"channel-{uuid4().hex}", configure_logging=False)
    app.ctx.agent = assistant
    register([NuoyanChannel(TOKEN)], app, route="/webhooks/")
    server = await app.create_server(host="127.0.0.1", port=0, return_asyncio_server=True)
    assert server is not None
    await server.startup()
    stop = asyncio.Event()
    ready.put((server.server.sockets[0].getsockname()[1], stop))
    await stop.wait()
    server.close()
    await server.wait_closed()


@pytest.fixture(scope="module")
def only_door() -> Iterator[Door]:
    """One server for the module: Sanic rewrites its own methods at start, which works once a process."""
    assistant, ready = Assistant(), queue.Queue[tuple[int, asyncio.Event]]()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(assistant, ready),))
    thread.start()
    port, stop = ready.get(timeout=20)
    with httpx.Client(trust_env=False) as client:
        yield Door(f"http://127.0.0.1:{port}/webhooks/nuoyan", assistant, client)
    loop.call_soon_threadsafe(stop.set)
    thread.join(timeout=20)
    loop.close()


@pytest.fixture
def door(only_door: Door) -> Door:
    """The door with an assistant that has heard nothing yet."""
    only_door.assistant.begin_anew()
    return only_door


def test_that_a_text_is_answered_with_typed_replies(door: Door) -> None:
    answer = door.say("密码忘了", message_id="m-1", metadata={"elder": True})
    assert answer.status_code == 200
    assert answer.json() == {"replies": [CUSTOM], "routing": CUSTOM["routing"]}
    (message,) = door.assistant.heard
    assert (message.text, message.sender_id, message.message_id) == ("密码忘了", SENDER, "m-1")
    assert message.metadata == {"elder": True} and message.input_channel == "nuoyan"


def test_that_health_needs_no_token(door: Door) -> None:
    assert door.client.get(f"{door.url}/").json() == {"status": "ok"}


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "Bearer", "Bearer wrong", TOKEN),
        *(f"bearer {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"),
    ],
)
def test_that_a_wrong_or_missing_token_is_refused(door: Door, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = door.post({"sender": SENDER, "text": "你好"}, headers=headers)
    assert answer.status_code == 401
    assert door.assistant.heard == []


def test_that_a_token_of_strange_bytes_is_refused_too(door: Door) -> None:
    answer = door.post({"sender": SENDER, "text": "你好"}, headers=[(b"Authorization", b"Bearer \xff\xfe")])
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "sender", [None, "", 5, "short", "x" * 65, "conversation 1", "对话对话对话对话", f"{SENDER}\n", "../../etc/pw"]
)
def test_that_a_bad_sender_is_refused(door: Door, sender: Any) -> None:
    assert (door.post({"sender": sender, "text": "你好"})).status_code == 400
    assert door.assistant.heard == []


@pytest.mark.parametrize("body", [None, [], "你好", 5, {}, {"text": "你好"}, {"sender": SENDER}])
def test_that_a_body_of_another_form_is_refused(door: Door, body: Any) -> None:
    assert (door.post(body)).status_code == 400


def test_that_no_json_is_refused(door: Door) -> None:
    answer = door.post(content=b"{", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "text", [None, "", " \n", 5, ["你好"], {"text": "x"}, "字" * (MAX_CHARS + 1)], ids=lambda text: repr(text)[:12]
)
def test_that_a_text_that_says_nothing_or_too_much_is_refused(door: Door, text: Any) -> None:
    assert (door.say(text)).status_code == 400
    assert door.assistant.heard == []


def test_that_the_longest_text_is_let_in(door: Door) -> None:
    assert (door.say("字" * MAX_CHARS)).status_code == 200


@pytest.mark.parametrize(
    "typed",
    ["/restart", "  /restart", '\n/ask{"topic": "card.loss"}', "EXTERNAL: secret", "external:x", "/", "/back"],
)
def test_that_a_command_is_only_text(door: Door, typed: str) -> None:
    door.say(typed)
    (message,) = door.assistant.heard
    assert message.text.startswith(GUARD)
    assert not message.text.strip().startswith("/") and "EXTERNAL:" not in message.text[: len("EXTERNAL:")]
    assert normalise(message.text) == normalise(typed)


def test_that_a_slash_inside_a_text_is_left_alone(door: Door) -> None:
    door.say("5/6 的账单")
    assert door.assistant.heard[0].text == "5/6 的账单"


@pytest.mark.parametrize(
    ("payload", "choice"),
    [
        ({"topic": "card.loss", "aspect": "how"}, {"act": "ask", "topic": "card.loss", "aspect": "how"}),
        ({"topic": "std.6.2", "aspect": None}, {"act": "ask", "topic": "std.6.2"}),
        ({"act": "request_human"}, {"act": "request_human"}),
        ({"topic": "card.loss", "slots": {"paid": True}}, {"act": "ask", "topic": "card.loss"}),
    ],
)
def test_that_a_button_is_a_choice_and_nothing_else(
    door: Door, payload: dict[str, Any], choice: dict[str, Any]
) -> None:
    assert (door.post({"sender": SENDER, "text": "/restart", "payload": payload})).status_code == 200
    (message,) = door.assistant.heard
    assert message.text == ""
    assert message.parse_data == choice_parse_data(payload)
    assert message.parse_data["choice"] == choice
    assert message.parse_data["intent"] == {"name": choice["act"], "confidence": 1.0}


def test_that_metadata_of_another_form_is_dropped(door: Door) -> None:
    door.say("你好", metadata=["identity", "verified"])
    assert not door.assistant.heard[0].metadata


def test_that_no_reply_is_an_error_and_not_silence(door: Door) -> None:
    door.assistant.says = []
    answer = door.say("你好")
    assert (answer.status_code, answer.json()) == (502, {"error": "no_reply"})


def test_that_plain_texts_of_rasa_become_blocks(door: Door) -> None:
    door.assistant.says = [{"text": "您好"}, {"custom": {**CUSTOM, "routing": None}}]
    replies = (door.say("你好")).json()["replies"]
    assert replies[0] == {"version": 1, "blocks": [{"type": "text", "text": "您好"}], "routing": None}
    assert [Reply.parse_obj(reply).version for reply in replies] == [1, 1]


def test_that_the_routing_of_the_last_reply_counts(door: Door) -> None:
    later = {**CUSTOM, "routing": {"act": "thanks"}}
    door.assistant.says = [{"custom": CUSTOM}, {"custom": later}, {"text": "再见"}]
    assert (door.say("你好")).json()["routing"] == {"act": "thanks"}


def test_that_a_lost_database_is_not_papered_over_with_memory(door: Door) -> None:
    real = InMemoryTrackerStore(Domain.empty())
    door.assistant.processor.tracker_store = FailSafeTrackerStore(real)
    door.say("你好")
    assert door.assistant.processor.tracker_store is real
    door.say("你好")
    assert door.assistant.processor.tracker_store is real


def test_that_the_token_comes_from_the_settings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUOYAN_RASA_TOKEN", TOKEN)
    get_settings.cache_clear()
    try:
        assert NuoyanChannel.from_credentials({"token": "from a file"})._token == TOKEN
    finally:
        get_settings.cache_clear()
    with pytest.raises(ValueError, match="token"):
        NuoyanChannel("")


def test_that_further_wordings_are_scored_outside_any_conversation(door: Door) -> None:
    answer = door.client.post(
        f"{door.url}/readings", headers={"Authorization": f"Bearer {TOKEN}"}, json={"texts": ["挂失", "/restart"]}
    )
    assert answer.status_code == 200
    assert [reading["act"] for reading in answer.json()["readings"]] == [[["ask", 0.9]]] * 2
    assert door.assistant.read == ["挂失", GUARD + "/restart"]
    assert door.assistant.heard == []


def test_that_nobody_reads_wordings_without_the_token(door: Door) -> None:
    for headers in ({}, {"Authorization": "Bearer guess"}):
        assert door.client.post(f"{door.url}/readings", headers=headers, json={"texts": ["挂失"]}).status_code == 401
    assert door.assistant.read == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"texts": "挂失"},
        {"texts": []},
        {"texts": [1]},
        {"texts": [" "]},
        {"texts": ["挂失"] * (MAX_READINGS + 1)},
        {"texts": ["长" * (MAX_CHARS + 1)]},
    ],
)
def test_that_wordings_come_as_a_short_list_of_texts(door: Door, body: Any) -> None:
    answer = door.client.post(f"{door.url}/readings", headers={"Authorization": f"Bearer {TOKEN}"}, json=body)
    assert answer.status_code == 400
    assert door.assistant.read == []
