"""What customers ask about most, counted from the routing that every answer in the log carries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog
from sqlalchemy import func, select

from bot.chat.conversations import now
from bot.chat.threads import DatabaseThreads
from bot.errors import StoreUnavailable
from bot.store import tables
from bot.store.database import Database

WITHIN = timedelta(days=30)
FRESH_FOR_S = 300.0

log = structlog.get_logger(__name__)


class Interest:
    """How often each topic was asked within the last 30 days; counted anew every five minutes at most.

    Only numbers of topics leave the log, no text. While the database is away the last numbers stand.
    """

    def __init__(
        self, database: Database, threads: DatabaseThreads, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._threads = threads
        self._clock = clock
        self._asked: Mapping[str, int] = {}
        self._counted_at: float | None = None
        self._lock = asyncio.Lock()

    async def asked(self) -> Mapping[str, int]:
        """Return how often each topic was asked; one caller counts, the others take what is known."""
        if self._is_fresh() or (self._lock.locked() and self._counted_at is not None):
            return self._asked
        async with self._lock:
            if not self._is_fresh():
                try:
                    self._asked = await self._threads.run(self._count)
                except StoreUnavailable:
                    log.warning("interest_not_counted")
                self._counted_at = self._clock()
        return self._asked

    def _is_fresh(self) -> bool:
        return self._counted_at is not None and self._clock() - self._counted_at < FRESH_FOR_S

    def _count(self) -> Mapping[str, int]:
        table = tables.messages
        topic = table.c.routing["topic"].as_string()
        with self._database.read() as connection:
            rows = connection.execute(
                select(topic, func.count())
                .where(table.c.role == "bot", table.c.created_at >= now() - WITHIN, table.c.routing.is_not(None))
                .where(topic.is_not(None))
                .group_by(topic)
            ).all()
        return {str(name): int(count) for name, count in rows}
