"""An action that waits keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import rasa_sdk.endpoint
from rasa_sdk.executor import ActionExecutor

from bot.processes.action_server import ThreadedExecutor

CALL: dict[str, Any] = {"sender_id": "s", "tracker": {"sender_id": "s", "slots": {}, "events": [], "paused": False}}
WAIT_S = 10.0


@pytest.mark.asyncio
async def test_that_a_waiting_action_holds_up_no_other() -> None:
    executor, go = ThreadedExecutor(), threading.Event()

    def waits(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="ran" if go.wait(WAIT_S) else "waited in vain")
        return [{"event": "slot", "name": "topic", "value": domain.get("topic")}]

    async def goes(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text=str(threading.current_thread() is threading.main_thread()))
        go.set()
        return []

    executor.register_function("action_waits", waits)
    executor.register_function("action_goes", goes)
    waiting = asyncio.create_task(executor.run({**CALL, "next_action": "action_waits", "domain": {"topic": "card"}}))
    await asyncio.sleep(0)
    went = await executor.run({**CALL, "next_action": "action_goes"})
    waited = await asyncio.wait_for(waiting, WAIT_S)
    assert went is not None and waited is not None
    assert went["responses"][0]["text"] == "True"
    assert waited["responses"][0]["text"] == "ran"
    assert waited["events"] == [{"event": "slot", "name": "topic", "value": "card"}]


def test_that_the_sdk_takes_its_executor_from_where_it_is_put() -> None:
    assert rasa_sdk.endpoint.ActionExecutor is ActionExecutor
    assert "ActionExecutor" in rasa_sdk.endpoint.create_app.__code__.co_names
    assert not {name for name in vars(ThreadedExecutor) if name.startswith("register")} - {"register_function"}


def test_that_wrong_parameters_are_refused_as_before() -> None:
    with pytest.raises(Exception, match="3 parameters"):
        ThreadedExecutor().register_function("action_wrong", lambda dispatcher: [])
