"""Deletes, every ten minutes, what has run out; several servers may do so at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from bot.chat.threads import DatabaseThreads
from bot.http.logs import where

EVERY_S = 600.0

log = structlog.get_logger(__name__)


class Housekeeping:
    """Runs ``tasks`` (blocking functions) one after the other, again and again."""

    def __init__(
        self, threads: DatabaseThreads, tasks: Sequence[Callable[[], object]], every_s: float = EVERY_S
    ) -> None:
        self._threads = threads
        self._tasks = tasks
        self._every_s = every_s
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; the first round is made at once."""
        self._loop = asyncio.create_task(self._for_ever(), name="housekeeping")

    async def close(self) -> None:
        """Stop; a round under way is finished first."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def _for_ever(self) -> None:
        while True:
            for task in self._tasks:
                try:
                    await self._threads.run(task)
                except Exception as error:  # tried again in the next round
                    log.warning("housekeeping_failed", error_type=type(error).__name__, where=where(error))
            await asyncio.sleep(self._every_s)
