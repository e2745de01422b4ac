"""What the serving process leaves out of Rasa must not change what Rasa does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig

from bot.processes.lean_rasa import ActionReplyCheck, event_class, kept_session
from bot.settings import PROJECT_ROOT

REPLIES: list[dict[str, Any]] = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "topic", "value": {"a": [1]}}], "responses": [{"custom": {"blocks": []}}]},
    {},
    {"events": [{"event": "slot"}], "responses": []},
    {"events": [{"event": "nothing like it"}], "responses": []},
    {"events": {}, "responses": []},
    {"events": [], "responses": ["text"]},
    {"events": [{"event": "user", "text": 1}]},
]


def verdict(check: Any, reply: dict[str, Any]) -> bool:
    try:
        return bool(check(reply))
    except ValidationError:
        return False


def test_that_replies_of_actions_are_judged_as_rasa_judges_them() -> None:
    ours, rasas = ActionReplyCheck(), RemoteAction("action_answer", None)._validate_action_result
    verdicts = [verdict(ours, reply) for reply in REPLIES]
    assert verdicts == [verdict(rasas, reply) for reply in REPLIES]
    assert True in verdicts and False in verdicts


def test_that_every_event_is_read_as_the_same_class() -> None:
    names = {found.type_name for found in all_subclasses(Event)}
    assert {"slot", "user", "active_loop", "bot"} <= names
    for name in names:
        assert event_class(name) is Event.resolve_by_type(name)
    assert event_class("nothing like it", SlotSet) is SlotSet
    assert event_class("topic") is None
    with pytest.raises(ValueError, match="nothing like it"):
        event_class("nothing like it")


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[EndpointConfig]:
    """An action server that answers with the port the call came from."""

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        return web.json_response({"port": request.transport.get_extra_info("peername")[1]})

    app = web.Application()
    app.router.add_post("/webhook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield EndpointConfig(f"http://127.0.0.1:{port}/webhook", headers={"X-Kept": "1"})
    await runner.cleanup()


@pytest.mark.asyncio
async def test_that_calls_of_an_action_share_one_connection(
    endpoint: EndpointConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = {(await endpoint.request(json={}))["port"] for _ in range(3)}
    assert len(apart) == 3
    monkeypatch.setattr(EndpointConfig, "session", kept_session)
    together = {(await endpoint.request(json={}))["port"] for _ in range(3)}
    assert len(together) == 1
    async with kept_session(endpoint) as session:
        assert session.headers["X-Kept"] == "1"
    await session.close()
    again = await endpoint.request(json={})
    assert again["port"] not in together
    async with kept_session(endpoint) as session:
        await session.close()


def test_that_rasa_is_changed_where_it_looks() -> None:
    """In a process of its own, for the change is for good."""
    program = """
from bot.processes.without_tensorflow import leave_out_tensorflow
leave_out_tensorflow()
from bot.processes.lean_rasa import make_lean
make_lean()
make_lean()
import inspect
from rasa.core import processor
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, deserialise_events
from rasa.utils.endpoints import EndpointConfig
assert RemoteAction("a", None)._validate_action_result({"events": [], "responses": []}) is True
assert processor.DaskGraphRunner.__name__ == "PlainGraphRunner"
assert "DaskGraphRunner" in inspect.getsource(processor.MessageProcessor._load_model)
assert "self.session()" in inspect.getsource(EndpointConfig.request)
assert "self._validate_action_result(response)" in inspect.getsource(RemoteAction.run)
assert deserialise_events([{"event": "slot", "name": "topic", "value": 1}])[0].value == 1
assert Event.resolve_by_type("user").__name__ == "UserUttered"
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_that_stored_events_come_back_the_same() -> None:
    said = UserUttered("你好", {"name": "greet", "confidence": 1.0}, [], {"routing": {"act": [["greet", 1.0]]}})
    kind = event_class("user")
    assert kind is not None
    assert kind.from_parameters(said.as_dict()).as_dict() == said.as_dict()
