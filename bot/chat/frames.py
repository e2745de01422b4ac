"""Frames a customer's WebSocket may send, parsed with bounds; what is wrong comes back as an error."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import BodyTooLarge, InvalidRequest, NuoyanError

MAX_FRAME_CHARS = 128 * 1024

Model = TypeVar("Model", bound=BaseModel)


def parse_frame(raw: str) -> dict[str, Any]:
    """A JSON object with a ``type``.

    Raises:
        BodyTooLarge: longer than ``MAX_FRAME_CHARS``.
        InvalidRequest: no JSON object, or no type.
    """
    if len(raw) > MAX_FRAME_CHARS:
        raise BodyTooLarge(limit=MAX_FRAME_CHARS)
    try:
        frame = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(field="JSON") from error
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise InvalidRequest(field="type")
    return frame


def checked(model: type[Model], frame: dict[str, Any]) -> Model:
    """``frame`` as ``model``; raises ``InvalidRequest`` with the name of the field at fault."""
    try:
        return model.parse_obj(frame)
    except ValidationError as error:
        first = error.errors()[0]
        unknown = first["type"] == "value_error.extra"
        raise InvalidRequest(field="未知字段" if unknown else str(first["loc"][0])) from error


def error_frame(error: NuoyanError, frame: dict[str, Any] | None = None) -> dict[str, Any]:
    """The error as a frame; names the message it is about if its ``client_id`` is usable."""
    answer: dict[str, Any] = {"type": "error", "code": error.code.value, "text": error.text}
    client_id = frame.get("client_id") if frame else None
    if isinstance(client_id, str) and len(client_id) <= 64 and client_id.isascii():
        answer["client_id"] = client_id
    return answer
