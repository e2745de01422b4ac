"""What has to be done about cases although nobody asks. Every server does it; each thing happens once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping

import anyio
import structlog

from bot.errors import NuoyanError

EVERY_S = 5.0
DRAIN_S = 10.0

log = structlog.get_logger(__name__)


class CaseChores:
    """Runs all jobs again and again in a thread, until closed.

    Args:
        jobs: name → blocking function; each must be safe to run in several processes at once.
        every_s: pause between two rounds; a little longer or shorter, so that servers don't march in step.
    """

    def __init__(self, jobs: Mapping[str, Callable[[], object]], every_s: float = EVERY_S) -> None:
        self._jobs = dict(jobs)
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    async def start(self) -> None:
        """Begin at once with what became due while nobody was there."""
        self._task = asyncio.create_task(self._for_ever(), name="case chores")

    async def close(self) -> None:
        """Let the round under way end, if it is quick; whatever it leaves is done by the next server."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=DRAIN_S)
            self._task.cancel()

    def once(self) -> None:
        """One round; a job that fails is logged and tried again in the next round."""
        for name, job in self._jobs.items():
            try:
                job()
            except NuoyanError as error:
                log.error("chore_failed", job=name, code=error.code.value)
            except Exception as error:  # the clock must outlive whatever happens
                log.error("chore_failed", job=name, error_type=type(error).__name__)

    async def _for_ever(self) -> None:
        while not self._closing.is_set():
            await asyncio.to_thread(self.once)
            with anyio.move_on_after(self._every_s * random.uniform(0.8, 1.2)):
                await self._closing.wait()
