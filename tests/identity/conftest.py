"""A clock that tests move, and identity on both kinds of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest

from bot.identity.build import Identity, build_identity
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import conversations
from bot.tokens import new_id


class MovedClock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 26, 9, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database: SQLite and PostgreSQL."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def build(database_url: str, clock: MovedClock) -> Iterator[Callable[..., Identity]]:
    """Make identity as one more server process would: on its own connections to the same database."""
    databases: list[Database] = []

    def built(**changes: object) -> Identity:
        databases.append(Database(database_url))
        return build_identity(Settings(**{"database_url": database_url, **changes}), databases[-1], clock)

    yield built
    for one in databases:
        one.close()


@pytest.fixture
def identity(build: Callable[..., Identity]) -> Identity:
    return build()


@pytest.fixture
def conversation(database: Database, clock: MovedClock) -> Callable[[], str]:
    """Open a conversation and return its id."""

    def opened() -> str:
        name, time = new_id(), clock()
        with database.write() as connection:
            connection.execute(
                conversations.insert().values(
                    id=name,
                    token_hash="0" * 64,
                    channel="web",
                    elder=False,
                    identity="anonymous",
                    owner="bot",
                    epoch=0,
                    last_seq=0,
                    failures=0,
                    created_at=time,
                    updated_at=time,
                )
            )
        return name

    return opened
