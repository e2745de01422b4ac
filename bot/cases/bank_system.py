"""HTTP to the bank's own case system: bounded in time and size, retried when that is safe, cut off when it is down.

Every request may be repeated: reading changes nothing, and every change carries an ``Idempotency-Key`` that makes
the bank's system do it once.
"""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pybreaker
import requests
import structlog
from requests.adapters import HTTPAdapter
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from bot.errors import CaseSystemUnavailable, ConfigurationError, CustomerError

ATTEMPTS = 3
CONNECT_TIMEOUT_S = 1.5
MAX_BYTES = 2 * 1024 * 1024
FAILURES_TO_OPEN = 5
OPEN_FOR_S = 15.0
POOL = 16

#: Statuses that say "try again"; everything else from 500 on is a failure that a retry won't mend.
_TRY_AGAIN = frozenset({429, 502, 503, 504})

log = structlog.get_logger(__name__)


class _Transient(Exception):
    """Worth another try; the argument is a short technical word."""


class BankSystem:
    """Speaks JSON with the bank's case system.

    Args:
        url: where its interface begins, e.g. ``https://cases.bank.example/api/v1``.
        timeout_s: how long one call may take in all, retries included.
        open_for_s: how long nothing is tried after ``FAILURES_TO_OPEN`` calls in a row have failed.
    """

    def __init__(self, url: str, token: str, timeout_s: float, open_for_s: float = OPEN_FOR_S) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._timeout_s = timeout_s
        self._local = threading.local()
        self.breaker = pybreaker.CircuitBreaker(
            fail_max=FAILURES_TO_OPEN,
            reset_timeout=open_for_s,
            exclude=[CustomerError],
            throw_new_error_on_trip=False,
        )

    def call(
        self, method: str, path: str, params: Any = None, body: Any = None, key: str | None = None
    ) -> tuple[int, Any]:
        """One call.

        Args:
            key: the ``Idempotency-Key`` of a change.

        Returns:
            the status (below 500) and the JSON of the answer; None where there is none.

        Raises:
            CaseSystemUnavailable: no usable answer in time, or not even tried because it is down.
        """
        deadline = time.monotonic() + self._timeout_s
        retrying = Retrying(
            stop=lambda state: stop_after_attempt(ATTEMPTS)(state) or time.monotonic() >= deadline,
            wait=wait_random_exponential(multiplier=0.1, max=0.8),
            retry=retry_if_exception_type(_Transient),
            reraise=True,
        )
        try:
            with self.breaker.calling():  # holds no lock while the call is under way
                return retrying(self._once, method, path, params, body, key, deadline)
        except pybreaker.CircuitBreakerError as error:
            raise CaseSystemUnavailable() from error
        except (_Transient, requests.RequestException) as error:
            log.warning("case_system_failed", method=method, error_type=type(error).__name__)
            raise CaseSystemUnavailable() from None  # the original error quotes the request

    def _once(
        self, method: str, path: str, params: Any, body: Any, key: str | None, deadline: float
    ) -> tuple[int, Any]:
        left = deadline - time.monotonic()
        if left <= 0:
            raise _Transient("deadline")
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            with self._session().request(
                method,
                self._url + path,
                params=params,
                json=body,
                headers=headers,
                timeout=(min(CONNECT_TIMEOUT_S, left), left),
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code in _TRY_AGAIN:
                    raise _Transient("status")
                if not (200 <= answer.status_code < 300 or 400 <= answer.status_code < 500):
                    raise CaseSystemUnavailable()
                return answer.status_code, _json(answer, deadline)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            raise _Transient(type(error).__name__) from None

    def _session(self) -> requests.Session:
        """One session a thread: a session is not safe to share."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            adapter = HTTPAdapter(pool_maxsize=POOL, max_retries=0)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
        return session


def _json(answer: requests.Response, deadline: float) -> Any:
    content = bytearray()
    for chunk in answer.iter_content(64 * 1024):
        content += chunk
        if len(content) > MAX_BYTES:
            raise CaseSystemUnavailable()
        if time.monotonic() > deadline:
            raise _Transient("deadline")
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError) as error:
        if answer.status_code >= 400:
            return None
        raise CaseSystemUnavailable() from error


def check_url(url: str, production: bool) -> str:
    """``url`` if it can be used: https, or http on this machine (outside production: anywhere).

    Raises:
        ConfigurationError: anything else.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and (not production or _loopback(parts.hostname)))
    if not secure or not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise ConfigurationError(setting="NUOYAN_CASE_SYSTEM_URL", reason="应写成 https://主机名/路径")
    return url


def _loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
