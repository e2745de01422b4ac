"""Small ASGI helpers shared by the middleware."""

from __future__ import annotations

import ipaddress

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from bot.errors import NuoyanError


def error_response(error: NuoyanError) -> JSONResponse:
    """The JSON answer for an error of the tree."""
    return JSONResponse(error.body(), status_code=error.status, headers=error.headers)


async def send_error(error: NuoyanError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer an HTTP request with ``error``."""
    await error_response(error)(scope, receive, send)


def client_address(connection: HTTPConnection) -> str:
    """The caller's network address as a key for limits: IPv4, or the /64 network of IPv6.

    Behind a proxy uvicorn has already put the forwarded address in its place.
    """
    host = connection.client.host if connection.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def origin_permitted(headers: Headers, allowed_origins: list[str]) -> bool:
    """Whether a WebSocket's ``Origin`` is this host or a configured one (no Origin: not a browser)."""
    origin = headers.get("origin")
    if origin is None or origin in allowed_origins:
        return True
    return origin.partition("://")[2] == headers.get("host", "")
