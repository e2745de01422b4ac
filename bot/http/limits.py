"""Rate limits over moving windows, in memory or shared through Redis.

When Redis is away each process counts for itself: customers are served, the limit is looser.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque

import structlog
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from bot.errors import RateLimited
from bot.http.metrics import Metrics

REDIS_TIMEOUT_S = 1.0
# Times the limit of one conversation: many people can share an address.
MESSAGES_PER_ADDRESS = 10
REQUESTS_PER_ADDRESS = 20
FORGET_EVERY_S = 60.0

log = structlog.get_logger(__name__)


class _Memory(MemoryStorage):
    """In-memory storage whose window begins at its oldest hit, as it does in Redis.

    The library's own starts a thread every 10 ms that looks at every hit of every key. Here hits fall out of
    their window when their key is used, and once a minute keys that nobody uses any more are forgotten.
    """

    def __init__(self) -> None:
        super().__init__()
        self._hits: dict[str, deque[float]] = {}
        self._expiries: dict[str, int] = {}
        self._tidied = time.time()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` hits unless the window would then hold more than ``limit``."""
        now = time.time()
        if now - self._tidied >= FORGET_EVERY_S:
            self._tidy(now)
        hits = self._within(key, expiry, now)
        if len(hits) + amount > limit:
            return False
        hits.extend([now] * amount)
        self._hits[key], self._expiries[key] = hits, expiry
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[int, int]:
        """When the window began (seconds since 1970) and how many hits it holds."""
        now = time.time()
        hits = self._within(key, expiry, now)
        return int(hits[0] if hits else now), len(hits)

    def _within(self, key: str, expiry: int, now: float) -> deque[float]:
        hits = self._hits.get(key) or deque()
        while hits and hits[0] < now - expiry:
            hits.popleft()
        return hits

    def _tidy(self, now: float) -> None:
        self._tidied = now
        for key in [key for key, expiry in self._expiries.items() if not self._within(key, expiry, now)]:
            del self._hits[key], self._expiries[key]


class RateLimits:
    """The limits of the customer API.

    Args:
        redis_url: shared counting, or None for this process alone.
        per_minute: messages a conversation may send in a minute.
        conversations_per_hour: conversations an address may open in an hour.
    """

    def __init__(self, redis_url: str | None, per_minute: int, conversations_per_hour: int, metrics: Metrics) -> None:
        self._messages = RateLimitItemPerMinute(per_minute, namespace="nuoyan-message")
        self._address = RateLimitItemPerMinute(per_minute * MESSAGES_PER_ADDRESS, namespace="nuoyan-message-address")
        self._conversations = RateLimitItemPerHour(conversations_per_hour, namespace="nuoyan-conversation")
        self._requests = RateLimitItemPerMinute(per_minute * REQUESTS_PER_ADDRESS, namespace="nuoyan-request")
        self._metrics = metrics
        # The limiters hold their storage by a weak reference only, so it is kept here.
        self._storages: list[Storage] = [_Memory()]
        self._local = MovingWindowRateLimiter(self._storages[0])
        self._shared: MovingWindowRateLimiter | None = None
        self._redis_url = redis_url

    async def check_message(self, conversation_id: str, address: str) -> None:
        """Count one message; raise ``RateLimited`` over the limit of conversation or address."""
        await self._hit("conversation", self._messages, conversation_id)
        await self._hit("address", self._address, address)

    async def check_conversation(self, address: str) -> None:
        """Count one new conversation; raise ``RateLimited`` over the limit of the address."""
        await self._hit("new_conversation", self._conversations, address)

    async def check_request(self, address: str) -> None:
        """Count one request of any kind; raise ``RateLimited`` over the limit of the address."""
        await self._hit("request", self._requests, address)

    async def _hit(self, scope: str, item: RateLimitItem, key: str) -> None:
        retry_after = await self._take(item, key)
        if retry_after is not None:
            self._metrics.limited.labels(scope).inc()
            raise RateLimited(retry_after_s=retry_after)

    async def _take(self, item: RateLimitItem, key: str) -> int | None:
        if self._redis_url is not None:
            try:
                return await asyncio.to_thread(self._take_shared, self._redis_url, item, key)
            except Exception as error:  # whatever the storage raises, customers are served
                log.warning("rate_limit_storage_away", error_type=type(error).__name__)
        return _take_from(self._local, item, key)

    def _take_shared(self, redis_url: str, item: RateLimitItem, key: str) -> int | None:
        if self._shared is None:
            storage = storage_from_string(
                redis_url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
            )
            self._storages.append(storage)
            self._shared = MovingWindowRateLimiter(storage)
        return _take_from(self._shared, item, key)


def _take_from(limiter: MovingWindowRateLimiter, item: RateLimitItem, key: str) -> int | None:
    if limiter.hit(item, key):
        return None
    reset, _remaining = limiter.get_window_stats(item, key)
    return max(1, math.ceil(reset - time.time()))
