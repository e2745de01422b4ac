"""A member of staff with a browser: cookie jar and CSRF token."""

from __future__ import annotations

from typing import Any

import httpx

from bot.identity.staff_demo import DEMO_PASSWORD, DEMO_STAFF

BY_ROLE = {role: account for account, _name, role, _skills in reversed(DEMO_STAFF)}


class StaffClient:
    """Signs in with a demo account unless told otherwise and sends the CSRF header with every request."""

    def __init__(self, url: str, account: str, password: str = DEMO_PASSWORD) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        answer = self.http.post("/api/staff/login", json={"account": account, "password": password})
        assert answer.status_code == 200, answer.text
        self.csrf: str = answer.json()["csrf_token"]
        self.me: dict[str, Any] = answer.json()["staff"]

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request; ``headers`` given replace the CSRF header."""
        options.setdefault("headers", {"X-CSRF-Token": self.csrf})
        return self.http.request(method, path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """POST with a JSON body."""
        return self.request("POST", path, json=body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> httpx.Response:
        """PATCH with a JSON body."""
        return self.request("PATCH", path, json=body, **options)
