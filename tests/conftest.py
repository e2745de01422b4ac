"""Fixtures shared by several rooms; each room keeps its own beside its tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.databases import emptied, must_run, postgres_database, redis_address

# On CI the same examples every time: a rare new one is for developers to find, not for a release to trip over.
settings.register_profile("steady", derandomize=True)
if must_run():
    settings.load_profile("steady")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database of this test run."""
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database: each test runs on both kinds."""
    if request.param == "sqlite":
        return emptied(f"sqlite:///{tmp_path / 'nuoyan.db'}")
    return emptied(request.getfixturevalue("postgres_url"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty, migrated SQLite database."""
    return emptied(f"sqlite:///{tmp_path / 'nuoyan.db'}")


@pytest.fixture
def redis_url() -> str:
    """A Redis that answers."""
    return redis_address()
