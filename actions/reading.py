"""Have further wordings scored: parts of a message, a corrected question. Rasa reads them over the private channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import httpx
import structlog

from bot.nlu.decision import Scores

READINGS_PATH = "/webhooks/nuoyan/readings"
DEADLINE_S = 2.0
"""A reply without the second reading is better than a late one."""

log = structlog.get_logger(__name__)


class Reader(Protocol):
    """Scores texts as the pipeline scores messages."""

    async def read(self, texts: Sequence[str]) -> list[Scores]:
        """Return one reading a text, in order; nothing at all when nobody can read at present."""


class Unread:
    """Nobody reads: a message stands as it was scored as a whole."""

    async def read(self, texts: Sequence[str]) -> list[Scores]:
        """Return nothing."""
        return []


class RasaReader:
    """Asks the running assistant.

    Args:
        base_url: address of Rasa, on the private side.
        token: shared secret of the channel.
        transport: how requests travel; default: the network.
    """

    def __init__(self, base_url: str, token: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._transport = transport

    async def read(self, texts: Sequence[str]) -> list[Scores]:
        """Return one reading a text, in order; nothing when Rasa does not answer in time or not as it should."""
        try:
            async with httpx.AsyncClient(
                base_url=self._base_url, transport=self._transport, timeout=DEADLINE_S, trust_env=False
            ) as client:
                response = await client.post(READINGS_PATH, json={"texts": list(texts)}, headers=self._headers)
                response.raise_for_status()
                found = [_scores(routing) for routing in response.json()["readings"]]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("parts_not_read", error_type=type(error).__name__)
            return []
        return found if len(found) == len(texts) else []


def _scores(routing: Mapping[str, Any] | None) -> Scores:
    return Scores.from_json(routing or {})
