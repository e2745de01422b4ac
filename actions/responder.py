"""From a decision to a reply: what is said, and what the conversation is about afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.knowledge.compose import ASPECT_TITLES, NEXT_QUESTIONS, Block, compose_answer, resolve_aspect
from bot.knowledge.model import KnowledgeBase, Topic
from bot.knowledge.replies import Replies
from bot.nlu.decision import Decision, Guess

PATIENCE = 2
"""Failed understandings in a row after which a person is offered (`GB/T 47746—2026 5.2.2.6 a`)."""


MOST_NEXT_QUESTIONS = 3


@dataclass(frozen=True)
class Response:
    """A reply and the slots that change with it."""

    blocks: list[Block]
    routing: dict[str, Any]
    slots: dict[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """Return the ``custom`` payload of the reply."""
        return {"version": 1, "blocks": self.blocks, "routing": self.routing}


class Responder:
    """Composes replies from the knowledge base.

    Args:
        knowledge: topics with their answers.
        replies: what is said to everything that is no question.
    """

    def __init__(self, knowledge: KnowledgeBase, replies: Replies) -> None:
        self._knowledge = knowledge
        self._replies = replies

    def respond(self, decision: Decision, slots: Mapping[str, Any], today: date) -> Response:
        """Return the reply to a decision.

        In: the decision, the slots ``topic``, ``aspect`` and ``misunderstood``, the day as of
        which rules are told. Out: blocks, routing and the slots to set.
        """
        if decision.kind == "clarify":
            return self._clarify(decision)
        if decision.act == "ask" and decision.topic in self._knowledge.topics:
            return self._answer(decision, today)
        if decision.kind == "reject" or decision.act == "ask" or decision.act not in self._replies:
            return self._reject(decision, int(slots.get("misunderstood") or 0))
        if decision.act == "repeat" and slots.get("topic") in self._knowledge.topics:
            again = Decision("answer", "repeat", slots["topic"], slots.get("aspect"), decision.confidence)
            return self._answer(again, today)
        return Response(self._replies.blocks(decision.act), decision.routing(), {"misunderstood": 0})

    def _answer(self, decision: Decision, today: date) -> Response:
        assert decision.topic is not None  # noqa: S101 - the caller looked it up
        topic = self._knowledge.topics[decision.topic]
        aspect = None if topic.is_standard else resolve_aspect(topic, decision.aspect, today)
        blocks = compose_answer(self._knowledge, topic.id, decision.aspect, today) + _next_questions(topic, aspect)
        slots = {"topic": topic.id, "aspect": decision.aspect or aspect, "choices": None, "misunderstood": 0}
        return Response(blocks, {**decision.routing(), "aspect": decision.aspect or aspect}, slots)

    def _clarify(self, decision: Decision) -> Response:
        buttons = [self._button(guess) for guess in decision.alternatives if guess.topic in self._knowledge.topics]
        name = "which_one" if buttons and decision.topic else "which_service"
        blocks = self._replies.blocks(name)
        if buttons:
            blocks.append({"type": "buttons", "title": "您想问的是", "buttons": buttons})
        return Response(blocks, decision.routing(), {"choices": [button["payload"] for button in buttons]})

    def _reject(self, decision: Decision, misunderstood: int) -> Response:
        if decision.act == "out_of_scope" and decision.confidence >= 0.5:
            return Response(self._replies.blocks("out_of_scope"), decision.routing())
        name = "not_understood_again" if misunderstood + 1 >= PATIENCE else "not_understood"
        return Response(self._replies.blocks(name), decision.routing(), {"misunderstood": misunderstood + 1})

    def _button(self, guess: Guess) -> dict[str, Any]:
        assert guess.topic is not None  # noqa: S101 - the caller looked it up
        topic = self._knowledge.topics[guess.topic]
        title = topic.title
        if guess.aspect in topic.answers and guess.aspect in ASPECT_TITLES and not topic.is_standard:
            title = f"{title}:{ASPECT_TITLES[guess.aspect]}"
        return {"title": title, "payload": {"topic": guess.topic, "aspect": guess.aspect}}


def _next_questions(topic: Topic, answered: str | None) -> list[Block]:
    """Return buttons for what is usually asked next about ``topic``; none for a section of the standard."""
    if topic.is_standard:
        return []
    open_aspects = [aspect for aspect in NEXT_QUESTIONS if aspect in topic.answers and aspect != answered]
    buttons = [
        {"title": NEXT_QUESTIONS[aspect], "payload": {"topic": topic.id, "aspect": aspect}}
        for aspect in open_aspects[:MOST_NEXT_QUESTIONS]
    ]
    return [{"type": "buttons", "title": "还想了解", "buttons": buttons}] if buttons else []
