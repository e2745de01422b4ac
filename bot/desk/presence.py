"""Agents come, go, take a break: their own words about themselves, and their heartbeat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.chat.conversations import now
from bot.desk import agents
from bot.desk.agents import Agent
from bot.desk.settings import DeskSettings
from bot.desk.views import told
from bot.errors import ChatsOpen, InvalidRequest
from bot.identity.staff_records import StaffMember
from bot.store.database import Database

BREAK_REASONS = ("用餐", "小休", "会议", "培训", "外呼跟进", "系统问题", "其他")


class Presence:
    """Repository of who is at the desk."""

    def __init__(self, database: Database, settings: DeskSettings, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def arrives(self, member: StaffMember) -> Agent:
        """The agent's page is open: alive, with the skills of the account; who vanished or is new is not online yet."""
        with self._database.write() as connection:
            return agents.sign_on(connection, member, self._clock())

    def beat(self, staff_no: str) -> None:
        """The agent's page is alive."""
        with self._database.write() as connection:
            agents.beat(connection, staff_no, self._clock())

    def set_status(self, member: StaffMember, status: str, reason: str | None) -> Agent:
        """Change one's status.

        Raises:
            InvalidRequest: a break without a known reason.
            ChatsOpen: going offline while chats are under way.
        """
        if status == "break" and reason not in BREAK_REASONS:
            raise InvalidRequest(field="reason")
        at = self._clock()
        with self._database.write() as connection:
            agent = agents.sign_on(connection, member, at)
            if status == "offline" and agent.load:
                raise ChatsOpen(open=agent.load)
            agents.set_status(connection, member.id, status, reason if status == "break" else None, at, missed_rings=0)
            return agents.locked(connection, member.id)

    def of(self, staff_no: str) -> Agent | None:
        """The agent's row, if there is one."""
        with self._database.read() as connection:
            return agents.find(connection, staff_no)

    def everyone(self) -> list[Agent]:
        """All agents ever seen, a test bench's aside."""
        with self._database.read() as connection:
            return [agent for agent in agents.everyone(connection) if not agent.pulls_only]

    def there(self) -> list[Agent]:
        """Agents who are at their desks."""
        with self._database.read() as connection:
            return agents.there(connection, self._clock(), self._settings.rules.desk.heartbeat_s)


def agent_view(agent: Agent) -> dict[str, Any]:
    """An agent as the console shows one."""
    return {
        "no": agent.staff_no,
        "name": agent.name,
        "status": agent.status,
        "reason": agent.status_reason,
        "since": told(agent.status_since),
        "skills": agent.skills,
        "capacity": agent.capacity,
        "load": agent.load,
        "wrapping_up": agent.wrapping_up,
    }
