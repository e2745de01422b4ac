"""How often each topic was asked about within a year, for rare questions (`GB/T 47746—2026 5.1.3 ③`)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.desk.rules import Policy
from bot.store import desk_tables as desk
from bot.store.database import Database

YEAR = timedelta(days=365)


def seen(connection: Connection, topic: str | None, at: datetime, policy: Policy) -> int | None:
    """Questions about ``topic`` within a year; None while there are too few in all to judge, or without topic."""
    if topic is None or not policy.enabled:
        return None
    table = desk.topic_days
    since = (at - YEAR).date()
    of_all = select(func.coalesce(func.sum(table.c.asked), 0)).where(table.c.day > since)
    total = connection.execute(of_all).scalar_one()
    if int(total) < (policy.minimum or 0):
        return None
    asked = connection.execute(of_all.where(table.c.topic == topic)).scalar_one()
    return int(asked)


def add(database: Database, counted: Counter[str], day: date) -> None:
    """Add counted questions to the day, one short transaction a topic."""
    table = desk.topic_days
    for topic, asked in counted.items():
        mine = (table.c.topic == topic) & (table.c.day == day)
        try:
            with database.write() as connection:
                connection.execute(insert(table).values(topic=topic, day=day, asked=asked))
        except IntegrityError:
            with database.write() as connection:
                connection.execute(update(table).where(mine).values(asked=table.c.asked + asked))
