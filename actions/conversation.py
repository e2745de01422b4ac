"""The two actions that carry a conversation: answer a question, reply to everything else."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.interpret import interpret, question_of
from actions.reading import RasaReader, Reader
from actions.responder import Responder
from actions.response import remembered
from actions.turn import Turn
from bot.knowledge.day import today_in_bank
from bot.knowledge.loader import shared_knowledge
from bot.knowledge.replies import shared_replies
from bot.settings import get_settings


class ActionAnswer(Action):
    """Answer a question, ask back, or say that it is not ours.

    The knowledge base is read when the action server starts, so that the first customer need not wait.
    """

    def __init__(self, reader: Reader | None = None) -> None:
        settings = get_settings()
        directory = settings.knowledge_dir
        self._responder = Responder(shared_knowledge(directory), shared_replies(directory))
        self._reader = reader or RasaReader(settings.rasa_url, settings.rasa_token)

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Send one reply for each question of the message and return the slots that change."""
        turn = Turn.of(tracker)
        reading = await interpret(turn, self._responder.knowledge, self._reader)
        responses = self._responder.respond(reading, turn.slots, today_in_bank())
        for response in responses:
            dispatcher.utter_message(json_message=response.payload())
        slots = {**remembered(responses), **question_of(turn, reading)}
        return [SlotSet(name, value) for name, value in slots.items()]


class ActionReply(ActionAnswer):
    """Reply to an act that is no question; shares the way of `ActionAnswer`."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_reply"
