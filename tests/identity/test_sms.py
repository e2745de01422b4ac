"""The message service over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import SmsFailed
from bot.identity.build import Identity
from bot.identity.sms import DevelopmentSms, HttpSms, NoSms
from tests.support.serving import serving


class Service:
    def __init__(self) -> None:
        self.status = 202
        self.requests: list[tuple[dict[str, str], Any]] = []
        self.url = ""

    async def take(self, request: Request) -> Response:
        self.requests.append((dict(request.headers), await request.json()))
        return Response(status_code=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    app = Starlette(routes=[Route("/send", service.take, methods=["POST"])])
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False)
    with serving(config) as url:
        service.url = f"{url}/send"
        yield service


def test_that_a_message_says_what_it_is_for(service: Service) -> None:
    HttpSms(service.url, "token", "某银行", 2).send("13800005678", "012345")
    ((headers, body),) = service.requests
    assert headers["authorization"] == "Bearer token" and headers["idempotency-key"]
    assert (body["phone"], body["code"]) == ("13800005678", "012345")
    assert "某银行" in body["text"] and "012345" in body["text"] and "请勿告诉任何人" in body["text"]


@pytest.mark.parametrize("status", [301, 400, 401, 429, 500])
def test_that_a_refusal_is_a_failure_that_quotes_nothing(service: Service, status: int) -> None:
    service.status = status
    with pytest.raises(SmsFailed) as caught:
        HttpSms(service.url, "token", "某银行", 2).send("13800005678", "012345")
    assert len(service.requests) == 1
    error: BaseException | None = caught.value
    while error is not None:
        assert "13800005678" not in repr(error) and "012345" not in repr(error)
        error = error.__cause__


def test_that_a_service_that_is_away_or_silent_is_a_failure() -> None:
    for url in ("http://127.0.0.1:9/send", "http://192.0.2.1/send"):
        with pytest.raises(SmsFailed):
            HttpSms(url, "token", "某银行", 0.05).send("13800005678", "012345")


def test_that_settings_choose_the_sender(build: Callable[..., Identity]) -> None:
    production = {"env": "production", "rasa_token": "own", "secret_key": "own"}
    assert isinstance(build().sms, DevelopmentSms)
    assert isinstance(build(**production).sms, NoSms)
    assert isinstance(build(**production, sms_url="https://sms.example").sms, HttpSms)
