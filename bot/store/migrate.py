"""Bring a database to the newest schema.

Safe to call from several processes at once: PostgreSQL takes an advisory lock, SQLite its write
lock, and who comes second finds nothing left to do.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from bot.store import desk_tables  # noqa: F401 - its tables belong to the schema
from bot.store.database import Database, make_engine

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_ADVISORY_LOCK = 7_306_021


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _current(connection: Connection) -> str | None:
    revision: str | None = MigrationContext.configure(connection).get_current_revision()
    return revision


def head_revision() -> str | None:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current_revision(database_url: str) -> str | None:
    """The revision a database is at, or None for an empty one."""
    engine = make_engine(database_url)
    try:
        with engine.connect() as connection:
            return _current(connection)
    finally:
        engine.dispose()


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database at ``database_url`` to ``revision`` (default: the newest).

    All steps run in one transaction; a failing step leaves the database as it was.

    Raises:
        bot.errors.StoreUnavailable: the database can't be reached or stays locked.
        bot.errors.ConfigurationError: the address names no supported database.
    """
    database = Database(database_url)
    try:
        with database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = '60s'"))
                connection.execute(text("SET LOCAL statement_timeout = '600s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            if revision == "head" and _current(connection) == head_revision():
                return
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        database.close()
