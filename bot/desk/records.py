"""What the desk's rooms hand each other: plain records, no database types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.cases.model import Case

SKILLS = ("general", "card", "loan", "wealth", "complaint", "elder", "urgent")
SKILL_NAMES = {
    "general": "综合",
    "card": "银行卡",
    "loan": "贷款",
    "wealth": "理财",
    "complaint": "投诉",
    "elder": "老年专席",
    "urgent": "紧急",
}

# Order of waiting: lower goes first; within a rank who has waited longest.
URGENT, RETURNED, FIRST, NORMAL = 0, 1, 2, 3

Unavailable = Literal["off_hours", "no_agents", "queue_full"]


@dataclass(frozen=True)
class Ask:
    """A person is needed: why, by which rule, with which skill.

    Attributes:
        reason: stable name, for example ``customer_request``.
        clause: the rule behind it, as it is shown to agents.
        first: goes before those who wait for an ordinary reason (`GB/T 47746—2026 5.1.3`).
    """

    reason: str
    clause: str
    skill: str = "general"
    urgent: bool = False
    first: bool = False

    @property
    def rank(self) -> int:
        """Place in the order of waiting."""
        return URGENT if self.urgent else FIRST if self.first else NORMAL


@dataclass(frozen=True)
class Waiting:
    """Where a customer stands: how many wait before, and for how long probably."""

    place: int
    wait_s: int


@dataclass(frozen=True)
class Arranged:
    """What became of an :class:`Ask`: the customer waits, or leaves a message and why; ``case`` is its receipt."""

    handoff_id: str
    ask: Ask
    waiting: Waiting | None
    unavailable: Unavailable | None = None
    again: bool = False
    case: Case | None = None


@dataclass(frozen=True)
class Handoff:
    """One turn of a customer at the desk, from the request to the closing."""

    id: str
    conversation_id: str
    state: str
    reason: str
    clause: str
    skill: str
    urgent: bool
    rank: int
    agent_no: str | None
    preferred_agent: str | None
    target_agent: str | None
    passed: list[str]
    requested_at: datetime
    waiting_since: datetime
    ring_until: datetime | None
    accepted_at: datetime | None
    first_reply_at: datetime | None
    last_customer_at: datetime | None
    last_agent_at: datetime | None
    ended_at: datetime | None
    closed_at: datetime | None
    idle_step: int
    idle_since: datetime | None
    told_long_wait: bool
    proposal: str | None
    rating_invited: bool
    summary: dict[str, Any] | None
    settled: str | None
    disposition: str | None
    disposition_note: str | None
    case_number: str | None
    outcome: str | None

    @property
    def priority(self) -> Literal["urgent", "normal"]:
        """As blocks say it."""
        return "urgent" if self.urgent else "normal"


def handoff_from(row: Any) -> Handoff:
    """A record from a row of ``handoffs``."""
    return Handoff(**{name: getattr(row, name) for name in Handoff.__dataclass_fields__})
