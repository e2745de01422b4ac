"""Everything an installation keeps: the text columns of its database and its log files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import JSON, LargeBinary, MetaData, String, Text, cast, create_engine, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql.schema import Column, Table

from bot.training.dialogues.secrets import Secrets, stands_among

_LOGS = ("*.log", "*.log.*", "*.jsonl", "logs/**/*")


@dataclass(frozen=True)
class Stores:
    """Where a server keeps things; None where that is not known.

    Attributes:
        database_url: SQLAlchemy address.
        var_dir: folder under which log files lie.
    """

    database_url: str | None = None
    var_dir: Path | None = None

    def holding(self, secrets: Secrets) -> tuple[str, ...]:
        """Return the columns and log files in which a secret stands, in Chinese."""
        return (*self._columns(secrets), *self._logs(secrets)) if secrets else ()

    def _columns(self, secrets: Secrets) -> Iterator[str]:
        if self.database_url is None:
            return
        engine = create_engine(self.database_url, future=True)
        try:
            metadata = MetaData()
            metadata.reflect(bind=engine)
            with engine.connect() as connection:
                for table in metadata.sorted_tables:
                    for column in table.columns:
                        if _is_text(column) and stands_among(secrets, _values(connection, table, column)):
                            yield f"数据库 {table.name}.{column.name}"
        finally:
            engine.dispose()

    def _logs(self, secrets: Secrets) -> Iterator[str]:
        if self.var_dir is None:
            return
        files = {path for pattern in _LOGS for path in self.var_dir.glob(pattern) if path.is_file()}
        for path in sorted(files):
            with path.open(encoding="utf-8", errors="replace") as lines:
                if stands_among(secrets, lines):
                    yield f"日志 {path.name}"


def _is_text(column: Column) -> bool:
    return isinstance(column.type, (String, JSON, LargeBinary))


def _values(connection: Connection, table: Table, column: Column) -> Iterator[str]:
    for value in connection.execute(select(cast(column, Text)).select_from(table)).scalars():
        if value is not None:
            yield value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
