"""Settings, rules and replies changed in the console: checked, stored, audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select

from bot.chat.conversations import now
from bot.desk.rulebook import Rulebook
from bot.desk.settings import HOURS, RULES, DeskSettings, read, store
from bot.desk.views import told
from bot.identity.staff_audit import StaffAudit
from bot.store.database import Database
from bot.store.identity_tables import staff_audit

MOST_ENTRIES = 200


class Maintenance:
    """What supervisors and administrators change about the desk."""

    def __init__(
        self,
        database: Database,
        settings: DeskSettings,
        rulebook: Rulebook,
        audit: StaffAudit,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._rulebook = rulebook
        self._audit = audit
        self._clock = clock

    def settings(self) -> dict[str, Any]:
        """What is in force, and what was changed in the console."""
        with self._database.read() as connection:
            changes = {key: read(connection, key) or {} for key in (RULES, HOURS)}
            self._settings.refresh(connection)
        in_force = {"rules": self._settings.rules.dict(), "hours": json.loads(self._settings.hours.json())}
        return {**in_force, "changes": changes}

    def change_settings(self, by: str, rules: dict[str, Any], hours: dict[str, Any]) -> None:
        """Store what differs from the files.

        Raises:
            pydantic.ValidationError, ValueError: with these changes the desk could not work.
        """
        self._settings.with_changes(rules, hours)
        with self._database.write() as connection:
            store(connection, RULES, rules, by, self._clock())
            store(connection, HOURS, hours, by, self._clock())
            self._audit.record(connection, by, "desk.settings", details={"rules": rules, "hours": hours})
        with self._database.read() as connection:
            self._settings.refresh(connection)

    def entry(self, how: str, table: Table, key: str | None, values: dict[str, Any], by: str) -> None:
        """Add, change or remove a canned reply or a phrase rule.

        Raises:
            EntryExists, EntryNotFound, InvalidRequest
        """
        name = key or str(values.get("key"))
        if how == "add":
            self._rulebook.add(table, values, by)
        elif how == "change":
            self._rulebook.change(table, name, values, by)
        else:
            self._rulebook.remove(table, name)
        self._audit.note(by, f"desk.{how}", f"{table.name}:{name}"[:64], details=values)

    def audit(self, conversation_id: str | None) -> list[dict[str, Any]]:
        """The desk's entries of the audit log, newest first, of one conversation or of all."""
        table = staff_audit
        query = select(table).where(table.c.action.like("desk.%")).order_by(table.c.id.desc()).limit(MOST_ENTRIES)
        if conversation_id is not None:
            query = query.where(table.c.subject == conversation_id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            {
                "at": told(row.at),
                "actor": row.actor,
                "action": row.action,
                "subject": row.subject,
                "details": row.details,
            }
            for row in rows
        ]
