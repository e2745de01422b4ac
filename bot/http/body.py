"""Take a request body in before anything parses it: bounded in size and in time."""

from __future__ import annotations

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import BodyTooLarge, BodyTooSlow
from bot.http.asgi import send_error

MAX_BODY_BYTES = 256 * 1024
BODY_DEADLINE_S = 15.0


class BodyLimit:
    """ASGI middleware: at most ``max_bytes`` within ``deadline_s`` seconds, else 413 or 408."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES, deadline_s: float = BODY_DEADLINE_S) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._deadline_s = deadline_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length")
        if declared is None and "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        if declared is not None and (not declared.isdigit() or int(declared) > self._max_bytes):
            await send_error(BodyTooLarge(limit=self._max_bytes), scope, receive, send)
            return
        try:
            with anyio.fail_after(self._deadline_s):
                body = await self._collect(receive)
        except BodyTooLarge as error:
            await send_error(error, scope, receive, send)
            return
        except TimeoutError:
            await send_error(BodyTooSlow(), scope, receive, send)
            return
        if body is None:
            return  # the caller has gone
        await self._app(scope, _replay(body, receive), send)

    async def _collect(self, receive: Receive) -> bytes | None:
        chunks = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunks += message.get("body", b"")
            if len(chunks) > self._max_bytes:
                raise BodyTooLarge(limit=self._max_bytes)
            if not message.get("more_body", False):
                return bytes(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
