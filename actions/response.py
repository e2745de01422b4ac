"""One reply: its blocks, how the message was understood, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.knowledge.compose import Block

FORGOTTEN: dict[str, Any] = {"choices": None, "offered": None, "pending_aspect": None}
"""What only the very next message can answer; every reply begins with it forgotten."""


@dataclass(frozen=True)
class Response:
    """A reply and the slots that change with it."""

    blocks: list[Block]
    routing: dict[str, Any]
    slots: dict[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """Return the ``custom`` payload of the reply."""
        return {"version": 1, "blocks": self.blocks, "routing": self.routing}


def remembered(responses: Sequence[Response]) -> dict[str, Any]:
    """Return the slots after all replies to one message: the last one's word counts, offers are noted."""
    slots = dict(FORGOTTEN)
    for response in responses:
        slots.update(response.slots)
        for block in response.blocks:
            if block["type"] == "handoff" and block["state"] == "offered":
                slots["offered"] = {key: block[key] for key in ("reason", "priority", "skill")}
    return slots
