"""The assistant (Rasa) as the server sees it: one question, typed replies, a deadline."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Sequence
from typing import Any

import aiohttp
import anyio
from pydantic import ValidationError

from bot.blocks import ButtonsBlock, Reply
from bot.chat.records import Claim
from bot.errors import AssistantGarbled, AssistantRefused, AssistantTimeout

MESSAGES_PATH = "/webhooks/nuoyan/messages"
HEALTH_PATH = "/webhooks/nuoyan/"
MAX_ANSWER_BYTES = 512 * 1024
MAX_REPLIES = 10
MAX_CONNECTIONS = 64
IDLE_CONNECTION_S = 30.0
"""Less than Rasa's own limit (``SANIC_KEEP_ALIVE_TIMEOUT``), so that no question meets a closing connection."""


class Assistant:
    """Client of our own Rasa channel.

    Args:
        base_urls: addresses of Rasa, on the private side; a conversation always goes to the same one.
        token: shared secret of the channel.
        deadline_s: seconds for one answer as a whole.
    """

    def __init__(self, base_urls: Sequence[str], token: str, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self._urls = [url.rstrip("/") for url in base_urls]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def check(self) -> None:
        """Raise unless the channel answers everywhere."""
        for url in self._urls:
            async with self._connections().get(url + HEALTH_PATH, raise_for_status=True):
                pass

    async def ask(self, claim: Claim) -> list[Reply]:
        """Put one customer message to the assistant.

        Returns:
            At least one valid reply.

        Raises:
            AssistantTimeout: no complete answer within the deadline.
            AssistantRefused: no connection, or a status other than 200.
            AssistantGarbled: no JSON, no replies, or a reply against the schema.
        """
        try:
            with anyio.fail_after(self.deadline_s):
                body = await self._post(self._url_of(claim.conversation.id) + MESSAGES_PATH, _question(claim))
        except (TimeoutError, asyncio.TimeoutError) as error:
            raise AssistantTimeout(deadline_s=self.deadline_s) from error
        except aiohttp.ClientError as error:
            raise AssistantRefused(status_code=0) from error
        return _replies(body)

    async def _post(self, url: str, question: dict[str, Any]) -> bytes:
        body = bytearray()
        async with self._connections().post(url, json=question, allow_redirects=False) as response:
            if response.status != 200:
                raise AssistantRefused(status_code=response.status)
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise AssistantGarbled(reason="too large")
        return bytes(body)

    def _url_of(self, conversation_id: str) -> str:
        """The worker of a conversation: the same one for every server and every message."""
        return self._urls[zlib.crc32(conversation_id.encode()) % len(self._urls)]

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:  # made where it is used: it belongs to the running event loop
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=self.deadline_s),
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS, keepalive_timeout=IDLE_CONNECTION_S),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _question(claim: Claim) -> dict[str, Any]:
    """The request: what a customer typed is always ``text``; payloads come from our own buttons only."""
    conversation = claim.conversation
    said = {"text": claim.text} if claim.payload is None else {"payload": claim.payload}
    return {
        "sender": conversation.id,
        "message_id": claim.message_id,
        **said,
        "metadata": {
            **claim.facts,
            "identity": conversation.identity,
            "customer": conversation.customer_ref,
            "customer_name": conversation.customer_name,
            "customer_tail": conversation.customer_tail,
            "elder": conversation.elder,
            "masked": claim.masked,
            "epoch": conversation.epoch,
            "channel": conversation.channel,
            **({} if claim.desk is None else {"desk": claim.desk}),
        },
    }


def _replies(body: bytes) -> list[Reply]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AssistantGarbled(reason="no JSON") from error
    found = answer.get("replies") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_REPLIES:
        raise AssistantGarbled(reason="no replies")
    try:
        replies = [Reply.parse_obj(reply) for reply in found]
        if replies[0].routing is None and answer.get("routing") is not None:
            routed = {**found[0], "routing": answer["routing"]}
            replies[0] = Reply.parse_obj(routed)
    except (ValidationError, TypeError, RecursionError) as error:
        raise AssistantGarbled(reason="against the schema") from error
    for reply in replies:
        for block in reply.blocks:
            if isinstance(block, ButtonsBlock) and any(button.payload is None for button in block.buttons):
                raise AssistantGarbled(reason="button without payload")
    return replies
