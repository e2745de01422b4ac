"""The two actions as the action server runs them: a request of Rasa in, events and one reply out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException
from ruamel.yaml import YAML

from actions.acts import FORM_OF_ACT
from actions.reading import RasaReader
from bot.blocks import Reply
from bot.knowledge import day
from bot.knowledge.day import today_in_bank
from bot.nlu.decision import Scores
from bot.settings import PROJECT_ROOT

pytestmark = pytest.mark.asyncio

ROUTING = {
    "act": [["ask", 0.98], ["greet", 0.01]],
    "topic": [["card.replace", 0.95], ["card.loss", 0.02]],
    "aspect": [["materials", 0.9]],
}
TWO = {
    "补卡要带什么": ROUTING,
    "转账限额是多少": {**ROUTING, "topic": [["transfer.limit", 0.9]], "aspect": [["limit", 0.9]]},
}
FOLLOW_UP = {**ROUTING, "topic": [["context", 0.95], ["card.loss", 0.02]], "aspect": [["time", 0.9]]}


@pytest_asyncio.fixture
async def executor(monkeypatch: pytest.MonkeyPatch) -> ActionExecutor:
    async def read(self: RasaReader, texts: Sequence[str]) -> list[Scores]:
        return [Scores.from_json(TWO.get(text, {})) for text in texts]

    monkeypatch.setattr(RasaReader, "read", read)
    found = ActionExecutor()
    found.register_package("actions")
    return found


async def run(
    executor: ActionExecutor, action: str, latest: dict[str, Any], **slots: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the custom payload of the only reply and the slots that were set."""
    (payload,), slots = await replies(executor, action, latest, **slots)
    return payload, slots


