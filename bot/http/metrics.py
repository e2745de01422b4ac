"""Prometheus metrics of one server process. Labels come from fixed sets, never from customers."""

from __future__ import annotations

import hashlib
import hmac

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.errors import NotPermitted

LOOPBACK = frozenset({"127.0.0.1", "::1"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 15)


class Metrics:
    """All counters, in a registry of their own so that several apps can live in one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "nuoyan_http_requests_total", "HTTP requests", ["method", "route", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "nuoyan_http_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=registry
        )
        self.messages = Counter("nuoyan_messages_total", "Messages stored", ["role"], registry=registry)
        self.masked = Counter("nuoyan_masked_total", "Secrets masked", ["kind"], registry=registry)
        self.assistant_seconds = Histogram(
            "nuoyan_assistant_seconds", "Time the assistant took", buckets=_SECONDS, registry=registry
        )
        self.assistant_failures = Counter(
            "nuoyan_assistant_failures_total", "Messages the assistant failed", ["code"], registry=registry
        )
        self.dropped = Counter(
            "nuoyan_replies_dropped_total",
            "Bot replies not delivered because the owner or the lease had changed",
            registry=registry,
        )
        self.recovered = Counter(
            "nuoyan_recovered_conversations_total", "Conversations taken up by the sweep", registry=registry
        )
        self.sockets = Gauge("nuoyan_websockets", "Open customer WebSockets", registry=registry)
        self.slow_consumers = Counter(
            "nuoyan_slow_consumers_total", "WebSockets closed because they read too slowly", registry=registry
        )
        self.limited = Counter("nuoyan_rate_limited_total", "Refused by a limit", ["scope"], registry=registry)


def metrics_token(secret_key: str) -> str:
    """The bearer token that opens ``/metrics`` from elsewhere; derived, so it reveals no secret."""
    return hmac.new(secret_key.encode(), b"nuoyan metrics", hashlib.sha256).hexdigest()


def metrics_router(metrics: Metrics, secret_key: str) -> APIRouter:
    """``GET /metrics``: for this machine (not through a proxy), or with the token."""
    router = APIRouter()
    expected = f"Bearer {metrics_token(secret_key)}"

    @router.get("/metrics", include_in_schema=False)
    async def read_metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        proxied = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        local = request.client is not None and request.client.host in LOOPBACK and not proxied
        if not local and not hmac.compare_digest(given.encode(), expected.encode()):
            raise NotPermitted()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
