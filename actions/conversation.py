"""The two actions that carry a conversation: answer a question, reply to everything else."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.responder import Responder, Response
from bot.knowledge.day import today_in_bank
from bot.knowledge.loader import shared_knowledge
from bot.knowledge.replies import shared_replies
from bot.nlu.decision import Context, Decision, decide_routing
from bot.settings import get_settings


def understood(tracker: Tracker) -> Decision:
    """Return what to do with the latest message, in the light of the conversation."""
    message = tracker.latest_message
    choice = message.get("choice")
    if choice:
        return Decision("answer", choice["act"], choice.get("topic"), choice.get("aspect"), 1.0)
    context = Context(tracker.get_slot("topic"), tracker.get_slot("aspect"))
    if message.get("routing"):
        return decide_routing(message["routing"], context)
    name = (message.get("intent") or {}).get("name") or "out_of_scope"
    return Decision("answer", name, confidence=1.0)


class ActionAnswer(Action):
    """Answer a question, ask back, or say that it is not ours.

    The knowledge base is read when the action server starts, so that the first customer need not wait.
    """

    def __init__(self) -> None:
        directory = get_settings().knowledge_dir
        self._responder = Responder(shared_knowledge(directory), shared_replies(directory))

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Send one reply and return the slots that change."""
        decision = understood(tracker)
        response: Response = self._responder.respond(decision, tracker.current_slot_values(), today_in_bank())
        dispatcher.utter_message(json_message=response.payload())
        return [SlotSet(name, value) for name, value in response.slots.items()]


class ActionReply(ActionAnswer):
    """Reply to an act that is no question; shares the way of `ActionAnswer`."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_reply"
