"""Thumbs up or down on a message, with a masked reason; one verdict a message, the last one counts."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import insert, select, update

from bot.chat.conversations import lock_conversation, now
from bot.chat.records import CustomerText
from bot.errors import MessageNotFound
from bot.store import tables
from bot.store.database import Database

RATED_ROLES = ("bot", "agent")
REASON_MAX_CHARS = 500

Value = Literal["up", "down"]


class Feedback:
    """Repository of verdicts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, conversation_id: str, seq: int, value: Value, reason: CustomerText | None) -> None:
        """Keep a verdict on message ``seq``, replacing an earlier one.

        Raises:
            MessageNotFound: no such message of the bot or an agent in this conversation.
        """
        table, log = tables.feedback, tables.messages
        with self._database.write() as connection:
            lock_conversation(connection, conversation_id)
            rated = connection.execute(
                select(log.c.seq).where(
                    log.c.conversation_id == conversation_id, log.c.seq == seq, log.c.role.in_(RATED_ROLES)
                )
            ).one_or_none()
            if rated is None:
                raise MessageNotFound()
            values = {
                "value": value,
                "reason": reason.text if reason else None,
                "masked": list(reason.masked) if reason else None,
                "updated_at": now(),
            }
            changed = connection.execute(
                update(table).where(table.c.conversation_id == conversation_id, table.c.seq == seq).values(**values)
            ).rowcount
            if changed == 0:
                connection.execute(
                    insert(table).values(conversation_id=conversation_id, seq=seq, created_at=now(), **values)
                )
