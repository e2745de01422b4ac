"""Winds the desk's clockwork once a second in every server process."""

from __future__ import annotations

import asyncio
from collections import Counter

import structlog

from bot.chat.conversations import now
from bot.chat.threads import DatabaseThreads
from bot.desk import topics
from bot.desk.clockwork import Clockwork
from bot.desk.desk import Desk
from bot.desk.settings import DeskSettings, open_settings
from bot.desk.webhooks import Webhooks
from bot.http.logs import where
from bot.store.database import Database
from bot.store.pubsub import DESK_TOPIC, LOG_GREW, PubSub, desk_event

EVERY_S = 1.0
REFRESH_EVERY = 5
"""Ticks between two looks for changed settings."""

log = structlog.get_logger(__name__)


class Ticker:
    """One task a server process."""

    def __init__(
        self,
        clockwork: Clockwork,
        desk: Desk,
        webhooks: Webhooks,
        settings: DeskSettings,
        database: Database,
        pubsub: PubSub,
        threads: DatabaseThreads,
        every_s: float = EVERY_S,
    ) -> None:
        self._clockwork = clockwork
        self._desk = desk
        self._webhooks = webhooks
        self._courier: asyncio.Task[None] | None = None
        self._settings = settings
        self._database = database
        self._pubsub = pubsub
        self._threads = threads
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None
        self._ticks = 0

    async def start(self) -> None:
        """Begin to tick."""
        self._task = asyncio.create_task(self._tick_for_ever())
        self._courier = asyncio.create_task(self._send_for_ever())

    async def close(self) -> None:
        """Stop; a step under way ends first."""
        for task in (self._task, self._courier):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def tick(self) -> list[str]:
        """One tick, and word of it to everybody concerned."""
        if self._ticks % REFRESH_EVERY == 0:
            await self._threads.run(open_settings, self._database, self._settings)
            await self._threads.run(self._write_down)
        self._ticks += 1
        changed = await self._threads.run(self._clockwork.tick)
        for conversation_id in dict.fromkeys(changed):
            await self._pubsub.publish(conversation_id, LOG_GREW)
            await self._pubsub.publish(DESK_TOPIC, desk_event(conversation_id))
        return changed

    def _write_down(self) -> None:
        """Write down how often topics were asked about, away from the answering itself."""
        counted, self._desk.asked = self._desk.asked, Counter()
        topics.add(self._database, counted, now().date())

    async def _send_for_ever(self) -> None:
        """Webhooks on a task of their own: a slow receiver must not hold up the desk's clock."""
        while True:
            try:
                tried = await asyncio.to_thread(self._webhooks.send_due)
            except Exception as error:  # the courier must outlive a database that is away
                log.error("webhooks_failed", error_type=type(error).__name__, where=where(error))
                tried = 0
            await asyncio.sleep(0 if tried else self._every_s)

    async def _tick_for_ever(self) -> None:
        while True:
            try:
                await self.tick()
            except Exception as error:  # the clock must outlive a database that is away
                log.error("desk_tick_failed", error_type=type(error).__name__, where=where(error))
            await asyncio.sleep(self._every_s)
