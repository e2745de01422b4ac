"""Database calls block, so they run in threads: at most as many at once as there are connections."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread

THREADS = 16

T = TypeVar("T")


class DatabaseThreads:
    """Runs blocking functions, ``most`` at once; a cancelled caller waits until its call has ended."""

    def __init__(self, most: int = THREADS) -> None:
        self._most = most
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, function: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Call ``function`` in a thread and return what it returns."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._most)
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._limiter)
