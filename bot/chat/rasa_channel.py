"""The only door into Rasa: an authenticated channel that our server alone can use.

Rasa's REST webhook believes any sender and any metadata, and obeys a typed ``/restart``.
Here a shared token is checked, a customer's text is always text, and only the server can
hand over a structured choice.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.nlu.guard import as_text
from bot.settings import get_settings

log = structlog.get_logger(__name__)

MAX_CHARS = 4_000
MAX_READINGS = 16
_SENDER = re.compile(r"[A-Za-z0-9_-]{8,64}")


def choice_parse_data(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the parse data of a choice made by button: ``{"topic", "aspect"}``, ``{"act"}``, ``{"act", "case"}``."""
    choice = {key: payload.get(key) for key in ("act", "topic", "aspect", "case") if payload.get(key)}
    choice.setdefault("act", "ask")
    return {
        "text": "",
        "intent": {"name": choice["act"], "confidence": 1.0},
        "entities": [],
        "choice": choice,
    }


class NuoyanChannel(InputChannel):
    """``POST /webhooks/nuoyan/messages``: one customer's message in, its typed replies out.

    ``POST /webhooks/nuoyan/readings`` scores further wordings for the actions, outside any conversation.
    """

    def __init__(self, token: str) -> None:
        if not token:
            raise ValueError("the channel needs a token")
        self._token = token

    @classmethod
    def name(cls) -> str:
        """Name in the address and in the tracker."""
        return "nuoyan"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> NuoyanChannel:
        """Return the channel; the token comes from the settings, never from a file in the project."""
        return cls(get_settings().rasa_token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes of the channel."""
        webhook = Blueprint("nuoyan_channel", "nuoyan_channel")

        @webhook.get("/")
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.post("/messages")
        async def receive(request: Request) -> HTTPResponse:
            if not self._authorised(request):
                return response.json({"error": "unauthorised"}, status=401)
            message = _message_from(request.json)
            if message is None:
                return response.json({"error": "bad_request"}, status=400)
            _forbid_memory_fallback(request)
            await on_new_message(message)
            replies = [_reply_from(item) for item in message.output_channel.messages]
            if not replies:
                log.error("rasa.no_reply", message_id=message.message_id)
                return response.json({"error": "no_reply"}, status=502)
            routing = next((reply["routing"] for reply in reversed(replies) if reply.get("routing")), None)
            return response.json({"replies": replies, "routing": routing})

        @webhook.post("/readings")
        async def read(request: Request) -> HTTPResponse:
            if not self._authorised(request):
                return response.json({"error": "unauthorised"}, status=401)
            texts = _texts_from(request.json)
            if texts is None:
                return response.json({"error": "bad_request"}, status=400)
            found = [await request.app.ctx.agent.parse_message(as_text(text)) for text in texts]
            return response.json({"readings": [parsed.get("routing") for parsed in found]})

        return webhook

    def _authorised(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), f"Bearer {self._token}".encode())


def _message_from(body: Any) -> UserMessage | None:
    if not isinstance(body, dict):
        return None
    sender, text, payload = body.get("sender"), body.get("text"), body.get("payload")
    if not isinstance(sender, str) or not _SENDER.fullmatch(sender):
        return None
    metadata = body.get("metadata") if isinstance(body.get("metadata"), dict) else {}
    common = {
        "output_channel": CollectingOutputChannel(),
        "sender_id": sender,
        "input_channel": NuoyanChannel.name(),
        "message_id": body.get("message_id"),
        "metadata": metadata,
    }
    if isinstance(payload, dict):
        return UserMessage(text="", parse_data=choice_parse_data(payload), **common)
    if isinstance(text, str) and text.strip() and len(text) <= MAX_CHARS:
        return UserMessage(text=as_text(text), **common)
    return None


def _texts_from(body: Any) -> list[str] | None:
    """The wordings that an action wants scored; None when it is no short list of texts."""
    texts = body.get("texts") if isinstance(body, dict) else None
    if not isinstance(texts, list) or not 1 <= len(texts) <= MAX_READINGS:
        return None
    fits = all(isinstance(text, str) and text.strip() and len(text) <= MAX_CHARS for text in texts)
    return texts if fits else None


def _reply_from(item: dict[str, Any]) -> dict[str, Any]:
    custom = item.get("custom")
    if isinstance(custom, dict) and "blocks" in custom:
        return {"version": 1, "routing": None, **custom}
    return {"version": 1, "blocks": [{"type": "text", "text": str(item.get("text", ""))}], "routing": None}


def _forbid_memory_fallback(request: Request) -> None:
    """Take Rasa's fail-safe wrapper off: a lost tracker database must fail, not be forgotten."""
    processor = request.app.ctx.agent.processor
    if isinstance(processor.tracker_store, FailSafeTrackerStore):
        processor.tracker_store = processor.tracker_store._tracker_store
