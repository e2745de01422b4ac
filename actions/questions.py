"""Replies to questions: the answer, which of a few things was meant, or that it was not understood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from actions.response import Response
from bot.knowledge.compose import ASPECT_TITLES, NEXT_QUESTIONS, Block, compose_answer, resolve_aspect
from bot.knowledge.model import KnowledgeBase, Topic
from bot.knowledge.replies import Replies
from bot.nlu.decision import Decision, Guess

PATIENCE = 2
"""Failed understandings in a row after which a person is offered (`GB/T 47746—2026 5.2.2.6 a`)."""

MOST_NEXT_QUESTIONS = 3
LEAST_OTHER = 0.03
"""Least probability of another reading that is offered to a customer who was not helped."""

_KEPT_WHEN_SHORT = ("citation", "handoff")


class Questions:
    """Composes replies to questions from the knowledge base.

    Args:
        knowledge: topics with their answers.
        replies: the words around them.
    """

    def __init__(self, knowledge: KnowledgeBase, replies: Replies) -> None:
        self._knowledge = knowledge
        self._replies = replies

    def knows(self, topic: str | None) -> bool:
        """Whether there is anything to say about ``topic``."""
        return topic in self._knowledge.topics

    def answer(self, decision: Decision, today: date, ask_on: bool = True) -> Response:
        """Return the answer to a question whose topic is known; ``ask_on``: with what is usually asked next."""
        topic = self._knowledge.topics[decision.topic or ""]
        aspect = None if topic.is_standard else resolve_aspect(topic, decision.aspect, today)
        blocks = compose_answer(self._knowledge, topic.id, decision.aspect, today)
        others = [_payload(guess) for guess in decision.alternatives if guess.confidence >= LEAST_OTHER]
        shown = decision.aspect or aspect
        slots = {
            "topic": topic.id,
            "aspect": shown,
            "misunderstood": 0,
            "said": [[topic.id, shown]],
            "others": [other for other in others if self.knows(other["topic"])][:2] or None,
        }
        return Response(
            blocks + (_next_questions(topic, aspect) if ask_on else []), {**decision.routing(), "aspect": shown}, slots
        )

    def answers(self, decisions: Sequence[Decision], today: date) -> list[Response]:
        """Return one answer a question; all of them are remembered, for saying them again."""
        found = [self.answer(decision, today, ask_on=len(decisions) == 1) for decision in decisions]
        said = [pair for response in found for pair in response.slots["said"]]
        return [*found[:-1], Response(found[-1].blocks, found[-1].routing, {**found[-1].slots, "said": said})]

    def again(self, said: Sequence[Sequence[Any]], decision: Decision, today: date, briefly: bool) -> list[Response]:
        """Return the last answers once more; ``briefly``: only their core, for those whom the whole was too much."""
        pairs = [(str(topic), aspect) for topic, aspect in said if self.knows(topic)]
        found = []
        for topic, aspect in pairs:
            again = Decision("answer", decision.act, topic, aspect, decision.confidence)
            response = self.answer(again, today, ask_on=not briefly)
            blocks = self._brief(response.blocks) if briefly else response.blocks
            kept = {key: value for key, value in response.slots.items() if key != "others"}
            found.append(Response(blocks, response.routing, {**kept, "said": [list(pair) for pair in pairs]}))
        return found

    def _brief(self, blocks: list[Block]) -> list[Block]:
        lead = self._replies.blocks("simpler")[0]["text"]
        short: list[Block] = [{"type": "text", "text": lead + blocks[0]["text"]}]
        steps: list[str] = next((block["items"] for block in blocks if block["type"] == "steps"), [])
        if steps:
            short.append({"type": "text", "text": f"您先做这一步：{steps[0].rstrip('。')}。做完了再问我下一步就行。"})
        return short + [block for block in blocks if block["type"] in _KEPT_WHEN_SHORT]

    def clarify(self, decision: Decision) -> Response:
        """Ask which of a few things was meant; without any guess, which service."""
        buttons = [self._button(guess) for guess in decision.alternatives if self.knows(guess.topic)]
        slots: dict[str, Any] = {"pending_aspect": decision.aspect}
        guessed = bool(buttons)
        if buttons:
            blocks = self._replies.blocks("which_one" if decision.topic else "which_service")[:1]
            blocks.append({"type": "buttons", "title": "您想问的是", "buttons": buttons})
        else:
            name = f"which_service_{decision.aspect}"
            blocks = self._replies.blocks(name if name in self._replies else "which_service")
            buttons = [button for block in blocks if block["type"] == "buttons" for button in block["buttons"]]
        return Response(blocks, decision.routing(), {**slots, "choices": _choices(buttons, guessed)})

    def reject(self, decision: Decision, misunderstood: int) -> Response:
        """Say that it is not ours, or that it was not understood; the second time in a row offer a person."""
        outside = decision.act == "out_of_scope" and decision.confidence >= 0.5
        again = "_again" if misunderstood + 1 >= PATIENCE else ""
        name = ("out_of_scope" if outside else "not_understood") + again
        blocks = self._replies.blocks(name)
        slots: dict[str, Any] = {"misunderstood": misunderstood + 1, "said": name}
        if name == "not_understood":
            blocks.append({"type": "form", "asks_for": "details", "title": "请换个说法告诉我"})
        likely = [guess for guess in decision.alternatives if self.knows(guess.topic) and guess.confidence >= 0.05]
        if likely and name == "not_understood":
            buttons = [self._button(guess) for guess in likely[:2]]
            blocks.insert(1, {"type": "buttons", "title": "您想问的是不是", "buttons": buttons})
            slots["choices"] = _choices(buttons)
        return Response(blocks, decision.routing(), slots)

    def others(self, payloads: Sequence[dict[str, Any]]) -> list[Block]:
        """Return the choice among other readings of a question that was answered wrongly; nothing without any."""
        buttons = [
            self._button(Guess("ask", payload["topic"], payload.get("aspect"), 0.0))
            for payload in payloads
            if self.knows(payload.get("topic"))
        ]
        return [{"type": "buttons", "title": "您想问的是不是", "buttons": buttons}] if buttons else []

    def _button(self, guess: Guess) -> dict[str, Any]:
        topic = self._knowledge.topics[guess.topic or ""]
        title = topic.title
        if guess.aspect in topic.answers and guess.aspect in ASPECT_TITLES and not topic.is_standard:
            title = f"{title}:{ASPECT_TITLES[guess.aspect]}"
        return {"title": title, "payload": _payload(guess)}


def _payload(guess: Guess) -> dict[str, Any]:
    return {"topic": guess.topic, "aspect": guess.aspect}


def _choices(buttons: Sequence[dict[str, Any]], guessed: bool = True) -> list[dict[str, Any]] | None:
    """What is remembered of a choice; ``guessed``: the customer's own words point at it."""
    return [{**button["payload"], "title": button["title"], "guessed": guessed} for button in buttons] or None


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
