"""One door to the database: short read and write transactions on SQLite (WAL) or PostgreSQL.

A write transaction takes its lock when it begins (``BEGIN IMMEDIATE`` on SQLite), so nothing read in
it can be stale when it writes. On PostgreSQL the repositories lock the conversation's row first.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from bot.errors import ConfigurationError, StoreUnavailable

BUSY_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 5000
POOL_SIZE = 10

_WRITE = "nuoyan_write"


def make_engine(database_url: str) -> Engine:
    """Create the engine for ``database_url``.

    SQLite: WAL, busy timeout, foreign keys, parameters never shown in errors.
    PostgreSQL: statement and lock timeouts of five seconds, dead connections noticed.

    Raises:
        ConfigurationError: another kind of database, or SQLite without a file.
    """
    url = make_url(database_url)
    backend = url.get_backend_name()
    if backend == "sqlite":
        if not url.database or url.database == ":memory:" or "mode=memory" in database_url:
            raise ConfigurationError(setting="NUOYAN_DATABASE_URL", reason="SQLite 需要一个数据库文件")
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            future=True,
            hide_parameters=True,
            json_serializer=_json,
            poolclass=QueuePool,
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_timeout=CONNECT_TIMEOUT_S,
            connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_S},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if backend == "postgresql":
        options = dict(url.query).get("options", "")
        return create_engine(
            url.difference_update_query(["options"]),
            future=True,
            hide_parameters=True,
            json_serializer=_json,
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_timeout=CONNECT_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_S,
                "options": f"{options} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
                f" -c lock_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
            },
        )
    raise ConfigurationError(setting="NUOYAN_DATABASE_URL", reason="只支持 sqlite 与 postgresql")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


class Database:
    """Transactions on one database.

    Every failure to reach the database or to get a lock in time is a ``StoreUnavailable``;
    constraint violations stay ``sqlalchemy.exc.IntegrityError``.
    """

    def __init__(self, database_url: str) -> None:
        self.engine = make_engine(database_url)
        # SQLite has one writer: queue fairly inside this process instead of polling for the lock.
        self._turn = threading.Lock() if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one consistent view, no lock on writers."""
        with self._translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back by any exception."""
        with self._in_turn(), self._translated(), self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITE: True})
            with connection.begin():
                yield connection

    def check(self) -> None:
        """Raise ``StoreUnavailable`` unless the database answers."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=2 * BUSY_TIMEOUT_S):
            raise StoreUnavailable()
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except (OperationalError, PoolTimeout) as error:
            raise StoreUnavailable() from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreUnavailable() from error
            raise
