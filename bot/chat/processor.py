"""Takes customers' messages to the assistant: each conversation in order, one message at a time.

Within a process one task a conversation works off what is waiting; between processes the leases of
:mod:`bot.chat.work` decide. A sweep at the start and every few seconds finds messages whose process
died: they are answered, or, when too old or tried too often, the customer is told.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import structlog

from bot.chat import wording
from bot.chat.assistant import MAX_CONNECTIONS, Assistant
from bot.chat.bank_values import BankValues
from bot.chat.conversations import now
from bot.chat.records import Claim, Message
from bot.chat.threads import DatabaseThreads
from bot.chat.work import Work
from bot.errors import AssistantUnavailable, NuoyanError, StoreUnavailable
from bot.http.logs import where
from bot.http.metrics import Metrics
from bot.store.pubsub import DESK_TOPIC, LOG_GREW, PubSub, desk_event

MAX_ATTEMPTS = 3
MAX_AGE = timedelta(minutes=15)
SWEEP_EVERY_S = 5.0
DRAIN_S = 3.0
LEASE_MARGIN = timedelta(seconds=4)

log = structlog.get_logger(__name__)


class Processor:
    """Works off unanswered messages.

    Args:
        sweep_every_s: seconds between two looks for messages left behind.
    """

    def __init__(
        self,
        work: Work,
        assistant: Assistant,
        pubsub: PubSub,
        threads: DatabaseThreads,
        bank: BankValues,
        metrics: Metrics,
        sweep_every_s: float = SWEEP_EVERY_S,
    ) -> None:
        self._work = work
        self._assistant = assistant
        self._pubsub = pubsub
        self._threads = threads
        self._bank = bank
        self._metrics = metrics
        self._sweep_every_s = sweep_every_s
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        # Waiting for a slot comes before the claim, so neither lease nor deadline runs meanwhile.
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._held: dict[str, Claim] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Begin with what an earlier process left behind, then keep looking."""
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def close(self) -> None:
        """Finish what is under way if it is quick; give everything else back for other processes."""
        self._closing = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=DRAIN_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *([self._sweeper] if self._sweeper else []), return_exceptions=True)
        for claim in list(self._held.values()):
            try:
                await self._threads.run(self._work.release, claim)
            except NuoyanError as error:
                log.warning("lease_not_released", code=error.code.value)

    def notify(self, conversation_id: str) -> None:
        """There may be something to answer in this conversation."""
        if self._closing:
            return
        if conversation_id in self._tasks:
            self._again.add(conversation_id)
        else:
            self._tasks[conversation_id] = asyncio.create_task(self._work_off(conversation_id))

    async def sweep(self) -> int:
        """Take up every conversation with an unanswered message nobody is at; returns how many."""
        found = await self._threads.run(self._work.waiting, now())
        left = [conversation_id for conversation_id in found if conversation_id not in self._tasks]
        for conversation_id in left:
            self.notify(conversation_id)
        self._metrics.recovered.inc(len(left))
        return len(left)

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception as error:  # the sweep must outlive a database that is away
                log.error("sweep_failed", error_type=type(error).__name__, where=where(error))
            await asyncio.sleep(self._sweep_every_s)

    async def _work_off(self, conversation_id: str) -> None:
        try:
            while True:
                self._again.discard(conversation_id)
                while not self._closing and await self._one(conversation_id):
                    pass
                if conversation_id not in self._again:
                    return
        except Exception as error:  # the lease runs out, then the sweep tries again
            log.error("answering_failed", error_type=type(error).__name__, where=where(error))
        finally:
            self._again.discard(conversation_id)
            del self._tasks[conversation_id]

    async def _one(self, conversation_id: str) -> bool:
        """Answer the oldest unanswered message; False when there is none for us."""
        async with self._slots:
            claim = await self._threads.run(self._work.claim, conversation_id, now())
            if claim is None:
                return False
            self._held[claim.lease] = claim
            try:
                written = await self._settle(claim)
            except asyncio.CancelledError:
                raise  # still held: given back by close()
            except Exception:
                del self._held[claim.lease]
                raise
            del self._held[claim.lease]
            if written is None:  # ours no longer, or of an older epoch: whoever may answer it need not wait
                await self._threads.run(self._work.release, claim)
        if written is None:
            self._metrics.dropped.inc()
            log.info("reply_dropped", conversation=conversation_id, seq=claim.seq)
        else:
            for message in written:
                self._metrics.messages.labels(message.role).inc()
            if any(block["type"] == "handoff" for message in written for block in message.blocks):
                await self._pubsub.publish(DESK_TOPIC, desk_event(conversation_id))
        await self._pubsub.publish(conversation_id, LOG_GREW)
        await self._pubsub.publish(conversation_id, {"type": "typing", "on": False})
        return True

    async def _settle(self, claim: Claim) -> list[Message] | None:
        if claim.attempts > MAX_ATTEMPTS or now() - claim.created_at > MAX_AGE:
            return await self._threads.run(self._work.fail, claim, wording.stale(self._bank))
        await self._pubsub.publish(claim.conversation.id, {"type": "typing", "on": True})
        started = time.perf_counter()
        try:
            replies = await self._assistant.ask(claim)
        except AssistantUnavailable as error:
            self._metrics.assistant_failures.labels(error.code.value).inc()
            log.warning(
                "assistant_failed",
                code=error.code.value,
                conversation=claim.conversation.id,
                seq=claim.seq,
                detail=error.data,
            )
            return await self._tell(claim)
        self._metrics.assistant_seconds.observe(time.perf_counter() - started)
        try:
            return await self._threads.run(self._work.answer, claim, replies)
        except StoreUnavailable:
            raise
        except Exception as error:  # an answer that can't be stored is no answer
            log.error("answer_not_stored", error_type=type(error).__name__, where=where(error))
            return await self._tell(claim)

    async def _tell(self, claim: Claim) -> list[Message] | None:
        """Say that it failed and offer a human; after several failures one takes over."""
        return await self._threads.run(self._work.fail, claim, wording.failure(self._bank))
