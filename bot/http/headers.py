"""Security headers on every answer, with a strict content security policy.

Nothing inline, nothing from elsewhere; only the configured host pages may put us into a frame.
"""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import ConfigurationError

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


def check_origins(origins: list[str]) -> list[str]:
    """Return ``origins`` if each is a plain ``scheme://host[:port]``.

    Raises:
        ConfigurationError: a wildcard, a path, or anything that could break a header.
    """
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ConfigurationError(
                setting="NUOYAN_ALLOWED_ORIGINS", reason=f"{origin!r} 应写成 https://主机名[:端口]"
            )
    return origins


def content_security_policy(origins: list[str]) -> str:
    """The policy: everything from this host, frames only in ``origins`` and our own pages."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            " ".join(("frame-ancestors 'self'", *origins)),
        )
    )


class SecurityHeaders:
    """ASGI middleware that adds the headers; HSTS only on https."""

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        self._app = app
        self._fixed = {
            "Content-Security-Policy": content_security_policy(origins),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        embeddable = path.startswith("/widget/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._fixed.items():
                    headers[name] = value
                headers["Cross-Origin-Resource-Policy"] = "cross-origin" if embeddable else "same-origin"
                if scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                if path.startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
                else:
                    headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)
