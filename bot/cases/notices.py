"""Notices for staff: urged, added to, due soon, escalated. For one person or for everybody of a role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update

from bot.cases.days import now
from bot.store.case_tables import case_notices
from bot.store.database import Database

MAX_NOTICES = 100


@dataclass(frozen=True)
class StaffNotice:
    """Something a member of staff should see."""

    id: str
    case_number: str
    text: str
    created_at: datetime
    read: bool


class CaseNotices:
    """Repository of notices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def for_staff(self, staff: str, roles: Sequence[str], unread: bool = True) -> list[StaffNotice]:
        """Notices for a person and for the roles it holds, newest first.

        Args:
            unread: leave out what has been read.
        """
        table = case_notices
        wanted = select(table).where(or_(table.c.to_staff == staff, table.c.to_role.in_(list(roles))))
        if unread:
            wanted = wanted.where(table.c.read_at.is_(None))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(table.c.created_at.desc()).limit(MAX_NOTICES)).all()
        return [StaffNotice(row.id, row.case_number, row.text, row.created_at, row.read_at is not None) for row in rows]

    def read(self, notice_id: str, staff: str, roles: Sequence[str]) -> bool:
        """Mark as read; False when there is no such notice for this person."""
        table = case_notices
        with self._database.write() as connection:
            mine = or_(table.c.to_staff == staff, table.c.to_role.in_(list(roles)))
            found = connection.execute(
                select(table.c.read_at).where(table.c.id == notice_id, mine).with_for_update()
            ).one_or_none()
            if found is None:
                return False
            if found.read_at is None:
                connection.execute(update(table).where(table.c.id == notice_id).values(read_at=now(), read_by=staff))
        return True
