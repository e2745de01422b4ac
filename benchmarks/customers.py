"""Customers who ask and wait for the answer: of ours as the widget does, of stock Rasa by its REST channel."""

from __future__ import annotations

import itertools
import uuid
from typing import Any, Protocol

import aiohttp

ANSWER_WITHIN_S = 30.0


class NotAnswered(RuntimeError):
    """An assistant refused a message, or gave no answer."""


class Customer(Protocol):
    """One conversation."""

    async def ask(self, text: str) -> dict[str, Any]:
        """Say something; return the first reply once it is here."""

    async def leave(self) -> None:
        """End the conversation."""


class WidgetCustomer:
    """A conversation with ours: messages go by POST, answers come over the WebSocket."""

    def __init__(self, session: aiohttp.ClientSession, address: str, token: str, socket: Any) -> None:
        self._session = session
        self._address = address
        self._headers = {"Authorization": f"Bearer {token}"}
        self._socket = socket
        self._ids = itertools.count()

    @classmethod
    async def arrives(cls, session: aiohttp.ClientSession, url: str) -> WidgetCustomer:
        """Open a conversation and its WebSocket."""
        async with session.post(f"{url}/api/conversations", json={}) as response:
            opened = await _json(response, 201)
        address = f"{url}/api/conversations/{opened['conversation_id']}"
        socket = await session.ws_connect(f"{address}/ws")
        await socket.send_json({"type": "hello", "token": opened["token"], "last_seq": 1})
        customer = cls(session, address, opened["token"], socket)
        await customer._next("ready")
        return customer

    async def ask(self, text: str) -> dict[str, Any]:
        """Send a message and wait for the first message behind it in the log."""
        message = {"client_id": f"m{next(self._ids)}", "text": text}
        async with self._session.post(f"{self._address}/messages", json=message, headers=self._headers) as response:
            said = await _json(response, 202)
        while True:
            reply: dict[str, Any] = (await self._next("message"))["message"]
            if reply["seq"] > said["seq"] and reply["role"] != "customer":
                return reply

    async def leave(self) -> None:
        """Close the WebSocket."""
        await self._socket.close()

    async def _next(self, kind: str) -> dict[str, Any]:
        while True:
            frame: dict[str, Any] = await self._socket.receive_json(timeout=ANSWER_WITHIN_S)
            if frame["type"] == kind:
                return frame


class RestCustomer:
    """A conversation with stock Rasa."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._address = f"{url}/webhooks/rest/webhook"
        self._sender = uuid.uuid4().hex

    @classmethod
    async def arrives(cls, session: aiohttp.ClientSession, url: str) -> RestCustomer:
        """Begin a conversation; nothing is sent for that."""
        return cls(session, url)

    async def ask(self, text: str) -> dict[str, Any]:
        """Send a message; the answer comes in the response."""
        async with self._session.post(self._address, json={"sender": self._sender, "message": text}) as response:
            replies = await _json(response, 200)
        if not replies:
            raise NotAnswered(text)
        first: dict[str, Any] = replies[0]
        return first

    async def leave(self) -> None:
        """Nothing to close."""


async def _json(response: aiohttp.ClientResponse, status: int) -> Any:
    if response.status != status:
        raise NotAnswered(f"{response.url} answered {response.status}: {(await response.text())[:200]}")
    return await response.json()
