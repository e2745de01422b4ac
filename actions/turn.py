"""One message of the customer as the actions see it: words, scores, what was remembered, who is talking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

from bot.nlu.decision import Context


@dataclass(frozen=True)
class Turn:
    """The latest message and the conversation's memory.

    Attributes:
        text: the customer's masked words; empty for a button.
        intent: what the pipeline called it.
        routing: the heads' scores; None when another pipeline was at work.
        choice: what a tapped button stands for.
        slots: what the conversation remembers.
        metadata: what the server says of the message: identity, masked kinds, one-time code …
        entities: products, amounts and the like in the text.
        conversation: id of the conversation.
        message: id of the message, the same for every attempt at it.
    """

    text: str = ""
    intent: str = "out_of_scope"
    routing: Mapping[str, Any] | None = None
    choice: Mapping[str, Any] | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    entities: Sequence[Mapping[str, Any]] = ()
    conversation: str = ""
    message: str = ""

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        """Return the turn that Rasa asks an action to carry on."""
        latest = tracker.latest_message
        return cls(
            text=latest.get("text") or "",
            intent=(latest.get("intent") or {}).get("name") or "out_of_scope",
            routing=latest.get("routing") or None,
            choice=latest.get("choice") or None,
            slots=tracker.current_slot_values(),
            metadata=latest.get("metadata") or {},
            entities=latest.get("entities") or (),
            conversation=tracker.sender_id,
            message=latest.get("message_id") or "",
        )

    @property
    def choices(self) -> list[dict[str, Any]]:
        """What was last offered for choice."""
        return list(self.slots.get("choices") or ())

    @property
    def context(self) -> Context:
        """What the conversation is about."""
        offered = frozenset(choice["topic"] for choice in self.choices if choice.get("topic") and choice.get("guessed"))
        return Context(self.slots.get("topic"), self.slots.get("aspect"), offered)
