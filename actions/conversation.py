"""The two actions that carry a conversation: answer a question, reply to everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.acts import FORM_OF_ACT
from actions.compensation import recorded
from actions.forms.form import Means
from actions.forms.suggestion import with_offer
from actions.interpret import Reading, interpret, question_of
from actions.means import shared_means
from actions.response import FORGOTTEN, Response, remembered
from actions.turn import Turn


class ActionAnswer(Action):
    """Answer a question, ask back, or say that it is not ours.

    What is costly is built when the action server starts, so that the first customer need not wait.
    """

    def __init__(self, means: Means | None = None) -> None:
        self._means = means
        if means is None:
            shared_means()

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Send one reply for each question of the message and return the slots that change."""
        turn, means = Turn.of(tracker), self._means or shared_means()
        reading = await interpret(turn, means.responder.knowledge, means.reader)
        if (form := self._form(turn, reading)) is not None:
            seed = {"seed": turn.slots["offered"].get("seed")} if reading.manner == "accepted" else None
            return [SlotSet(name, value) for name, value in {**FORGOTTEN, "draft": seed}.items()] + [
                FollowupAction(form)
            ]
        responses = await self._responses(turn, reading, means)
        for response in responses:
            dispatcher.utter_message(json_message=response.payload())
        slots = {**remembered(responses), **question_of(turn, reading)}
        return [SlotSet(name, value) for name, value in slots.items()]

    @staticmethod
    def _form(turn: Turn, reading: Reading) -> str | None:
        """Return the form that goes on with the message; None for a reply of our own."""
        if reading.manner == "accepted":
            form: str | None = turn.slots["offered"].get("form")
            return form
        return FORM_OF_ACT.get(reading.first.act) if reading.first.kind in ("answer", "handoff") else None

    @staticmethod
    async def _responses(turn: Turn, reading: Reading, means: Means) -> Sequence[Response]:
        responses = means.responder.respond(reading, turn.slots, means.today)
        if reading.first.act == "compensation":
            first, *rest = responses
            return [replace(first, blocks=await recorded(turn, means.services, first.blocks)), *rest]
        return [with_offer(turn, response, means.responder.replies) for response in responses]


class ActionReply(ActionAnswer):
    """Reply to an act that is no question; shares the way of `ActionAnswer`."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_reply"
