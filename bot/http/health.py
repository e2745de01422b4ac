"""Liveness and readiness: is this process up, and can it really answer a customer?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import anyio
import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel

CHECK_DEADLINE_S = 2.0
CACHE_S = 1.0

Check = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


class Live(BaseModel):
    """This process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """What this process needs, one by one."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, Literal["ok", "failed"]]


class Readiness:
    """Runs all checks at once, each within two seconds; remembers the result for one second.

    Args:
        checks: name → coroutine that raises when the thing doesn't answer.
    """

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = dict(checks)
        self._last: tuple[float, Ready] | None = None
        self._lock = asyncio.Lock()

    async def read(self) -> Ready:
        """The present state."""
        async with self._lock:
            now = time.monotonic()
            if self._last is not None and now - self._last[0] < CACHE_S:
                return self._last[1]
            good = await asyncio.gather(*(self._passes(name, check) for name, check in self._checks.items()))
            ready = Ready(
                status="ready" if all(good) else "not_ready",
                checks={name: "ok" if ok else "failed" for name, ok in zip(self._checks, good, strict=True)},
            )
            self._last = (time.monotonic(), ready)
            return ready

    async def _passes(self, name: str, check: Check) -> bool:
        try:
            with anyio.fail_after(CHECK_DEADLINE_S):
                await check()
        except Exception as error:  # any failure means "not ready"
            log.warning("readiness_check_failed", check=name, error_type=type(error).__name__)
            return False
        return True


def health_router(readiness: Readiness) -> APIRouter:
    """``GET /api/health/live`` and ``GET /api/health/ready`` (503 while something is missing)."""
    router = APIRouter(prefix="/api/health", tags=["运行状态"])

    @router.get("/live", summary="进程是否存活")
    async def live() -> Live:
        return Live()

    @router.get("/ready", summary="是否可以服务客户", responses={503: {"model": Ready}})
    async def ready(response: Response) -> Ready:
        state = await readiness.read()
        if state.status != "ready":
            response.status_code = 503
        return state

    return router
