"""From a decision to a reply: answers, choices, refusals, repetition, and what is remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from actions.interpret import Manner, Reading
from actions.questions import PATIENCE
from actions.responder import TOPIC_OF_ACT, Responder
from actions.response import Response, remembered
from bot.blocks import Reply
from bot.knowledge.compose import ASPECT_TITLES
from bot.knowledge.loader import load_knowledge
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.replies import Replies, load_replies
from bot.nlu.decision import Decision, Guess

DIRECTORY = Path(__file__).resolve().parents[2] / "data" / "knowledge"
DAY = date(2026, 11, 1)
ANSWER = Decision("answer", "ask", "card.replace", "materials", 0.9)
CHOICES = (
    Guess("ask", "card.replace", "fee", 0.45),
    Guess("ask", "card.loss", "fee", 0.3),
    Guess("ask", "std.6.2", None, 0.1),
)
CLARIFY = Decision("clarify", "ask", "card.replace", "fee", 0.45, CHOICES)
REJECT = Decision("reject", "out_of_scope", confidence=0.9)


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load_knowledge(DIRECTORY)


@pytest.fixture(scope="module")
def replies(knowledge: KnowledgeBase) -> Replies:
    return load_replies(DIRECTORY, knowledge)


@pytest.fixture(scope="module")
def responder(knowledge: KnowledgeBase, replies: Replies) -> Responder:
    return Responder(knowledge, replies)


def replies_to(responder: Responder, reading: Reading, **slots: Any) -> list[Response]:
    responses = responder.respond(reading, slots, DAY)
    for response in responses:
        Reply.parse_obj(response.payload())
    return responses


def respond(responder: Responder, decision: Decision, manner: Manner = "plain", **slots: Any) -> Response:
    (response,) = replies_to(responder, Reading((decision,), manner), **slots)
    return response


def buttons(response: Response) -> list[dict[str, Any]]:
    return [button for block in response.blocks if block["type"] == "buttons" for button in block["buttons"]]


def test_that_an_answer_is_cited_and_remembered(responder: Responder) -> None:
    response = respond(responder, ANSWER, misunderstood=1)
    kinds = [block["type"] for block in response.blocks]
    assert kinds[0] == "text" and "citation" in kinds
    slots = remembered([response])
    expected = {"topic": "card.replace", "aspect": "materials", "choices": None, "misunderstood": 0}
    assert expected.items() <= slots.items()
    assert response.routing["topic"] == "card.replace" and response.routing["decision"] == "answer"


def test_that_an_answer_offers_what_is_asked_next_but_not_itself(responder: Responder) -> None:
    payloads = [button["payload"] for button in buttons(respond(responder, ANSWER))]
    assert payloads
    assert all(payload["topic"] == "card.replace" and payload["aspect"] != "materials" for payload in payloads)


def test_that_a_section_of_the_standard_has_no_next_question(responder: Responder) -> None:
    response = respond(responder, Decision("answer", "ask", "std.1.1", None, 0.9))
    assert buttons(response) == []
    assert response.slots["topic"] == "std.1.1"
    assert {"source": "《2025年银行客户服务规范》", "clause": "1.1"}.items() <= next(
        block for block in response.blocks if block["type"] == "citation"
    ).items()


def test_that_a_question_without_aspect_gets_the_overview(responder: Responder) -> None:
    response = respond(responder, Decision("answer", "ask", "card.replace", None, 0.9))
    assert response.routing["aspect"] == response.slots["aspect"] == "overview"


def test_that_choices_are_buttons_with_topic_and_aspect(responder: Responder, knowledge: KnowledgeBase) -> None:
    response = respond(responder, CLARIFY, topic="loan.apply")
    offered = buttons(response)
    assert [button["payload"] for button in offered] == [
        {"topic": "card.replace", "aspect": "fee"},
        {"topic": "card.loss", "aspect": "fee"},
        {"topic": "std.6.2", "aspect": None},
    ]
    titles = [button["title"] for button in offered]
    assert titles[0].startswith(knowledge.topics["card.replace"].title)
    assert titles[0].endswith(ASPECT_TITLES["fee"])
    assert titles[2] == knowledge.topics["std.6.2"].title
    choices = remembered([response])["choices"]
    assert [{"topic": choice["topic"], "aspect": choice["aspect"]} for choice in choices] == [
        button["payload"] for button in offered
    ]
    assert [choice["title"] for choice in choices] == titles
    assert not any(block["type"] == "citation" for block in response.blocks)


def test_that_an_unknown_choice_is_not_offered(responder: Responder) -> None:
    ghost = Guess("ask", "card.swap", "fee", 0.5)
    response = respond(responder, replace(CLARIFY, alternatives=(ghost, CHOICES[1])))
    assert [button["payload"]["topic"] for button in buttons(response)] == ["card.loss"]


def test_that_a_follow_up_without_a_topic_is_asked_which_service(responder: Responder, replies: Replies) -> None:
    response = respond(responder, Decision("clarify", "ask", None, "time", 0.9))
    assert response.blocks == replies.blocks("which_service_time")
    assert {choice["aspect"] for choice in response.slots["choices"]} == {"time"}
    assert response.slots["pending_aspect"] == "time"
    unclear = respond(responder, Decision("clarify", "ask", None, "rights", 0.9))
    assert unclear.blocks == replies.blocks("which_service")


def test_that_a_clear_refusal_is_polite_and_cites_nothing(responder: Responder, replies: Replies) -> None:
    response = respond(responder, REJECT)
    assert response.blocks == replies.blocks("out_of_scope")
    again = respond(responder, REJECT, **response.slots)
    assert [block["state"] for block in again.blocks if block["type"] == "handoff"] == ["offered"]


def test_that_an_unclear_message_is_not_called_out_of_scope(responder: Responder, replies: Replies) -> None:
    response = respond(responder, replace(REJECT, confidence=0.2))
    assert response.blocks[:1] == replies.blocks("not_understood")
    assert response.blocks[-1]["asks_for"] == "details"


def test_that_the_second_failure_in_a_row_offers_a_person(responder: Responder) -> None:
    response = respond(responder, replace(REJECT, confidence=0.2), misunderstood=PATIENCE - 1)
    assert [block["state"] for block in response.blocks if block["type"] == "handoff"] == ["offered"]
    assert "人工" in response.blocks[0]["text"]
    assert response.slots["misunderstood"] == PATIENCE


@pytest.mark.parametrize("decision", [ANSWER, Decision("answer", "thanks", confidence=0.9)])
def test_that_an_understood_message_ends_the_row_of_failures(responder: Responder, decision: Decision) -> None:
    assert respond(responder, decision, misunderstood=3).slots["misunderstood"] == 0


@pytest.mark.parametrize("count", [None, 0, "1", 1.0])
def test_that_the_counter_may_come_as_rasa_keeps_it(responder: Responder, count: Any) -> None:
    unclear = replace(REJECT, confidence=0.2)
    assert respond(responder, unclear, misunderstood=count).slots["misunderstood"] == int(count or 0) + 1


def test_that_repeat_says_the_last_answer_again(responder: Responder) -> None:
    said = respond(responder, ANSWER)
    again = respond(responder, Decision("answer", "repeat", confidence=0.8), **said.slots)
    assert again.blocks == said.blocks
    assert (again.routing["act"], again.routing["topic"]) == ("repeat", "card.replace")
    assert {**said.slots, **again.slots} == said.slots


@pytest.mark.parametrize("topic", [None, "card.swap"])
def test_that_repeat_without_anything_said_asks_back(responder: Responder, replies: Replies, topic: str | None) -> None:
    response = respond(responder, Decision("answer", "repeat", confidence=0.8), topic=topic)
    assert response.blocks == replies.blocks("repeat")


@pytest.mark.parametrize(
    "decision",
    [
        Decision("answer", "ask", "card.swap", "how", 0.9),
        Decision("answer", "ask", None, None, 1.0),
        Decision("answer", "nlu_fallback", confidence=1.0),
        Decision("answer", "dance", confidence=1.0),
    ],
)
def test_that_what_nobody_knows_is_not_understood_rather_than_an_error(
    responder: Responder, replies: Replies, decision: Decision
) -> None:
    assert respond(responder, decision).blocks[:1] == replies.blocks("not_understood")


def test_that_every_act_gets_its_own_reply(responder: Responder, replies: Replies, knowledge: KnowledgeBase) -> None:
    for act in set(knowledge.acts) - {"ask", "out_of_scope", "repeat"}:
        assert respond(responder, Decision("answer", act, confidence=0.9)).blocks == replies.blocks(act)


def test_that_emergencies_ask_for_a_person_at_once(responder: Responder) -> None:
    for act in ("crisis", "report_fraud"):
        blocks = respond(responder, Decision("handoff", act, confidence=0.9)).blocks
        handoff = next(block for block in blocks if block["type"] == "handoff")
        assert (handoff["state"], handoff["priority"]) == ("requested", "urgent")


def test_that_two_questions_get_two_answers_and_both_are_said_again(responder: Responder) -> None:
    limit = Decision("answer", "ask", "transfer.limit", "limit", 0.8)
    first, second = replies_to(responder, Reading((ANSWER, limit)))
    assert (first.routing["topic"], second.routing["topic"]) == ("card.replace", "transfer.limit")
    slots = remembered([first, second])
    assert slots["topic"] == "transfer.limit"
    again = replies_to(responder, Reading((Decision("answer", "repeat", confidence=0.8),)), **slots)
    assert [response.blocks[0] for response in again] == [first.blocks[0], second.blocks[0]]
    assert [response.routing["act"] for response in again] == ["repeat", "repeat"]


def test_that_saying_it_simpler_leaves_the_long_lists_out_but_not_the_source(responder: Responder) -> None:
    said = respond(responder, Decision("answer", "ask", "card.replace", "how", 0.9))
    simple = respond(responder, Decision("answer", "repeat", confidence=0.8), "simpler", **said.slots)
    kinds = {block["type"] for block in simple.blocks}
    assert {"steps", "facts", "buttons"}.isdisjoint(kinds) and "citation" in kinds
    assert said.blocks[0]["text"] in simple.blocks[0]["text"]
    assert len(str(simple.blocks)) < len(str(said.blocks))


@pytest.mark.parametrize("act", ["dissatisfied", "abuse", "advice_request", "report_loss"])
def test_that_yes_after_an_offer_of_a_person_asks_for_one(responder: Responder, act: str) -> None:
    slots = remembered([respond(responder, Decision("answer", act, confidence=0.9))])
    accepted = respond(responder, Decision("answer", "affirm", confidence=0.9), "accepted", **slots)
    handoff = next(block for block in accepted.blocks if block["type"] == "handoff")
    assert handoff["state"] == "requested"
    assert {key: handoff[key] for key in ("reason", "priority", "skill")} == slots["offered"]
    declined = respond(responder, Decision("answer", "deny", confidence=0.9), "declined", **slots)
    assert not any(block["type"] == "handoff" for block in declined.blocks)


def test_that_an_offer_lasts_for_one_message_only(responder: Responder) -> None:
    assert remembered([respond(responder, ANSWER)])["offered"] is None


def test_that_a_dissatisfied_customer_is_offered_the_other_readings_and_a_person(responder: Responder) -> None:
    answer = replace(
        ANSWER, alternatives=(Guess("ask", "card.loss", "how", 0.2), Guess("ask", "card.pin", "how", 0.01))
    )
    slots = remembered([respond(responder, answer)])
    response = respond(responder, Decision("answer", "dissatisfied", confidence=0.9), **slots)
    assert [button["payload"]["topic"] for button in buttons(response)] == ["card.loss"]
    assert [block["state"] for block in response.blocks if block["type"] == "handoff"] == ["offered"]
    assert remembered([response])["choices"][0]["topic"] == "card.loss"


def test_that_turning_all_choices_down_twice_offers_a_person(responder: Responder) -> None:
    deny = Decision("answer", "deny", confidence=0.9)
    first = respond(responder, deny, "none_of_them", misunderstood=0)
    assert not any(block["type"] == "handoff" for block in first.blocks)
    second = respond(responder, deny, "none_of_them", **first.slots)
    assert [block["state"] for block in second.blocks if block["type"] == "handoff"] == ["offered"]


def test_that_anger_beside_a_question_is_heard_before_the_answer(responder: Responder, replies: Replies) -> None:
    (response,) = replies_to(responder, Reading((ANSWER,), upset=True))
    assert response.blocks[0] == replies.blocks("empathy")[0]
    assert response.routing["topic"] == "card.replace"


def test_that_an_act_gives_the_conversation_its_topic(responder: Responder, knowledge: KnowledgeBase) -> None:
    for act, topic in TOPIC_OF_ACT.items():
        assert topic in knowledge.topics
        assert respond(responder, Decision("answer", act, confidence=0.9)).slots["topic"] == topic


def test_that_saying_an_act_again_says_its_words_again(responder: Responder) -> None:
    loss = respond(responder, Decision("answer", "report_loss", confidence=0.9))
    again = respond(responder, Decision("answer", "repeat", confidence=0.9), **loss.slots)
    assert again.blocks == loss.blocks


def test_that_mere_sounds_taken_for_chitchat_count_as_not_understood(responder: Responder) -> None:
    sounds = Decision("answer", "chitchat", confidence=0.5)
    first = respond(responder, sounds)
    assert first.slots["misunderstood"] == 1
    second = respond(responder, sounds, **first.slots)
    assert [block["state"] for block in second.blocks if block["type"] == "handoff"] == ["offered"]
    assert respond(responder, Decision("answer", "chitchat", confidence=0.9)).slots["misunderstood"] == 0
