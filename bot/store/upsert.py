"""Insert unless it is there, in the words of either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def insert_missing(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert ``rows`` one by one, leaving alone what breaks a unique key; returns how many are new."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return sum(
        connection.execute(dialect.insert(table).values(**row).on_conflict_do_nothing()).rowcount for row in rows
    )
