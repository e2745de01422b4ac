"""Having further wordings scored: what is asked of Rasa, and that a silent Rasa costs the reply nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from actions.reading import READINGS_PATH, RasaReader

pytestmark = pytest.mark.asyncio

ROUTING = {"act": [["ask", 0.9]], "topic": [["card.loss", 0.8]], "aspect": []}
Handler = Callable[[httpx.Request], httpx.Response]


def reader(handler: Handler) -> RasaReader:
    return RasaReader("http://rasa.test/", "secret", httpx.MockTransport(handler))


async def test_that_each_text_gets_its_scores() -> None:
    def rasa(request: httpx.Request) -> httpx.Response:
        assert request.url.path == READINGS_PATH
        assert request.headers["authorization"] == "Bearer secret"
        assert json.loads(request.content) == {"texts": ["挂失", "…"]}
        return httpx.Response(200, json={"readings": [ROUTING, None]})

    first, second = await reader(rasa).read(["挂失", "…"])
    assert first.topic == (("card.loss", 0.8),)
    assert second.act == ()


def _away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("away", request=request)


def _late(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("late", request=request)


@pytest.mark.parametrize(
    "handler",
    [
        _away,
        _late,
        lambda request: httpx.Response(500),
        lambda request: httpx.Response(200, text="?"),
        lambda request: httpx.Response(200, json={}),
        lambda request: httpx.Response(200, json={"readings": [ROUTING, ROUTING]}),
        lambda request: httpx.Response(200, json={"readings": [{"act": 7}]}),
    ],
)
async def test_that_no_reading_is_better_than_an_error(handler: Handler) -> None:
    assert await reader(handler).read(["挂失"]) == []
