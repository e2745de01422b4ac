"""Which Rasa a question goes to, and over what."""

from __future__ import annotations

import uuid

import aiohttp
import pytest

from bot.chat.assistant import IDLE_CONNECTION_S, Assistant
from bot.chat.conversations import now
from bot.chat.records import Claim, Conversation
from bot.processes.stack import COMMON_ENVIRONMENT
from tests.support.standin import TOKEN, StandIn, standing_in

pytestmark = pytest.mark.asyncio


def claim(conversation_id: str) -> Claim:
    conversation = Conversation(
        id=conversation_id, channel="web", elder=False, identity="anonymous", owner="bot", epoch=0, last_seq=1
    )
    return Claim(
        conversation=conversation,
        seq=1,
        text="卡丢了",
        payload=None,
        masked=[],
        lease="lease",
        attempts=1,
        failures=0,
        created_at=now(),
    )


async def test_a_conversation_always_goes_to_the_same_worker(standin: StandIn) -> None:
    conversations = [uuid.uuid4().hex for _ in range(16)]
    with standing_in() as second:
        urls = [standin.url, second.url]
        for assistant in (Assistant(urls, TOKEN, 5.0), Assistant(urls, TOKEN, 5.0)):
            await assistant.check()
            for conversation_id in conversations:
                await assistant.ask(claim(conversation_id))
            await assistant.close()
        asked = [[question["sender"] for question in one.questions] for one in (standin, second)]
    assert all(asked), "the work is shared out"
    assert not set(asked[0]) & set(asked[1])
    assert sorted(asked[0] + asked[1]) == sorted(conversations * 2)


async def test_one_worker_that_is_away_is_noticed(standin: StandIn) -> None:
    with standing_in() as second:
        urls = [standin.url, second.url]
    assistant = Assistant(urls, TOKEN, 5.0)
    with pytest.raises(aiohttp.ClientError):
        await assistant.check()
    await assistant.close()


async def test_an_idle_connection_is_closed_by_us_first() -> None:
    assert float(COMMON_ENVIRONMENT["SANIC_KEEP_ALIVE_TIMEOUT"]) > 2 * IDLE_CONNECTION_S
