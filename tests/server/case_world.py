"""Cases behind a running server, and the people who work on them."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import update

from bot.cases.model import Case, CaseDraft, CaseKind
from bot.chat.conversations import now
from bot.store import tables
from tests.support.running import Customer, Running

_KEYS = itertools.count()


def filed(server: Running, conversation_id: str | None, kind: CaseKind = CaseKind.COMPLAINT, **fields: Any) -> Case:
    """A case as the assistant files it."""
    values = {
        "subject": "多扣年费",
        "details": "10月被扣了两次",
        "contact": "13800005678",
        "holder": "王小明",
        **fields,
    }
    draft = CaseDraft(kind=kind, conversation_id=conversation_id, **values)
    return server.services.cases.service.file(draft, f"world-{next(_KEYS)}")


def cases_of(customer: Customer) -> list[dict[str, Any]]:
    """What the panel shows."""
    response = httpx.get(f"{customer.path}/cases", headers=customer.headers)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["cases"]
    return found


def upload(customer: Customer, number: str, name: str, content: bytes, media_type: str = "image/png") -> httpx.Response:
    """Add a file as a browser does."""
    return httpx.post(
        f"{customer.path}/cases/{number}/files", files={"file": (name, content, media_type)}, headers=customer.headers
    )


def remark(customer: Customer, number: str, text: str, client_id: str = "r1") -> httpx.Response:
    """Add a text."""
    return httpx.post(
        f"{customer.path}/cases/{number}/remarks",
        json={"client_id": client_id, "text": text},
        headers=customer.headers,
    )


def signed_in(server: Running, customer: Customer, ref: str, for_s: float = 600) -> None:
    """The bank's page has signed its customer in."""
    table = tables.conversations
    with server.services.database.write() as connection:
        connection.execute(
            update(table)
            .where(table.c.id == customer.conversation_id)
            .values(identity="verified", customer_ref=ref, identity_until=now() + timedelta(seconds=for_s))
        )


def act(customer: Customer, number: str, action: str, client_id: str = "a1", **body: Any) -> httpx.Response:
    """Urge, withdraw, recheck."""
    return httpx.post(
        f"{customer.path}/cases/{number}/actions",
        json={"client_id": client_id, "action": action, **body},
        headers=customer.headers,
    )
