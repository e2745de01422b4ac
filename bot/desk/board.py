"""The live board, and the alarm on bot chats that go wrong before anybody asks for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from bot.blocks import Reply
from bot.chat.conversations import lock_conversation, now
from bot.chat.message_log import append_reply
from bot.desk import wording
from bot.desk.agents import everyone, there
from bot.desk.policies import skill_for
from bot.desk.presence import agent_view
from bot.desk.records import SKILL_NAMES, Ask
from bot.desk.settings import DeskSettings
from bot.desk.views import told
from bot.desk.waiting import in_order
from bot.errors import ChatTaken, EntryNotFound
from bot.store import desk_tables as desk
from bot.store import tables
from bot.store.database import Database
from bot.store.desk_tables import CANCELLED, HUMAN, LEFT, QUEUED, RINGING

ALARM_STANDS = timedelta(minutes=30)
ALARM_NAMES = {"misses": "连续听不懂", "unhappy": "客户不满", "secrets": "反复发送敏感信息"}


class Board:
    """What supervisors see.

    Args:
        titles: gives the titles of topics.
    """

    def __init__(
        self,
        database: Database,
        settings: DeskSettings,
        titles: Callable[[], Mapping[str, str]],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._titles = titles
        self._clock = clock

    def board(self) -> dict[str, Any]:
        """The desk at this moment and today's figures."""
        at, figures = self._clock(), self._settings.rules.desk
        zone = ZoneInfo(self._settings.hours.timezone)
        midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        with self._database.read() as connection:
            waiting = in_order(connection, (QUEUED, RINGING))
            people = [agent for agent in everyone(connection) if not agent.pulls_only]
            present = there(connection, at, figures.heartbeat_s)
            today = _today(connection, midnight, figures.sla_accept_s, figures.sla_first_reply_s)
            alarms = len(self._alarms(connection, at))
            talking = connection.execute(
                select(func.count()).select_from(desk.handoffs).where(desk.handoffs.c.state == HUMAN)
            ).scalar_one()
        waits = [max(0, round((at - handoff.waiting_since).total_seconds())) for handoff in waiting]
        return {
            "at": told(at),
            "open": self._settings.hours.open_at(at),
            "waiting": len(waiting),
            "urgent": sum(handoff.urgent for handoff in waiting),
            "longest_s": max(waits, default=0),
            "over_sla": sum(wait > figures.sla_accept_s for wait in waits),
            "talking": int(talking),
            "by_skill": [
                {"skill": skill, "name": SKILL_NAMES.get(skill, skill), "waiting": many}
                for skill, many in Counter(handoff.skill for handoff in waiting).most_common()
            ],
            "agents": [agent_view(agent) for agent in people],
            "by_status": dict(Counter(agent.status for agent in people)),
            "free": sum(agent.free for agent in present if agent.status == "online"),
            "today": today,
            "alarms": alarms,
        }

    def alarms(self) -> list[dict[str, Any]]:
        """Bot chats that go wrong, newest first."""
        titles = self._titles()
        with self._database.read() as connection:
            rows = self._alarms(connection, self._clock())
        return [
            {
                "conversation_id": row.conversation_id,
                "kind": row.alarm,
                "name": ALARM_NAMES.get(row.alarm, row.alarm),
                "at": told(row.alarm_at),
                "topic": row.topic,
                "title": titles.get(row.topic or "", ""),
                "misses": row.misses,
                "dissatisfied": row.dissatisfied,
                "elder": row.elder,
                "seen_by": row.alarm_seen_by,
            }
            for row in rows
        ]

    def alarm_seen(self, staff_no: str, conversation_id: str) -> None:
        """A supervisor has looked at an alarm; raises ``EntryNotFound``."""
        table = desk.conversation_signals
        with self._database.write() as connection:
            changed = connection.execute(
                update(table)
                .where(table.c.conversation_id == conversation_id, table.c.alarm.is_not(None))
                .values(alarm_seen_by=staff_no)
            ).rowcount
        if changed != 1:
            raise EntryNotFound()

    def step_in(self, staff_no: str, conversation_id: str) -> None:
        """Offer a person to the customer of a bot chat that goes wrong.

        Raises:
            EntryNotFound: there is no such alarm.
            ChatTaken: a person is there already, or on the way.
        """
        table = desk.conversation_signals
        with self._database.write() as connection:
            if (
                connection.execute(
                    select(tables.conversations.c.id).where(tables.conversations.c.id == conversation_id)
                ).first()
                is None
            ):
                raise EntryNotFound()
            conversation = lock_conversation(connection, conversation_id)
            row = connection.execute(
                select(table).where(table.c.conversation_id == conversation_id, table.c.alarm.is_not(None))
            ).one_or_none()
            if row is None:
                raise EntryNotFound()
            if conversation.owner != "bot":
                raise ChatTaken()
            ask = Ask("step_in", self._settings.rules.policies.emotion.clause, skill_for(row.topic))
            append_reply(connection, conversation_id, "system", Reply(blocks=wording.stepped_in(ask)))
            connection.execute(
                update(table)
                .where(table.c.conversation_id == conversation_id)
                .values(alarm=None, alarm_seen_by=staff_no)
            )

    @staticmethod
    def _alarms(connection: Connection, at: datetime) -> list[Any]:
        table, talks = desk.conversation_signals, tables.conversations
        return list(
            connection.execute(
                select(table, talks.c.elder)
                .join(talks, talks.c.id == table.c.conversation_id)
                .where(table.c.alarm_at > at - ALARM_STANDS, table.c.alarm.is_not(None), talks.c.owner == "bot")
                .order_by(table.c.alarm_at.desc())
                .limit(100)
            ).all()
        )


def _today(connection: Connection, since: datetime, accept_s: int, first_reply_s: int) -> dict[str, Any]:
    table = desk.handoffs
    rows = connection.execute(select(table).where(table.c.requested_at >= since)).all()
    accepted = [row for row in rows if row.accepted_at is not None]
    waits = [(row.accepted_at - row.requested_at).total_seconds() for row in accepted]
    firsts = [(row.first_reply_at - row.accepted_at).total_seconds() for row in accepted if row.first_reply_at]
    talks = [(row.ended_at - row.accepted_at).total_seconds() for row in accepted if row.ended_at]
    stars = (
        connection.execute(
            select(desk.ratings.c.stars).where(desk.ratings.c.created_at >= since, desk.ratings.c.stars.is_not(None))
        )
        .scalars()
        .all()
    )
    return {
        "requested": len(rows),
        "accepted": len(accepted),
        "left": sum(row.state == LEFT for row in rows),
        "cancelled": sum(row.state == CANCELLED for row in rows),
        "accept_rate": _share(len(accepted), len(accepted) + sum(row.state == CANCELLED for row in rows)),
        "accept_in_time": _share(sum(wait <= accept_s for wait in waits), len(waits)),
        "first_reply_in_time": _share(sum(first <= first_reply_s for first in firsts), len(firsts)),
        "mean_wait_s": _mean(waits),
        "mean_first_reply_s": _mean(firsts),
        "mean_talk_s": _mean(talks),
        "ratings": len(stars),
        "mean_stars": round(sum(stars) / len(stars), 2) if stars else None,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _mean(values: list[float]) -> int | None:
    return round(sum(values) / len(values)) if values else None
