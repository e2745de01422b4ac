"""The audit log of staff: sign-ins, account changes, and whatever else must be accounted for. Append only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from bot.identity.clock import Clock, utc_now
from bot.privacy import mask_json
from bot.store.database import Database
from bot.store.identity_tables import staff_audit

MAX_PAGE = 200


@dataclass(frozen=True)
class AuditEntry:
    """Who did what to whom, when, from where; ``details`` is masked."""

    id: int
    at: datetime
    actor: str | None
    action: str
    subject: str | None
    address: str | None
    details: dict[str, Any]


class StaffAudit:
    """Repository of audit entries; there is no way to change or delete one."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def record(
        self,
        connection: Connection,
        actor: str | None,
        action: str,
        subject: str | None = None,
        *,
        address: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Write one entry in the caller's transaction, so that deed and entry stand or fall together."""
        connection.execute(
            insert(staff_audit).values(
                at=self._clock(),
                actor=actor,
                action=action,
                subject=subject,
                address=address,
                details=mask_json(details or {}),
            )
        )

    def note(self, actor: str | None, action: str, subject: str | None = None, **more: Any) -> None:
        """Write one entry in a transaction of its own; arguments as :meth:`record`."""
        with self._database.write() as connection:
            self.record(connection, actor, action, subject, **more)

    def read(self, before: int | None = None, limit: int = MAX_PAGE, actor: str | None = None) -> list[AuditEntry]:
        """The newest entries first, older than number ``before``, at most ``limit``."""
        query = select(staff_audit).order_by(staff_audit.c.id.desc()).limit(min(limit, MAX_PAGE))
        if before is not None:
            query = query.where(staff_audit.c.id < before)
        if actor is not None:
            query = query.where(staff_audit.c.actor == actor)
        with self._database.read() as connection:
            return [AuditEntry(**row._mapping) for row in connection.execute(query)]