async def replies(
    executor: ActionExecutor, action: str, latest: dict[str, Any], **slots: Any
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the custom payloads of all replies and the slots that were set."""
    call = {
        "next_action": action,
        "sender_id": "conversation-1",
        "tracker": {
            "sender_id": "conversation-1",
            "slots": slots,
            "latest_message": latest,
            "events": [],
            "active_loop": {},
            "paused": False,
            "followup_action": None,
            "latest_action_name": None,
        },
        "domain": {},
    }
    result = await executor.run(call)
    payloads = [response["custom"] for response in result["responses"]]
    for payload in payloads:
        Reply.parse_obj(payload)
    return payloads, {event["name"]: event.get("value") for event in result["events"]}


def said(name: str, **more: Any) -> dict[str, Any]:
    return {"text": "…", "intent": {"name": name, "confidence": 0.9}, "entities": [], **more}


async def test_that_the_actions_of_the_domain_are_the_registered_ones(executor: ActionExecutor) -> None:
    domain = YAML(typ="safe", pure=True).load((PROJECT_ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(executor.actions) == set(domain["actions"])
    assert {f"validate_{form}" for form in domain["forms"]} <= set(domain["actions"])
    assert set(FORM_OF_ACT.values()) <= set(domain["forms"])


async def test_that_a_question_is_answered_and_sets_the_slots_of_the_domain(executor: ActionExecutor) -> None:
    payload, slots = await run(executor, "action_answer", said("ask", routing=ROUTING))
    assert payload["version"] == 1 and payload["routing"]["topic"] == "card.replace"
    assert (slots["topic"], slots["aspect"], slots["misunderstood"]) == ("card.replace", "materials", 0)
    domain = YAML(typ="safe", pure=True).load((PROJECT_ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(slots) <= set(domain["slots"])


async def test_that_a_follow_up_takes_its_topic_from_the_slots(executor: ActionExecutor) -> None:
    payload, slots = await run(executor, "action_answer", said("ask", routing=FOLLOW_UP), topic="card.replace")
    assert (payload["routing"]["topic"], payload["routing"]["aspect"]) == ("card.replace", "time")
    assert slots["topic"] == "card.replace"
    asked_back, _ = await run(executor, "action_answer", said("ask", routing=FOLLOW_UP), topic=None)
    assert asked_back["routing"]["decision"] == "clarify"


async def test_that_two_questions_in_one_message_get_two_replies(executor: ActionExecutor) -> None:
    latest = {**said("ask", routing=ROUTING), "text": "，另外".join(TWO)}
    payloads, slots = await replies(executor, "action_answer", latest)
    assert [payload["routing"]["topic"] for payload in payloads] == ["card.replace", "transfer.limit"]
    assert slots["topic"] == "transfer.limit" and len(slots["said"]) == 2


async def test_that_a_button_is_answered_whatever_the_scores(executor: ActionExecutor) -> None:
    choice = {"act": "ask", "topic": "transfer.limit", "aspect": "how"}
    latest = said("ask", choice=choice, routing=ROUTING)
    payload, slots = await run(executor, "action_answer", latest, topic="card.replace")
    assert payload["routing"]["topic"] == slots["topic"] == "transfer.limit"
    assert payload["routing"]["confidence"] == 1.0


async def test_that_a_button_for_an_act_is_that_act(executor: ActionExecutor) -> None:
    payload, _ = await run(executor, "action_reply", said("request_human", choice={"act": "request_human"}))
    assert payload["routing"]["act"] == "request_human"
    assert any(block["type"] == "handoff" for block in payload["blocks"])


async def test_that_two_messages_not_understood_offer_a_person(executor: ActionExecutor) -> None:
    unclear = {"act": [["out_of_scope", 0.3], ["greet", 0.2]], "topic": [["card.loss", 0.05]], "aspect": []}
    _, first = await run(executor, "action_answer", said("nlu_fallback", routing=unclear), misunderstood=0)
    payload, second = await run(executor, "action_answer", said("nlu_fallback", routing=unclear), **first)
    assert (first["misunderstood"], second["misunderstood"]) == (1, 2)
    assert [block["state"] for block in payload["blocks"] if block["type"] == "handoff"] == ["offered"]


@pytest.mark.parametrize("name", ["thanks", "advice_request", "crisis", "chitchat"])
async def test_that_an_act_without_scores_is_replied_to(executor: ActionExecutor, name: str) -> None:
    payload, _ = await run(executor, "action_reply", said(name))
    assert payload["routing"]["act"] == name


@pytest.mark.parametrize("act", FORM_OF_ACT)
async def test_that_an_act_found_on_a_closer_look_opens_its_form(executor: ActionExecutor, act: str) -> None:
    payloads, events = await replies(executor, "action_answer", said(act))
    assert payloads == [] and FORM_OF_ACT[act] in events


@pytest.mark.parametrize(
    "latest", [{}, {"intent": None}, said("nlu_fallback"), said("", routing={"act": [], "topic": [], "aspect": []})]
)
async def test_that_a_message_without_meaning_is_not_understood(
    executor: ActionExecutor, latest: dict[str, Any]
) -> None:
    payload, slots = await run(executor, "action_answer", latest)
    assert payload["blocks"][0]["text"]
    assert slots.get("misunderstood", 0) == 1 or payload["routing"]["act"] == "out_of_scope"


async def test_that_an_unknown_action_is_refused(executor: ActionExecutor) -> None:
    with pytest.raises(ActionNotFoundException):
        await run(executor, "action_dance", said("ask"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The time it is, for a test to set."""
    times: list[datetime] = []

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return times[-1].astimezone(tz)

    monkeypatch.setattr(day, "datetime", Clock)
    yield times


async def test_that_the_day_is_the_banks_and_not_the_machines(clock: list[datetime]) -> None:
    clock.append(datetime(2026, 6, 30, 15, 59, tzinfo=ZoneInfo("UTC")))
    assert today_in_bank().isoformat() == "2026-06-30"
    clock.append(datetime(2026, 6, 30, 16, 0, tzinfo=ZoneInfo("UTC")))
    assert today_in_bank().isoformat() == "2026-07-01"


async def test_that_rules_are_told_as_of_the_banks_day(executor: ActionExecutor, clock: list[datetime]) -> None:
    choice = said("ask", choice={"act": "ask", "topic": "credit.report", "aspect": "fee"})
    told = []
    for hour in (12, 20):
        clock.append(datetime(2026, 6, 30, hour, tzinfo=ZoneInfo("UTC")))
        payload, _ = await run(executor, "action_answer", choice)
        told.append(payload["blocks"])
    assert told[0] != told[1]
