"""From a reading to replies: what is said, and what the conversation is about afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from actions.interpret import Reading
from actions.questions import PATIENCE, Questions
from actions.response import Response
from bot.knowledge.compose import Block
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.replies import Replies
from bot.nlu.decision import ASK, Decision

TOPIC_OF_ACT = {
    "report_loss": "card.loss",
    "report_fraud": "fraud.stolen",
    "complain": "complaint.process",
    "case_status": "complaint.process",
    "case_urge": "complaint.process",
    "case_withdraw": "complaint.withdraw",
}
"""What a question without a topic is about after an act (「那要多久」 after a complaint)."""

SURELY = {"chitchat": 0.7, "affirm": 0.55, "thanks": 0.55, "greet": 0.55, "goodbye": 0.55, "abuse": 0.55}
"""Least probability of a light act that is not perhaps mere sounds."""

NOT_HELPED = frozenset({"dissatisfied"})
"""Acts that count towards offering a person."""


class Responder:
    """Composes replies from the knowledge base and the bank's words.

    Args:
        knowledge: topics with their answers.
        replies: what is said to everything that is no question.
    """

    def __init__(self, knowledge: KnowledgeBase, replies: Replies) -> None:
        self.knowledge = knowledge
        self.replies = replies
        self.questions = Questions(knowledge, replies)

    def respond(self, reading: Reading, slots: Mapping[str, Any], today: date) -> list[Response]:
        """Return the replies to a message, one for each of its questions.

        In: what the message means, the conversation's slots, the day as of which rules are told.
        Out: at least one reply; `actions.response.remembered` tells the slots to set.
        """
        answerable = [one for one in reading.decisions if one.act == ASK and self.questions.knows(one.topic)]
        if answerable and reading.first.kind != "clarify":
            found = self.questions.answers(answerable, today)
            return [self._with_empathy(found[0]), *found[1:]] if reading.upset else found
        return self._single(reading, slots, today)

    def _single(self, reading: Reading, slots: Mapping[str, Any], today: date) -> list[Response]:
        decision, manner = reading.first, reading.manner
        misunderstood = int(slots.get("misunderstood") or 0)
        if decision.kind == "clarify":
            asked = self.questions.clarify(decision)
            return [self._with_empathy(asked) if reading.upset else asked]
        if manner == "accepted":
            return [self._accepted(decision, slots["offered"])]
        if manner == "declined":
            return [self._said("stay", decision, {"misunderstood": 0})]
        if manner == "none_of_them":
            name = "none_of_them_again" if misunderstood + 1 >= PATIENCE else "none_of_them"
            asked = self._said(name, decision, {"misunderstood": misunderstood + 1})
            return [Response(asked.blocks, {**asked.routing, "decision": "clarify"}, asked.slots)]
        if decision.kind == "reject" or decision.act == ASK or decision.act not in self.replies:
            return [self.questions.reject(decision, misunderstood)]
        if decision.act == "repeat":
            return self._again(decision, slots, today, briefly=manner == "simpler")
        if decision.confidence < SURELY.get(decision.act, 0.0):
            return [self._hardly_understood(decision, misunderstood)]
        return [self._act(decision, slots, misunderstood)]

    def _hardly_understood(self, decision: Decision, misunderstood: int) -> Response:
        """Mere sounds are taken for chit-chat or the like; the second time they count as not understood."""
        name = "not_understood_again" if misunderstood + 1 >= PATIENCE else decision.act
        return self._said(name, decision, {"misunderstood": misunderstood + 1})

    def _act(self, decision: Decision, slots: Mapping[str, Any], misunderstood: int) -> Response:
        about: dict[str, Any] = {"misunderstood": misunderstood + 1 if decision.act in NOT_HELPED else 0}
        if decision.act in TOPIC_OF_ACT:
            about |= {"topic": TOPIC_OF_ACT[decision.act], "aspect": None}
        response = self._said(decision.act, decision, about)
        if decision.act not in NOT_HELPED:
            return response
        choice = self.questions.others(slots.get("others") or ())
        offered = [button["payload"] | {"title": button["title"]} for block in choice for button in block["buttons"]]
        blocks = [response.blocks[0], *choice, *response.blocks[1:]]
        return Response(blocks, response.routing, {**response.slots, "choices": offered or None, "others": None})

    def _accepted(self, decision: Decision, offer: Mapping[str, Any]) -> Response:
        blocks: list[Block] = [
            *self.replies.blocks("offer_accepted"),
            {"type": "handoff", "state": "requested", **offer},
        ]
        return Response(blocks, {**decision.routing(), "decision": "handoff"}, {"misunderstood": 0})

    def _again(self, decision: Decision, slots: Mapping[str, Any], today: date, briefly: bool) -> list[Response]:
        said = slots.get("said")
        if isinstance(said, str) and said in self.replies:
            return [self._said(said, decision, {})]
        if said is None and slots.get("topic"):
            said = [[slots["topic"], slots.get("aspect")]]
        found = self.questions.again(said or (), decision, today, briefly) if not isinstance(said, str) else []
        return found or [Response(self.replies.blocks("repeat"), decision.routing(), {"misunderstood": 0})]

    def _said(self, name: str, decision: Decision, slots: dict[str, Any]) -> Response:
        return Response(self.replies.blocks(name), decision.routing(), {"said": name, **slots})

    def _with_empathy(self, response: Response) -> Response:
        return Response([*self.replies.blocks("empathy"), *response.blocks], response.routing, response.slots)
