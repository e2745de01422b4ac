"""Ratings of a service: invited once, given once or declined, never asked for again (`GB/T 47746—2026 7.2`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from bot.chat.conversations import lock_conversation, now
from bot.chat.records import CustomerText
from bot.desk.settings import DeskSettings
from bot.errors import NoRating
from bot.store import desk_tables as desk
from bot.store import tables
from bot.store.database import Database

BOT = "bot"
LOOK_BACK = 50
GOOD_REASONS = ["解决了问题", "回复很快", "态度热情", "讲解清楚"]
BAD_REASONS = ["没有解决", "等候太久", "态度不好", "讲解不清", "重复提问"]


@dataclass(frozen=True)
class Invited:
    """What is to be rated: one agent's service, or the bot's."""

    subject: str
    agent_no: str | None


class Ratings:
    """Repository of ratings."""

    def __init__(self, database: Database, settings: DeskSettings, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def save(self, conversation_id: str, stars: int | None, reasons: Sequence[str], said: CustomerText | None) -> None:
        """Keep a rating; ``stars`` None: the customer would rather not.

        Raises:
            NoRating: none is invited, or it was given already.
        """
        with self._database.write() as connection:
            lock_conversation(connection, conversation_id)
            invited = self.invited(connection, conversation_id)
            if invited is None:
                raise NoRating()
            connection.execute(
                insert(desk.ratings).values(
                    id=uuid4().hex,
                    conversation_id=conversation_id,
                    subject=invited.subject,
                    agent_no=invited.agent_no,
                    stars=stars,
                    reasons=list(reasons),
                    text=said.text if said else None,
                    masked=list(said.masked) if said else None,
                    created_at=self._clock(),
                )
            )

    def invited(self, connection: Connection, conversation_id: str) -> Invited | None:
        """What the customer is invited to rate at present."""
        since = self._clock() - timedelta(seconds=self._settings.rules.desk.rating_s)
        table, given = desk.handoffs, desk.ratings
        rated = set(
            connection.execute(select(given.c.subject).where(given.c.conversation_id == conversation_id)).scalars()
        )
        ended = connection.execute(
            select(table.c.id, table.c.agent_no)
            .where(
                table.c.conversation_id == conversation_id,
                table.c.rating_invited.is_(True),
                table.c.ended_at > since,
            )
            .order_by(table.c.ended_at.desc())
            .limit(1)
        ).one_or_none()
        if ended is not None:
            return None if ended.id in rated else Invited(ended.id, ended.agent_no)
        log = tables.messages
        rows = connection.execute(
            select(log.c.seq, log.c.blocks)
            .where(log.c.conversation_id == conversation_id, log.c.role == "bot", log.c.created_at > since)
            .order_by(log.c.seq.desc())
            .limit(LOOK_BACK)
        ).all()
        asked = next((row.seq for row in rows if any(block["type"] == "rating" for block in row.blocks)), None)
        subject = None if asked is None else f"{BOT}:{asked}"
        return None if subject is None or subject in rated else Invited(subject, None)
