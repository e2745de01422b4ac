"""Around every request: an id, one log line, metrics, and the last catch for exceptions."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import InternalError
from bot.http.asgi import send_error
from bot.http.logs import where
from bot.http.metrics import Metrics

REQUEST_ID = "X-Request-ID"
_GIVEN_ID = re.compile(r"[A-Za-z0-9_\-]{8,64}")
_POLLED = frozenset({"/api/health/live", "/api/health/ready", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger(__name__)


class RequestContext:
    """Outermost ASGI middleware.

    Takes over a proxy's ``X-Request-ID`` or makes one, binds it to all log lines of the request, and
    turns any exception into the JSON body of ``InternalError``. Query strings are not logged.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "http":
                await self._http(scope, receive, send, request_id)
            else:
                await self._socket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # the last catch
            log.error("request_failed", error_type=type(error).__name__, where=where(error))
            if not status:
                await send_error(InternalError(), scope, receive, watched)
        finally:
            route = _route(scope)
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.request_seconds.labels(route).observe(seconds)
            quiet = route in _POLLED and status < 400
            (log.debug if quiet else log.info)(
                "request", method=method, route=route, status=status, ms=round(seconds * 1000, 1)
            )

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # the last catch
            log.error("websocket_failed", error_type=type(error).__name__, where=where(error))
            await _close(send)


async def _close(send: Send) -> None:
    try:
        await send({"type": "websocket.close", "code": 1011})
    except (RuntimeError, OSError) as error:
        log.debug("websocket_already_closed", error_type=type(error).__name__)


def _route(scope: Scope) -> str:
    """The route's template: paths hold ids, and labels must come from a fixed set."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "other"
