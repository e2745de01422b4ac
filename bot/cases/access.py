"""Which conversation may see which case: filed in it, of its verified customer, or unlocked with a code."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from bot.cases.days import now
from bot.store.case_tables import case_access
from bot.store.database import Database


class CaseAccess:
    """Repository of what one-time codes have unlocked; it dies with the conversation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unlock(self, conversation_id: str, number: str) -> None:
        """Let a conversation see a case from now on (again changes nothing).

        Raises:
            sqlalchemy.exc.IntegrityError: no such conversation or case.
        """
        if number in self.unlocked(conversation_id):
            return
        try:
            with self._database.write() as connection:
                connection.execute(
                    insert(case_access).values(conversation_id=conversation_id, case_number=number, unlocked_at=now())
                )
        except IntegrityError:
            if number not in self.unlocked(conversation_id):
                raise

    def unlocked(self, conversation_id: str) -> list[str]:
        """Numbers that a conversation has unlocked, in order."""
        table = case_access
        with self._database.read() as connection:
            return list(
                connection.execute(
                    select(table.c.case_number)
                    .where(table.c.conversation_id == conversation_id)
                    .order_by(table.c.unlocked_at)
                ).scalars()
            )

    def conversations(self, number: str) -> list[str]:
        """Conversations that have unlocked a case."""
        table = case_access
        with self._database.read() as connection:
            return list(
                connection.execute(select(table.c.conversation_id).where(table.c.case_number == number)).scalars()
            )
