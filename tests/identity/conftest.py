"""A clock that tests move, and identity on both kinds of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest

from bot.identity.build import Identity, build_identity
from bot.settings import Settings
from bot.store.database import Database


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
