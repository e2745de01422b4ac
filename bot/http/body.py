"""Take a request body in before anything parses it: bounded in size and in time."""

from __future__ import annotations

import re

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import BodyTooLarge, BodyTooSlow, FileTooLarge, NuoyanError, UploadsBusy
from bot.http.asgi import send_error

MAX_BODY_BYTES = 256 * 1024
BODY_DEADLINE_S = 15.0
#: Where files are uploaded: more may come, over a slow mobile connection.
UPLOAD_PATHS = re.compile(r"/api/(?:conversations/[^/]+|staff)/cases/[^/]+/files")
UPLOAD_DEADLINE_S = 120.0
UPLOAD_RETRY_S = 10
MAX_UPLOADS = 32
MULTIPART_BYTES = 64 * 1024
MEGABYTE = 1024 * 1024


class BodyLimit:
    """ASGI middleware: at most ``max_bytes`` within ``deadline_s`` seconds, else 413 or 408.

    Args:
        upload_mb: how large a file may be where files are uploaded.
    """

    def __init__(
        self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES, deadline_s: float = BODY_DEADLINE_S, upload_mb: int = 0
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._deadline_s = deadline_s
        self._upload_mb = upload_mb
        self._uploads = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._upload_mb and scope["method"] == "POST" and UPLOAD_PATHS.fullmatch(scope["path"]):
            await self._upload(scope, receive, send)
        else:
            too_large = BodyTooLarge(limit=self._max_bytes)
            await self._bounded(scope, receive, send, self._max_bytes, self._deadline_s, too_large)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """More bytes and more time, for a few at once: what is being uploaded stands in memory."""
        if self._uploads >= MAX_UPLOADS:
            await send_error(UploadsBusy(retry_after_s=UPLOAD_RETRY_S), scope, receive, send)
            return
        self._uploads += 1
        try:
            max_bytes = self._upload_mb * MEGABYTE + MULTIPART_BYTES
            too_large = FileTooLarge(limit_mb=self._upload_mb)
            await self._bounded(scope, receive, send, max_bytes, UPLOAD_DEADLINE_S, too_large)
        finally:
            self._uploads -= 1

    async def _bounded(
        self, scope: Scope, receive: Receive, send: Send, max_bytes: int, deadline_s: float, too_large: NuoyanError
    ) -> None:
        headers = Headers(scope=scope)
        declared = headers.get("content-length")
        if declared is None and "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        if declared is not None and (not declared.isdigit() or int(declared) > max_bytes):
            await send_error(too_large, scope, receive, send)
            return
        try:
            with anyio.fail_after(deadline_s):
                body = await _collect(receive, max_bytes)
        except BodyTooLarge:
            await send_error(too_large, scope, receive, send)
            return
        except TimeoutError:
            await send_error(BodyTooSlow(), scope, receive, send)
            return
        if body is None:
            return  # the caller has gone
        await self._app(scope, _replay(body, receive), send)


async def _collect(receive: Receive, max_bytes: int) -> bytes | None:
    chunks = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks += message.get("body", b"")
        if len(chunks) > max_bytes:
            raise BodyTooLarge(limit=max_bytes)
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
