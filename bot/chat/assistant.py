"""The assistant (Rasa) as the server sees it: one question, typed replies, a deadline."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx
from pydantic import ValidationError

from bot.blocks import ButtonsBlock, Reply
from bot.chat.records import Claim
from bot.errors import AssistantGarbled, AssistantRefused, AssistantTimeout

MESSAGES_PATH = "/webhooks/nuoyan/messages"
HEALTH_PATH = "/webhooks/nuoyan/"
MAX_ANSWER_BYTES = 512 * 1024
MAX_REPLIES = 10
MAX_CONNECTIONS = 64


class Assistant:
    """Client of our own Rasa channel.

    Args:
        base_url: address of Rasa, on the private side.
        token: shared secret of the channel.
        deadline_s: seconds for one answer as a whole.
    """

    def __init__(self, base_url: str, token: str, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self._client = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(deadline_s),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def check(self) -> None:
        """Raise unless the channel answers."""
        (await self._client.get(HEALTH_PATH)).raise_for_status()

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
                body = await self._post(_question(claim))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise AssistantTimeout(deadline_s=self.deadline_s) from error
        except httpx.HTTPError as error:
            raise AssistantRefused(status_code=0) from error
        return _replies(body)

    async def _post(self, question: dict[str, Any]) -> bytes:
        body = bytearray()
        async with self._client.stream("POST", MESSAGES_PATH, json=question) as response:
            if response.status_code != 200:
                raise AssistantRefused(status_code=response.status_code)
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise AssistantGarbled(reason="too large")
        return bytes(body)


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
