"""The schema: reachable by migrations, equal to the tables, safe when several servers start at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from bot.errors import ConfigurationError, StoreUnavailable
from bot.store import tables
from bot.store.database import Database, make_engine
from bot.store.migrate import current_revision, head_revision, upgrade
from tests.support.databases import postgres_database


def test_migrations_give_exactly_the_tables(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_many_servers_may_migrate_an_empty_database_at_once(kind: str, tmp_path: Path) -> None:
    def all_at_once(url: str) -> None:
        assert current_revision(url) is None
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(upgrade, [url] * 4))
        assert current_revision(url) == head_revision()

    if kind == "sqlite":
        all_at_once(f"sqlite:///{tmp_path / 'new.db'}")
    else:
        with postgres_database() as url:
            all_at_once(url)


def test_migrating_again_keeps_everything(database_url: str) -> None:
    database = Database(database_url)
    _insert_conversation(database)
    upgrade(database_url)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM conversations")).scalar_one() == 1
    database.close()


def test_the_open_index_serves_the_sweep(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        plan = connection.execute(
            text("EXPLAIN QUERY PLAN SELECT conversation_id FROM messages WHERE answer_state = 'open'")
        ).all()
    database.close()
    assert "ix_messages_open" in str(plan)


def test_sqlite_runs_with_wal_busy_timeout_and_foreign_keys(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "busy_timeout", "foreign_keys")
        }
    database.close()
    assert pragmas == {"journal_mode": "wal", "busy_timeout": 5000, "foreign_keys": 1}


def test_foreign_keys_hold(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(
            text("INSERT INTO feedback VALUES ('nobody', 1, 'up', NULL, NULL, :now, :now)"),
            {"now": "2026-01-01 00:00:00"},
        )
    database.close()


def test_a_failed_transaction_leaves_nothing(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(tables.conversations.insert().values(**_CONVERSATION))
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM conversations")).scalar_one() == 0
    database.close()


def test_errors_hide_what_was_to_be_stored(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        connection.execute(
            tables.conversations.insert().values(**{**_CONVERSATION, "id": "secret-0001", "owner": "nobody"})
        )
    database.close()
    assert "hidden due to hide_parameters" in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@127.0.0.1/test"])
def test_unsuitable_databases_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Database(url)


def test_an_unreachable_database_is_a_store_error() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailable):
        database.check()
    database.close()


def test_a_locked_database_is_a_store_error(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.database.BUSY_TIMEOUT_S", 0.05)
    holder, other = Database(sqlite_url), Database(sqlite_url)
    with holder.write(), pytest.raises(StoreUnavailable), other.write():
        pass
    holder.close()
    other.close()


def test_reading_goes_on_while_somebody_writes(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as writing:
        writing.execute(tables.conversations.insert().values(**_CONVERSATION))
        with database.read() as reading:
            assert reading.execute(text("SELECT count(*) FROM conversations")).scalar_one() == 0
    database.close()


def test_tables_have_no_column_for_a_plain_token(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    names = {column["name"] for column in inspect(engine).get_columns("conversations")}
    engine.dispose()
    assert "token_hash" in names
    assert "token" not in names


_TIME = datetime(2026, 1, 1, tzinfo=timezone.utc)
_CONVERSATION = {
    "id": "c",
    "token_hash": "0" * 64,
    "channel": "web",
    "elder": False,
    "identity": "anonymous",
    "owner": "bot",
    "epoch": 0,
    "last_seq": 0,
    "failures": 0,
    "created_at": _TIME,
    "updated_at": _TIME,
}


def _insert_conversation(database: Database) -> None:
    with database.write() as connection:
        connection.execute(tables.conversations.insert().values(**_CONVERSATION))
