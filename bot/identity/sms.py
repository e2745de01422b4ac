"""Sending one-time codes to phones: a plug. HTTP for a bank's message service, nothing at all in development."""

from __future__ import annotations

from typing import Protocol
from uuid import uuid4

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from bot.errors import SmsFailed

ATTEMPTS = 2


class SmsSender(Protocol):
    """Sends a code to a phone number."""

    def send(self, phone: str, code: str) -> None:
        """Send it; raises ``SmsFailed`` when it was not accepted for delivery."""


def wording(signature: str, code: str) -> str:
    """The text of the message, which says what the code is for and that nobody will ask for it."""
    return (
        f"【{signature}】验证码 {code}，用于在线查询工单进度，5 分钟内有效。"
        "如非本人操作请忽略；请勿告诉任何人，工作人员不会向您索要。"
    )


class HttpSms:
    """Posts ``{"phone", "text", "code"}`` as JSON, with a bearer token and an ``Idempotency-Key``.

    Args:
        timeout_s: for connecting and for answering, each. A lost connection is tried once more with the same key.
    """

    def __init__(self, url: str, token: str, signature: str, timeout_s: float) -> None:
        self._url = url
        self._token = token
        self._signature = signature
        self._timeout_s = timeout_s

    def send(self, phone: str, code: str) -> None:
        """Send it; raises ``SmsFailed`` on any answer other than 2xx, and when there is none."""
        body = {"phone": phone, "code": code, "text": wording(self._signature, code)}
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": uuid4().hex}
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random(0.05, 0.2),
            retry=retry_if_exception_type(requests.ConnectionError),
            reraise=True,
        )
        try:
            answer = retrying(
                requests.post, self._url, json=body, headers=headers, timeout=self._timeout_s, allow_redirects=False
            )
        except requests.RequestException:
            raise SmsFailed(status_code=0) from None  # the original error quotes the request
        if not 200 <= answer.status_code < 300:
            raise SmsFailed(status_code=answer.status_code)


class DevelopmentSms:
    """Sends nothing: ``nuoyan serve`` prints the code and the demo page shows it."""

    def send(self, phone: str, code: str) -> None:
        """Do nothing; the code is readable through :meth:`bot.identity.codes.Codes.shown`."""


class NoSms:
    """Production without a message service: no code ever leaves, and the customer is offered a person."""

    def send(self, phone: str, code: str) -> None:
        """Refuse."""
        raise SmsFailed(status_code=0)
