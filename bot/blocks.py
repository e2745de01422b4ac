"""Replies as typed blocks: one schema for the assistant, the server, widgets, the desk and tests.

A reply is ``{"version": 1, "blocks": [Block…], "routing": Routing | null}``. Unknown block types,
unknown keys and half surrogate pairs are refused. Buttons carry a ``payload`` on their way from the
assistant; :func:`public` keeps it back and gives each button an opaque id instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Extra, Field, StrictFloat, StrictInt, StrictStr, root_validator, validator

MAX_BLOCKS = 40
MAX_TEXT_CHARS = 8000

Payload = dict[str, Any]


def has_lone_surrogate(value: str) -> bool:
    """Whether ``value`` holds half a surrogate pair and so is no valid Unicode text."""
    return any("\ud800" <= char <= "\udfff" for char in value)


def _check_storable(value: object) -> None:
    """Raise ValueError unless ``value`` can be stored as JSON by every database (no NUL, NaN, half pairs)."""
    if "\\u0000" in json.dumps(value, allow_nan=False):
        raise ValueError("NUL character")
    json.dumps(value, ensure_ascii=False).encode("utf-8")


class _Strict(BaseModel):
    """No unknown keys, no coercion to text, no half surrogate pairs, no endless strings."""

    class Config:
        extra = Extra.forbid
        allow_mutation = False

    @validator("*", each_item=True)
    def _plain_text(cls, value: object) -> object:
        if isinstance(value, str):
            if has_lone_surrogate(value) or "\x00" in value:
                raise ValueError("no valid text")
            if len(value) > MAX_TEXT_CHARS:
                raise ValueError("text too long")
        return value


class TextBlock(_Strict):
    """A paragraph."""

    type: Literal["text"] = "text"
    text: StrictStr


class Button(_Strict):
    """A choice: ``payload`` between assistant and server, ``id`` between server and client."""

    title: StrictStr = Field(..., min_length=1, max_length=60)
    id: StrictStr | None = None
    payload: Payload | None = None

    @validator("payload")
    def _storable(cls, value: Payload | None) -> Payload | None:
        _check_storable(value)
        return value


class ButtonsBlock(_Strict):
    """Choices to tap."""

    type: Literal["buttons"] = "buttons"
    title: StrictStr | None = None
    buttons: list[Button] = Field(..., min_items=1, max_items=12)


class StepsBlock(_Strict):
    """An ordered list."""

    type: Literal["steps"] = "steps"
    title: StrictStr
    items: list[StrictStr] = Field(..., min_items=1)


class FactItem(_Strict):
    """One line of facts."""

    label: StrictStr | None = None
    text: StrictStr


class FactsBlock(_Strict):
    """Materials, times, fees, limits, places."""

    type: Literal["facts"] = "facts"
    kind: Literal["materials", "time", "fee", "limit", "where", "eligibility", "other"]
    title: StrictStr
    items: list[FactItem] = Field(..., min_items=1)


class CitationBlock(_Strict):
    """Where an answer comes from; ``certainty`` H, M, L, R or B (the bank's own choice)."""

    type: Literal["citation"] = "citation"
    source: StrictStr
    clause: StrictStr
    date: StrictStr | None = None
    certainty: Literal["H", "M", "L", "R", "B"]


class CaseBlock(_Strict):
    """A case; its further keys belong to the cases room."""

    type: Literal["case"] = "case"

    class Config:
        extra = Extra.allow

    @root_validator
    def _storable(cls, values: dict[str, Any]) -> dict[str, Any]:
        _check_storable(values)
        return values


class FormBlock(_Strict):
    """What is being asked for."""

    type: Literal["form"] = "form"
    asks_for: StrictStr
    title: StrictStr


class NoticeBlock(_Strict):
    """Who is talking, queue position, waiting time, system notices."""

    type: Literal["notice"] = "notice"
    kind: Literal["bot", "human", "queue", "wait", "system"]
    text: StrictStr


class HandoffBlock(_Strict):
    """A human is offered, was left a message, or the customer is queued.

    ``requested`` stands only between assistant and server: the assistant asks, the server arranges.
    """

    type: Literal["handoff"] = "handoff"
    state: Literal["offered", "requested", "message", "queued"]
    reason: StrictStr
    priority: Literal["urgent", "normal"]
    skill: StrictStr
    text: StrictStr | None = None


class RatingBlock(_Strict):
    """An invitation to rate."""

    type: Literal["rating"] = "rating"
    title: StrictStr


Block = Annotated[
    TextBlock
    | ButtonsBlock
    | StepsBlock
    | FactsBlock
    | CitationBlock
    | CaseBlock
    | FormBlock
    | NoticeBlock
    | HandoffBlock
    | RatingBlock,
    Field(discriminator="type"),
]


class Candidate(_Strict):
    """One reading of a message; ids of the taxonomy, ``confidence`` from 0 to 1."""

    act: StrictStr | None = None
    topic: StrictStr | None = None
    aspect: StrictStr | None = None
    confidence: StrictFloat | StrictInt | None = None

    @validator("confidence")
    def _share(cls, value: float | None) -> float | None:
        if value is not None and not 0 <= value <= 1:
            raise ValueError("confidence outside 0…1")
        return value


class Routing(Candidate):
    """How a message was understood and what was decided."""

    alternatives: list[Candidate] = Field(default_factory=list)
    decision: StrictStr | None = None


class Reply(_Strict):
    """One message of the assistant.

    Raises:
        pydantic.ValidationError: unknown block type, unknown key, wrong type.
    """

    version: Literal[1] = 1
    blocks: list[Block]  # limits in the validator: as field constraints they would undo the discriminator
    routing: Routing | None = None

    @validator("blocks")
    def _some(cls, value: list[Any]) -> list[Any]:
        if not 1 <= len(value) <= MAX_BLOCKS:
            raise ValueError(f"1 to {MAX_BLOCKS} blocks")
        return value


@dataclass(frozen=True)
class Offered:
    """A button as the server remembers it."""

    id: str
    title: str
    payload: Payload


@dataclass(frozen=True)
class Published:
    """A reply split into what a client may see and what stays here."""

    blocks: list[dict[str, Any]]
    offered: list[Offered]


def public(reply: Reply, ids: Callable[[], str]) -> Published:
    """Replace every button payload of ``reply`` by an opaque id.

    Args:
        reply: a reply of the assistant; every button has a payload.
        ids: returns a fresh unguessable id at every call.

    Returns:
        Blocks as plain JSON objects without payloads, and the payloads by id.

    Raises:
        ValueError: a button has no payload.
    """
    blocks: list[dict[str, Any]] = []
    offered: list[Offered] = []
    for block in reply.blocks:
        plain: dict[str, Any] = block.dict(exclude_none=True)
        if isinstance(block, ButtonsBlock):
            plain["buttons"] = []
            for button in block.buttons:
                if button.payload is None:
                    raise ValueError("button without payload")
                known = Offered(id=ids(), title=button.title, payload=button.payload)
                offered.append(known)
                plain["buttons"].append({"id": known.id, "title": known.title})
        blocks.append(plain)
    return Published(blocks=blocks, offered=offered)
