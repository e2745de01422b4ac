"""Who may use ``/api/bench``: a caller on this machine, not through a proxy."""

from __future__ import annotations

from fastapi import Request

from bot.errors import NotPermitted
from bot.http.metrics import LOOPBACK


async def bench_only(request: Request) -> None:
    """Raise ``NotPermitted`` for everybody but a caller on this machine."""
    proxied = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if proxied or request.client is None or request.client.host not in LOOPBACK:
        raise NotPermitted()
