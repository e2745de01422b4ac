"""What a reply says and does, read from its blocks: pure functions on the messages of the customer API."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

CASE_OUTCOMES = ("created", "status_shown", "status_refused", "withdrawn", "urged")
_SHOWN = {
    "text": ("text",),
    "steps": ("title",),
    "facts": ("title",),
    "citation": ("source", "clause", "date"),
    "form": ("title",),
    "notice": ("text",),
    "handoff": ("text",),
    "rating": ("title",),
    "buttons": ("title",),
}
_HANDOFF_ORDER = ("queued", "message", "requested", "offered")
_NOT_MORE = frozenset({"otp", "confirm"})
_BROKEN = frozenset({"assistant_unavailable", "service_interrupted"})


@dataclass(frozen=True)
class Observed:
    """The whole reply to one message of the customer.

    Attributes:
        messages: all bot and system messages from this message to the customer's next, as the API gives them.
        stored: the customer's own message as the API gives it back; None when it was refused.
        status: HTTP status of the sending.
        refusal: the server's Chinese words when it refused the message; a customer reads them as the answer.
        seconds: from sending to the complete reply.
        masked: kinds of secrets that the server says it masked.
    """

    messages: tuple[Json, ...] = ()
    stored: Json | None = None
    status: int = 202
    refusal: str = ""
    seconds: float = 0.0
    masked: tuple[str, ...] = ()

    @property
    def blocks(self) -> list[Json]:
        """All blocks in order."""
        return [block for message in self.messages for block in message["blocks"]]

    @property
    def text(self) -> str:
        """All words that a customer sees, one piece a line."""
        return "\n".join([*filter(None, [self.refusal]), *(words for block in self.blocks for words in shown(block))])

    @property
    def readings(self) -> list[Json]:
        """How the message was understood; two for two answers."""
        return [message["routing"] for message in self.messages if message.get("routing")]

    @property
    def handoff(self) -> str:
        """``none``, ``offered``, ``queued`` or ``message``; a request under way counts as queued."""
        states = {block.get("state") for block in self.blocks if block["type"] == "handoff"}
        state = next((state for state in _HANDOFF_ORDER if state in states), "none")
        return "queued" if state == "requested" else state

    @property
    def handoff_pending(self) -> bool:
        """The bot asked for a human and the server has not said yet what came of it."""
        states = {block.get("state") for block in self.blocks if block["type"] == "handoff"}
        return "requested" in states and not states & {"queued", "message"}

    @property
    def priority(self) -> str | None:
        """The highest priority of the handoff; None without a handoff."""
        found = {block.get("priority") for block in self.blocks if block["type"] == "handoff"}
        return next((priority for priority in ("urgent", "normal") if priority in found), None)

    @property
    def asks_for(self) -> frozenset[str]:
        """What is asked for; ``details`` for any request for more, clarifying choices included."""
        forms = {str(block["asks_for"]) for block in self.blocks if block["type"] == "form"}
        clarifies = any(reading.get("decision") == "clarify" for reading in self.readings)
        return frozenset(forms | ({"details"} if clarifies or forms - _NOT_MORE else set()))

    @property
    def citations(self) -> list[Json]:
        """The citations that name a source and a clause."""
        blocks = (block for block in self.blocks if block["type"] == "citation")
        return [block for block in blocks if block.get("source") and block.get("clause")]

    @property
    def case(self) -> str:
        """What happened to a case: the ``event`` of the last case block that has one, else ``none``."""
        cases = [block for block in self.blocks if block["type"] == "case"]
        events = [block["event"] for block in cases if block.get("event") in CASE_OUTCOMES]
        return str(events[-1]) if events else "status_shown" if cases else "none"

    @property
    def case_number(self) -> str | None:
        """The number of the case made in this reply."""
        made = (block for block in self.blocks if block["type"] == "case" and block.get("event") == "created")
        return next((str(block["number"]) for block in made if block.get("number")), None)

    @property
    def broken(self) -> bool:
        """The server itself had to answer because the assistant did not."""
        return any(block["type"] == "handoff" and block.get("reason") in _BROKEN for block in self.blocks)


def shown(block: Json) -> Iterator[str]:
    """Yield the words of a block that a customer sees; never codes, ids or confidences."""
    kind = block["type"]
    if kind == "case":
        yield from _leaves({key: value for key, value in block.items() if key not in ("type", "event")})
        return
    for key in _SHOWN.get(kind, ()):
        if block.get(key):
            yield str(block[key])
    for button in block.get("buttons", ()):
        yield str(button["title"])
    for item in block.get("items", ()):
        if isinstance(item, dict):
            yield "：".join(str(item[key]) for key in ("label", "text") if item.get(key))
        else:
            yield str(item)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value


def comparable(text: str) -> str:
    """Return ``text`` after NFKC, without spaces and tabs, in lower case."""
    return unicodedata.normalize("NFKC", text).replace(" ", "").replace("\t", "").lower()
