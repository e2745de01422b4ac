"""Signed webhooks: written with what they tell in one transaction, sent with retries, kept in a log."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import requests
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from bot.chat.conversations import now
from bot.desk.views import told
from bot.errors import EntryNotFound, InvalidRequest
from bot.identity.keys import Keys
from bot.store import desk_tables as desk
from bot.store.database import Database
from bot.tokens import new_token

EVENTS = (
    "conversation.opened",
    "conversation.handed_over",
    "conversation.message",
    "conversation.closed",
    "case.created",
)
PURPOSE = "webhook"
TIMEOUT_S = 5.0
LEASE = timedelta(seconds=30)
PAUSES_S = (10, 60, 300, 1800, 7200, 21_600)
AT_ONCE = 5


def emit(connection: Connection, event: str, data: dict[str, Any], at: datetime) -> None:
    """Note ``event`` for every webhook that wants it, in the caller's transaction."""
    table = desk.webhooks
    hooks = connection.execute(select(table.c.id, table.c.events).where(table.c.enabled.is_(True))).all()
    rows = []
    for hook in hooks:
        if event in hook.events:
            name = uuid4().hex
            body = {"id": name, "event": event, "at": told(at), "data": data}
            rows.append(
                {
                    "id": name,
                    "webhook_id": hook.id,
                    "event": event,
                    "body": body,
                    "state": "waiting",
                    "attempts": 0,
                    "next_at": at,
                    "created_at": at,
                }
            )
    if rows:
        connection.execute(insert(desk.webhook_deliveries), rows)


def signature(secret: str, timestamp: str, body: str) -> str:
    """``v1=`` and the HMAC-SHA256 of ``timestamp.body`` in hex."""
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class _Due:
    id: str
    lease: str
    url: str
    sealed: str
    event: str
    body: dict[str, Any]
    attempts: int


class Webhooks:
    """Addresses that are told, and the log of what they were told.

    Args:
        https_only: refuse plain addresses (production).
    """

    def __init__(self, database: Database, keys: Keys, https_only: bool, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._keys = keys
        self._https_only = https_only
        self._clock = clock

    def register(self, url: str, events: list[str], by: str) -> dict[str, Any]:
        """Add an address; the signing secret is shown this once. Raises ``InvalidRequest``."""
        if not url.startswith(("https://",) if self._https_only else ("https://", "http://")):
            raise InvalidRequest(field="url")
        if not events or not set(events) <= set(EVENTS):
            raise InvalidRequest(field="events")
        name, secret = uuid4().hex, new_token()
        values = {
            "id": name,
            "url": url,
            "events": events,
            "secret": self._keys.encrypt(PURPOSE, secret),
            "enabled": True,
            "created_by": by,
            "created_at": self._clock(),
        }
        with self._database.write() as connection:
            connection.execute(insert(desk.webhooks).values(**values))
        return {"id": name, "secret": secret}

    def remove(self, name: str) -> None:
        """Delete an address with its log; raises ``EntryNotFound``."""
        with self._database.write() as connection:
            if connection.execute(delete(desk.webhooks).where(desk.webhooks.c.id == name)).rowcount != 1:
                raise EntryNotFound()

    def all(self) -> list[dict[str, Any]]:
        """The addresses, without their secrets."""
        with self._database.read() as connection:
            rows = connection.execute(select(desk.webhooks).order_by(desk.webhooks.c.created_at)).all()
        return [{"id": row.id, "url": row.url, "events": row.events, "enabled": row.enabled} for row in rows]

    def deliveries(self) -> list[dict[str, Any]]:
        """What was told, newest first."""
        table = desk.webhook_deliveries
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.created_at.desc()).limit(200)).all()
        return [
            {
                "id": row.id,
                "webhook_id": row.webhook_id,
                "event": row.event,
                "state": row.state,
                "attempts": row.attempts,
                "status_code": row.status_code,
                "error": row.error,
                "created_at": told(row.created_at),
                "next_at": told(row.next_at),
                "delivered_at": told(row.delivered_at),
            }
            for row in rows
        ]

    def send_due(self) -> int:
        """Send what is due, at most ``AT_ONCE``; returns how many were tried."""
        due = self._lease()
        for one in due:
            self._settle(one, *self._send(one))
        return len(due)

    def _lease(self) -> list[_Due]:
        table, hooks, at, lease = desk.webhook_deliveries, desk.webhooks, self._clock(), uuid4().hex
        with self._database.write() as connection:
            rows = connection.execute(
                select(table, hooks.c.url, hooks.c.secret)
                .join(hooks, hooks.c.id == table.c.webhook_id)
                .where(table.c.state == "waiting", table.c.next_at <= at)
                .order_by(table.c.next_at)
                .limit(AT_ONCE)
                .with_for_update(of=table, skip_locked=True)
            ).all()
            for row in rows:
                values = {"lease": lease, "next_at": at + LEASE}
                connection.execute(update(table).where(table.c.id == row.id).values(**values))
        return [_Due(row.id, lease, row.url, row.secret, row.event, row.body, row.attempts) for row in rows]

    def _send(self, due: _Due) -> tuple[int | None, str | None]:
        body = json.dumps(due.body, ensure_ascii=False)
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Nuoyan-Event": due.event,
            "X-Nuoyan-Delivery": due.id,
            "X-Nuoyan-Timestamp": timestamp,
            "X-Nuoyan-Signature": signature(self._keys.decrypt(PURPOSE, due.sealed) or "", timestamp, body),
        }
        try:
            answer = requests.post(
                due.url, data=body.encode(), headers=headers, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException as error:
            return None, type(error).__name__[:80]
        return answer.status_code, None

    def _settle(self, due: _Due, status: int | None, error: str | None) -> None:
        table, at, attempts = desk.webhook_deliveries, self._clock(), due.attempts + 1
        values: dict[str, Any] = {"attempts": attempts, "status_code": status, "error": error, "lease": None}
        if status is not None and 200 <= status < 300:
            values |= {"state": "delivered", "delivered_at": at}
        elif attempts > len(PAUSES_S):
            values |= {"state": "failed"}
        else:
            values |= {"next_at": at + timedelta(seconds=PAUSES_S[attempts - 1])}
        with self._database.write() as connection:
            connection.execute(update(table).where(table.c.id == due.id, table.c.lease == due.lease).values(**values))
