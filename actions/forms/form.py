"""What all forms share: leaving for something more urgent, digressions, bad answers, secrets in answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar

from actions.acts import FORM_OF_ACT
from actions.forms.fields import quits, says_goodbye
from actions.interpret import Reading, interpret
from actions.parts import sounds_like_question
from actions.reading import Reader
from actions.responder import TOPIC_OF_ACT, Responder
from actions.response import Response
from actions.services import Services
from actions.turn import Turn
from bot.knowledge.compose import Block
from bot.nlu.decision import ASK, Decision

PATIENCE = 2
"""Bad answers in a row after which a form explains itself and a person is offered."""
SURE_IN_FORM = 0.5
CLEARLY, SHORT = 0.7, 24
SECRETS = frozenset({"card", "id_number", "password", "code", "cvv"})
LONGEST_DIGRESSION = 40


@dataclass(frozen=True)
class Step:
    """What a form does with one message.

    Attributes:
        responses: what is said.
        slots: what is remembered.
        asks: the slot that is asked for now; None ends the form.
        then: the action that goes on after the form has ended.
    """

    responses: Sequence[Response]
    slots: Mapping[str, Any] = field(default_factory=dict)
    asks: str | None = None
    then: str | None = None


@dataclass(frozen=True)
class Means:
    """What forms work with."""

    responder: Responder
    reader: Reader
    services: Services
    today: date


class Form(ABC):
    """One conversation with a purpose; its state is in its slots and in the slot ``draft``.

    A form hears the message that opens it and every message until it ends.
    """

    name: ClassVar[str]
    act: ClassVar[str]
    slots: ClassVar[tuple[str, ...]]

    def __init__(self, means: Means) -> None:
        self.means = means
        self.replies = means.responder.replies

    async def take(self, turn: Turn) -> Step:
        """Return what to do with the message of ``turn``."""
        reading = await interpret(turn, self.means.responder.knowledge, self.means.reader)
        slot = turn.slots.get("requested_slot")
        opening = not slot
        answers = not opening and self.answers(str(slot), turn)
        if not opening and (leaving := self._leave(turn, reading, answers)) is not None:
            return leaving
        draft = dict(turn.slots.get("draft") or {})
        if opening:
            draft = {"seed": draft["seed"]} if draft.get("seed") else {}
        step = await (self.open(turn, reading, draft) if opening else self.go_on(turn, reading, draft))
        if opening:
            about = {"topic": TOPIC_OF_ACT.get(self.act), "aspect": None} if self.act in TOPIC_OF_ACT else {}
            step = replace(step, slots={"misunderstood": 0, **about, **step.slots})
        return self._with_warning(turn, step)

    @abstractmethod
    async def open(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        """Return the first step."""

    @abstractmethod
    async def go_on(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        """Return the step after an answer."""

    @abstractmethod
    def question(self, slot: str, draft: Mapping[str, Any]) -> list[Block]:
        """Return the blocks that ask for ``slot``."""

    def answers(self, slot: str, turn: Turn) -> bool:
        """Whether the words plainly answer what is asked, whatever else they may be taken for."""
        return False

    def gives_way(self, turn: Turn, decision: Decision) -> bool:
        """Whether a short message clearly wants what another form is for."""
        other = FORM_OF_ACT.get(decision.act, self.name)
        return other != self.name and decision.confidence >= CLEARLY and len(turn.text) <= SHORT

    # -- steps ------------------------------------------------------------------------------------------------

    def asking(self, slot: str, draft: dict[str, Any], before: Sequence[Block] = (), **slots: Any) -> Step:
        """Return the step that asks for ``slot``, after ``before``; yes answers it, not an offer in ``before``."""
        kept = {"draft": draft, "offered": None, **slots}
        return Step([self.said([*before, *self.question(slot, draft)])], kept, slot)

    def ending(self, responses: Sequence[Response], then: str | None = None, **slots: Any) -> Step:
        """Return the step that ends the form and forgets what it was told."""
        return Step(responses, {**dict.fromkeys(self.slots), "draft": None, **slots}, None, then)

    def said(self, blocks: list[Block], confidence: float = 1.0, kind: str = "answer") -> Response:
        """Return a reply of this form."""
        routing = {**Decision("answer", self.act, confidence=confidence).routing(), "decision": kind}
        return Response(blocks, routing)

    def silent(self, slot: str | None, draft: dict[str, Any]) -> Step:
        """Return the step when a service does not answer: say so, offer a person, keep what was told."""
        response = self.said(self.replies.blocks("service_silent"))
        return Step([response], {"draft": draft, "offered": None}, slot) if slot else self.ending([response])

    def digression(self, turn: Turn, reading: Reading, slot: str, draft: dict[str, Any]) -> Step | None:
        """Return the answer to a question beside the matter and the form's own question again; None without one."""
        answerable = [
            one
            for one in reading.decisions
            if one.act == ASK and one.kind == "answer" and self.means.responder.questions.knows(one.topic)
        ]
        asked = turn.choice is not None or (
            sounds_like_question(turn.text) and len(turn.text) <= LONGEST_DIGRESSION * len(reading.decisions)
        )
        if not answerable or not asked:
            return None
        answers = self.means.responder.respond(reading, turn.slots, self.means.today)
        first, *rest = (replace(one, blocks=without_buttons(one.blocks)) for one in answers)
        again = self.said([*self.replies.blocks("form_back"), *self.question(slot, draft)])
        slots = {key: value for one in answers for key, value in one.slots.items()}
        return Step([first, *rest, again], {"draft": draft, **slots}, slot)

    def once_more(self, turn: Turn, reading: Reading, slot: str, draft: dict[str, Any]) -> Step:
        """Return the step after an answer that does not help: ask again; the second time explain and offer a person."""
        if asks_again(turn, reading):
            return self.asking(slot, draft, self.replies.blocks("form_again"))
        misses = int(draft.get("misses") or 0) + 1
        draft["misses"] = misses
        if misses < PATIENCE:
            name = "empathy" if reading.first.act in ("abuse", "dissatisfied") else "form_unclear"
            return self.asking(slot, draft, self.replies.blocks(name))
        explained = self.replies.blocks(f"{self.name}_explained")
        offer = {"reason": "form_difficult", "priority": "normal", "skill": "general"}
        return self.asking(slot, draft, [*explained, {"type": "handoff", "state": "offered", **offer}], offered=offer)

    # -- leaving ----------------------------------------------------------------------------------------------

    def _leave(self, turn: Turn, reading: Reading, answers: bool) -> Step | None:
        """Return the step that leaves the form for what goes before; None to stay."""
        decision = reading.first
        urgent = decision.act == "crisis" or (decision.act == "report_fraud" and decision.confidence >= SURE_IN_FORM)
        wanted = decision.act == "request_human" and not answers
        if urgent or wanted or reading.manner == "accepted":
            return self.ending(self.means.responder.respond(reading, turn.slots, self.means.today))
        if (
            decision.act == "report_loss"
            and not answers
            and self.act != "report_loss"
            and decision.confidence >= SURE_IN_FORM
        ):
            return self.ending([], then="loss_form")
        if not answers and turn.choice is None and self.gives_way(turn, decision):
            return self.ending([], then=FORM_OF_ACT[decision.act])
        if not answers and (quits(turn.text) or (decision.act == "goodbye" and says_goodbye(turn.text))):
            return self.ending([self.said(self.replies.blocks(f"{self.name}_left"))])
        return None

    def _with_warning(self, turn: Turn, step: Step) -> Step:
        """Return ``step`` with a word about secrets when the customer sent one."""
        if SECRETS.isdisjoint(turn.metadata.get("masked") or ()) or not step.responses or turn.metadata.get("otp"):
            return step
        first, *rest = step.responses
        warned = replace(first, blocks=[*self.replies.blocks("secret_in_form"), *first.blocks])
        return replace(step, responses=[warned, *rest])


def asks_again(turn: Turn, reading: Reading) -> bool:
    """Whether the customer wants to hear the question once more."""
    return reading.first.act == "repeat" and len(turn.text) <= LONGEST_DIGRESSION


def without_buttons(blocks: list[Block]) -> list[Block]:
    """Return ``blocks`` without choices, which would distract from the form's own question."""
    return [block for block in blocks if block["type"] != "buttons"]


def form_block(asks_for: str, title: str) -> Block:
    """Return the block that says what is being asked for."""
    return {"type": "form", "asks_for": asks_for, "title": title}


def buttons(*choices: tuple[str, str]) -> Block:
    """Return buttons for acts: ``("确认提交", "affirm")``."""
    return {"type": "buttons", "buttons": [{"title": title, "payload": {"act": act}} for title, act in choices]}
