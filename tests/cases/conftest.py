"""A case service on a fresh database, whose clock a test sets."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.cases.access import CaseAccess
from bot.cases.model import Actor, Case, CaseDraft, CaseKind
from bot.cases.rules import CaseRules, load_case_rules
from bot.cases.secrecy import Signer
from bot.cases.service import CaseService
from bot.cases.sql_repository import SqlCaseRepository
from bot.identity.keys import Keys
from bot.store.database import Database

RULES: CaseRules = load_case_rules(Path(__file__).resolve().parents[2] / "data" / "cases")
SECRETS = ("the-secret-of-this-bank",)
CUSTOMER = Actor.customer("customer-1")
AGENT = Actor.staff("1001", "李明")
OTHER_AGENT = Actor.staff("1002", "王芳")
SUPERVISOR = Actor.staff("2001", "赵主管")


class Clock:
    """The present time, as a test wants it."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **amount: float) -> None:
        """Let time pass."""
        self.time += timedelta(**amount)


@dataclass
class Room:
    """What one process has of the cases room."""

    database: Database
    service: CaseService
    repository: SqlCaseRepository
    clock: Clock
    signer: Signer
    _keys: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    def on(cls, database_url: str, clock: Clock, secrets: tuple[str, ...] = SECRETS) -> Room:
        """Connect to a database."""
        database = Database(database_url)
        keys, signer = Keys(secrets[0], secrets[1:]), Signer(secrets)
        repository = SqlCaseRepository(database, RULES, keys, signer, clock)
        service = CaseService(repository, CaseAccess(database), clock=clock)
        return cls(database, service, repository, clock, signer)

    def filed(self, kind: CaseKind = CaseKind.COMPLAINT, **fields: Any) -> Case:
        """A case of customer-1."""
        values = {
            "subject": "多扣年费",
            "details": "10月被扣了两次年费",
            "demand": "退还一次年费",
            "customer_ref": CUSTOMER.id,
            "contact": "13800005678",
            "holder": "王小明",
            **fields,
        }
        return self.service.file(CaseDraft(kind=kind, **values), f"key-{next(self._keys)}")


@pytest.fixture
def clock() -> Clock:
    """The morning of 26 November 2026 in China."""
    return Clock(datetime(2026, 11, 26, 2, 0, tzinfo=timezone.utc))


@pytest.fixture
def room(database_url: str, clock: Clock) -> Iterator[Room]:
    """One process."""
    made = Room.on(database_url, clock)
    yield made
    made.database.close()


@pytest.fixture
def other_room(database_url: str, clock: Clock) -> Iterator[Room]:
    """A second process on the same database."""
    made = Room.on(database_url, clock)
    yield made
    made.database.close()
