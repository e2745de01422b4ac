"""A customer who talks to a running server over HTTP, as the chat window does."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx

from bot.training.dialogues.observed import Json, Observed

REPLY_WITHIN_S = 10.0
HANDOFF_WITHIN_S = 2.0
FIRST_LOOK_S = 0.05
LONGEST_PAUSE_S = 0.4
PATIENCE = 3
"""How often a message is sent again when the server asks to slow down."""
LONGEST_WAIT_S = 65.0


class ServerUnusable(RuntimeError):
    """The server does not answer, or not as the customer API says; one Chinese line."""


@dataclass(frozen=True)
class Opened:
    """A conversation of its own."""

    id: str
    token: str
    welcome: tuple[Json, ...]


class CustomerClient:
    """Opens conversations and waits for whole replies.

    Args:
        server: address of the server, for example ``http://127.0.0.1:8123``.
        transport: how requests travel; default: the network.
        reply_within_s: seconds after which a reply counts as missing.
    """

    def __init__(
        self,
        server: str,
        transport: httpx.AsyncBaseTransport | None = None,
        reply_within_s: float = REPLY_WITHIN_S,
    ) -> None:
        self._http = httpx.AsyncClient(base_url=server.rstrip("/"), transport=transport, timeout=30.0, trust_env=False)
        self._reply_within_s = reply_within_s
        self._opened = 0

    async def __aenter__(self) -> CustomerClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def open(self, elder: bool = False, identity_token: str | None = None) -> Opened:
        """Open a new conversation; with a token of the bank's page for a customer who is signed in there.

        Raises:
            ServerUnusable: the server does not open one.
        """
        self._opened += 1
        given = {"elder": elder, **({} if identity_token is None else {"identity_token": identity_token})}
        response = await self._request("POST", "/api/conversations", json=given)
        if response.status_code != 201:
            raise ServerUnusable(f"服务端没能开始新会话（状态 {response.status_code}）")
        body = response.json()
        return Opened(body["conversation_id"], body["token"], tuple(body["messages"]))

    async def say(self, conversation: Opened, literal: str) -> Observed:
        """Send a message and return the whole reply, which is empty when none came in time.

        Args:
            literal: the text as a JSON string literal, put on the wire as it is.

        Raises:
            ServerUnusable: there is no server.
        """
        started = time.monotonic()
        path = f"/api/conversations/{conversation.id}/messages"
        body = f'{{"client_id": "{uuid4().hex}", "text": {literal}}}'.encode()
        response = await self._request(
            "POST", path, conversation, content=body, headers={"Content-Type": "application/json"}
        )
        if response.status_code != 202:
            return Observed(status=response.status_code, refusal=_refusal(response), seconds=time.monotonic() - started)
        ack = response.json()
        messages, stored, status = await self._reply(conversation, ack["seq"])
        return Observed(
            messages=messages,
            stored=stored,
            status=status,
            seconds=time.monotonic() - started,
            masked=tuple(ack["masked"]),
        )

    async def _reply(self, conversation: Opened, seq: int) -> tuple[tuple[Json, ...], Json | None, int]:
        """Read until there is a reply to ``seq``: what is said up to the customer's next message."""
        deadline = time.monotonic() + self._reply_within_s
        pause = FIRST_LOOK_S
        found: tuple[Json, ...] = ()
        stored: Json | None = None
        status = 202
        waiting_for_handoff = False
        while time.monotonic() < deadline:
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, LONGEST_PAUSE_S)
            path = f"/api/conversations/{conversation.id}/messages"
            response = await self._request("GET", path, conversation, params={"after": seq - 1})
            if response.status_code != 200:
                status = max(status, response.status_code)
                continue
            found, stored = _reply_to(seq, response.json()["messages"])
            if found and not Observed(found).handoff_pending:
                break
            if found and not waiting_for_handoff:
                waiting_for_handoff = True
                deadline = min(deadline, time.monotonic() + HANDOFF_WITHIN_S)
        return found, stored, status

    async def _request(
        self, method: str, path: str, conversation: Opened | None = None, **options: Any
    ) -> httpx.Response:
        headers = {**options.pop("headers", {}), "X-Forwarded-For": self._address()}
        if conversation is not None:
            headers["Authorization"] = f"Bearer {conversation.token}"
        for attempt in range(PATIENCE + 1):
            try:
                response = await self._http.request(method, path, headers=headers, **options)
            except httpx.HTTPError as error:
                raise ServerUnusable(f"连不上服务端 {self._http.base_url}（{type(error).__name__}）") from error
            if response.status_code != 429 or attempt == PATIENCE:
                break
            await asyncio.sleep(min(_retry_after(response), LONGEST_WAIT_S))
        return response

    def _address(self) -> str:
        """An address for every conversation (RFC 3849): customers do not share one, nor its rate limits."""
        return f"2001:db8:{self._opened >> 16:x}:{self._opened & 0xFFFF:x}::1"


def _reply_to(seq: int, messages: list[Json]) -> tuple[tuple[Json, ...], Json | None]:
    stored, found = None, []
    for message in messages:
        if message["role"] == "customer":
            if message["seq"] > seq:
                break
            stored = message if message["seq"] == seq else stored
        elif message["seq"] > seq and message["role"] in ("bot", "system"):
            found.append(message)
    return tuple(found), stored


def _refusal(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["text"])
    except (json.JSONDecodeError, KeyError, TypeError):
        return response.text[:500]


def _retry_after(response: httpx.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 1.0
