"""Hours, figures and policies as they are at present: the files, with what supervisors changed laid over them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from bot.chat.bank_values import BankValues
from bot.chat.conversations import now
from bot.desk.hours import Hours, read_hours
from bot.desk.rules import DeskRules, laid_over, read_rules
from bot.desk.wording import Speaker
from bot.store import desk_tables as desk
from bot.store.database import Database

RULES, HOURS = "rules", "hours"
BENCH = "bench"
BenchState = Literal["agents_online", "no_agents", "off_hours"]


class DeskSettings:
    """The desk's settings of one process; ``refresh`` takes over what another process has stored.

    Args:
        folder: holds ``policies.yml`` and ``hours.yml``.
        bank: words of this bank.
        bench: whether test benches may set the desk's state (development only).

    Raises:
        OSError: a file is missing.
        pydantic.ValidationError: a file does not say what it should.
    """

    def __init__(
        self,
        folder: Path,
        bank: BankValues,
        bench: bool = False,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.folder = folder
        self._bank = bank
        self._bench = bench
        self._clock = clock
        self._guard = threading.Lock()
        self._given_hours = read_hours(folder / "hours.yml")
        self.rules: DeskRules = read_rules(folder / "policies.yml")
        self.hours: Hours = self._given_hours
        self.speaker = Speaker(bank, self.hours)
        self._laid: dict[str, Any] = {}

    def refresh(self, connection: Connection) -> None:
        """Read what is stored; settings that no longer fit the files are ignored rather than stop the desk."""
        laid = {key: read(connection, key) or {} for key in (RULES, HOURS)}
        with self._guard:
            if laid == self._laid:
                return
            self._laid = laid
            try:
                self.rules, self.hours = self.with_changes(laid[RULES], laid[HOURS])
            except ValidationError:
                self.rules, self.hours = self.with_changes({}, {})
            self.speaker = Speaker(self._bank, self.hours)

    def with_changes(self, rules: dict[str, Any], hours: dict[str, Any]) -> tuple[DeskRules, Hours]:
        """The files with changes laid over them; raises ``pydantic.ValidationError``."""
        given = self._given_hours.dict()
        dates = {**given["dates"], **hours.get("dates", {})}
        merged = {**laid_over(given, hours), "dates": dates}
        return read_rules(self.folder / "policies.yml", rules), Hours.parse_obj(merged)

    def benched(self, connection: Connection, conversation_id: str) -> str | None:
        """The state that a test bench gave the desk, for one conversation or for all."""
        if not self._bench:
            return None
        state = read(connection, f"{BENCH}:{conversation_id}") or read(connection, BENCH)
        return None if state is None else str(state)


def read(connection: Connection, key: str) -> Any:
    """A stored setting, or None."""
    table = desk.desk_settings
    return connection.execute(select(table.c.value).where(table.c.key == key)).scalar_one_or_none()


def store(connection: Connection, key: str, value: Any, by: str | None, at: datetime) -> None:
    """Store a setting, replacing an earlier one."""
    table = desk.desk_settings
    values = {"value": value, "updated_by": by, "updated_at": at}
    if connection.execute(update(table).where(table.c.key == key).values(**values)).rowcount == 0:
        connection.execute(insert(table).values(key=key, **values))


def open_settings(database: Database, settings: DeskSettings) -> None:
    """Refresh in a transaction of its own."""
    with database.read() as connection:
        settings.refresh(connection)
