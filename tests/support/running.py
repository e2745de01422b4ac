"""The whole server on a free port, and a customer who talks to it."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import websockets
from fastapi import FastAPI

from bot.server import Services, create_app, uvicorn_config
from bot.settings import Settings
from tests.support.serving import serving
from tests.support.standin import TOKEN

WAIT_S = 15.0


def settings_for(var_dir: Path, rasa_url: str, **changes: Any) -> Settings:
    """Settings of a test server: generous limits unless a test sets its own."""
    values: dict[str, Any] = {
        "env": "development",
        "var_dir": var_dir,
        "web_dir": var_dir / "web",
        "rasa_url": rasa_url,
        "actions_url": rasa_url,
        "rasa_token": TOKEN,
        "rate_per_minute": 10_000,
        "rate_conversations_per_hour": 10_000,
        "allowed_origins": ["https://bank.example"],
    }
    return Settings(**{**values, **changes})


@dataclass
class Running:
    """A running server."""

    url: str
    app: FastAPI
    settings: Settings

    @property
    def services(self) -> Services:
        """Its rooms, for looking inside."""
        services: Services = self.app.state.services
        return services


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Run the whole server on a free port."""
    app = create_app(settings)
    with serving(uvicorn_config(app, settings)) as url:
        yield Running(url, app, settings)


@dataclass
class Customer:
    """One conversation, as a client sees it."""

    url: str
    conversation_id: str
    token: str
    messages: list[dict[str, Any]]
    _ids: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    def arrives(cls, url: str, **body: Any) -> Customer:
        """Open a conversation."""
        response = httpx.post(f"{url}/api/conversations", json=body)
        assert response.status_code == 201, response.text
        answer = response.json()
        return cls(url, answer["conversation_id"], answer["token"], answer["messages"])

    @property
    def path(self) -> str:
        """Address of the conversation."""
        return f"{self.url}/api/conversations/{self.conversation_id}"

    @property
    def headers(self) -> dict[str, str]:
        """The token."""
        return {"Authorization": f"Bearer {self.token}"}

    def client_id(self) -> str:
        """A fresh name for a message."""
        return f"m{next(self._ids)}"

    def post(self, what: str, **body: Any) -> httpx.Response:
        """POST to ``messages``, ``handoff`` or ``feedback``."""
        return httpx.post(f"{self.path}/{what}", json=body, headers=self.headers)

    def say(self, text: str) -> httpx.Response:
        """Send a text with a fresh client id."""
        return self.post("messages", client_id=self.client_id(), text=text)

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        """The log, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            response = httpx.get(f"{self.path}/messages", params={"after": after}, headers=self.headers)
            assert response.status_code == 200, response.text
            page = response.json()["messages"]
            if not page:
                return found
            found += page
            after = found[-1]["seq"]

    @asynccontextmanager
    async def connected(self, last_seq: int = 0, **options: Any) -> AsyncIterator[Socket]:
        """An open WebSocket after ``hello``."""
        async with websockets.connect(f"{self.path}/ws".replace("http", "ws", 1), **options) as raw:
            socket = Socket(raw)
            await socket.send(type="hello", token=self.token, last_seq=last_seq)
            yield socket


class Socket:
    """A WebSocket that speaks JSON and keeps what it has seen."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.frames: list[dict[str, Any]] = []

    async def send(self, **frame: Any) -> None:
        """Send one frame."""
        await self.raw.send(json.dumps(frame))

    async def next(self) -> dict[str, Any]:
        """The next frame."""
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.raw.recv(), WAIT_S))
        self.frames.append(frame)
        return frame

    async def until(self, kind: str, **values: Any) -> dict[str, Any]:
        """Read on to a frame of ``kind`` with these values."""
        while True:
            frame = await self.next()
            if frame["type"] == kind and all(frame.get(key) == value for key, value in values.items()):
                return frame

    async def message(self, role: str) -> dict[str, Any]:
        """Read on to the next message of ``role``."""
        while True:
            found: dict[str, Any] = (await self.until("message"))["message"]
            if found["role"] == role:
                return found

    def seqs(self) -> list[int]:
        """Numbers of all messages seen, in order of arrival."""
        return [frame["message"]["seq"] for frame in self.frames if frame["type"] == "message"]


def texts(message: dict[str, Any]) -> str:
    """All words of a message."""
    return "\n".join(str(block.get("text", "")) for block in message["blocks"])
