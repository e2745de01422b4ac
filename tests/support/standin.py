"""A small real HTTP server in the assistant's place, whose answers a test decides."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.serving import serving

TOKEN = "a-token-for-tests"
Answer = Callable[[dict[str, Any]], Awaitable[Response]]


def reply(text: str, **more: Any) -> dict[str, Any]:
    """A reply with one paragraph."""
    return {"version": 1, "blocks": [{"type": "text", "text": text}], "routing": None, **more}


def replies(*given: dict[str, Any], routing: Any = None) -> Response:
    """A well-formed answer."""
    return JSONResponse({"replies": list(given), "routing": routing})


async def echo(question: dict[str, Any]) -> Response:
    """Answer with what was asked."""
    return replies(reply(f"回答:{question.get('text') or question.get('payload')}"))


class StandIn:
    """Records every question; ``answer`` can be replaced at any moment."""

    def __init__(self) -> None:
        self.answer: Answer = echo
        self.questions: list[dict[str, Any]] = []
        self.asked: queue.Queue[dict[str, Any]] = queue.Queue()
        self.at_once = 0
        self.most_at_once = 0
        self.url = ""
        self._gates: list[threading.Event] = []

    def gate(self) -> threading.Event:
        """From now on questions wait until the returned event is set, then are echoed."""
        opened = threading.Event()
        self._gates.append(opened)

        async def wait(question: dict[str, Any]) -> Response:
            while not opened.is_set():
                await asyncio.sleep(0.005)
            return await echo(question)

        self.answer = wait
        return opened

    def open_all(self) -> None:
        """Let every waiting question go."""
        for gate in self._gates:
            gate.set()

    async def _messages(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Response(status_code=401)
        question = await request.json()
        self.questions.append(question)
        self.asked.put(question)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.answer(question)
        finally:
            self.at_once -= 1

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    def app(self) -> Starlette:
        """The application; ``/health`` stands for the action server."""
        return Starlette(
            routes=[
                Route("/webhooks/nuoyan/", self._health),
                Route("/webhooks/nuoyan/messages", self._messages, methods=["POST"]),
                Route("/health", self._health),
            ]
        )


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Run a stand-in on a free port."""
    standin = StandIn()
    config = uvicorn.Config(standin.app(), ws="none", lifespan="off", log_config=None, access_log=False)
    with serving(config) as url:
        standin.url = url
        yield standin
        standin.open_all()
