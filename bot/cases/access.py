"""Which conversation may see which case: filed in it, of its verified customer, or unlocked with a code."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from bot.cases.days import now
from bot.store.case_tables import case_access
from bot.store.database import Database
from bot.store.upsert import insert_missing

LASTS = timedelta(minutes=30)


def unlock_within(connection: Connection, conversation_id: str, number: str, at: datetime) -> None:
    """As :meth:`CaseAccess.unlock`, in the caller's write transaction."""
    insert_missing(
        connection, case_access, [{"conversation_id": conversation_id, "case_number": number, "unlocked_at": at}]
    )
    connection.execute(
        update(case_access)
        .where(case_access.c.conversation_id == conversation_id, case_access.c.case_number == number)
        .values(unlocked_at=at)
    )


class CaseAccess:
    """Repository of what one-time codes have unlocked; it lasts half an hour and dies with the conversation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unlock(self, conversation_id: str, number: str) -> None:
        """Let a conversation see a case from now on; again: half an hour from now.

        Raises:
            sqlalchemy.exc.IntegrityError: no such conversation.
        """
        with self._database.write() as connection:
            unlock_within(connection, conversation_id, number, now())

    def unlocked(self, conversation_id: str) -> list[str]:
        """Numbers that a conversation has unlocked, in order."""
        table = case_access
        with self._database.read() as connection:
            return list(
                connection.execute(
                    select(table.c.case_number)
                    .where(table.c.conversation_id == conversation_id, table.c.unlocked_at > now() - LASTS)
                    .order_by(table.c.unlocked_at)
                ).scalars()
            )

    def conversations(self, number: str) -> list[str]:
        """Conversations that have unlocked a case."""
        table = case_access
        with self._database.read() as connection:
            return list(
                connection.execute(
                    select(table.c.conversation_id).where(
                        table.c.case_number == number, table.c.unlocked_at > now() - LASTS
                    )
                ).scalars()
            )
