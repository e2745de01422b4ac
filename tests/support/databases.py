"""Throw-away databases: a file for SQLite, a database of its own on a PostgreSQL server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError

from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.tables import metadata

POSTGRES_URL = os.environ.get("NUOYAN_TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/test")
REDIS_URL = os.environ.get("NUOYAN_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


def must_run() -> bool:
    """On CI a missing service is a failure, elsewhere a reason to skip."""
    return os.environ.get("CI", "").lower() == "true"


def unavailable(reason: str) -> None:
    """Skip, or fail on CI."""
    if must_run():
        pytest.fail(reason)
    pytest.skip(reason)


def redis_address() -> str:
    """The address of a reachable Redis."""
    client = redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError:
        unavailable("Redis isn't reachable")
    finally:
        client.close()
    return REDIS_URL


def _admin() -> Engine:
    return create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}, future=True)


@contextmanager
def postgres_database() -> Iterator[str]:
    """The address of a fresh, empty PostgreSQL database that is dropped afterwards."""
    admin = _admin()
    name = f"nuoyan_test_{uuid.uuid4().hex[:12]}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        unavailable(f"PostgreSQL isn't reachable: {type(error).__name__}")
    try:
        yield make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def emptied(database_url: str) -> str:
    """Bring a database to the newest schema and empty it."""
    upgrade(database_url)
    database = Database(database_url)
    with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    database.close()
    return database_url
