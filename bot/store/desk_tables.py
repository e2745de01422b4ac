"""Tables of the agents' desk: handoffs, spans by owner, agents' presence, notes, ratings, settings.

Invariants the schema itself keeps:

* at most one handoff of a conversation is live (waiting, ringing or with an agent);
* every state a handoff may be in is named here; a change of owner also raises
  ``conversations.epoch`` in the same transaction (``bot.desk.ownership``);
* spans by owner follow each other without gap or overlap: the clocks bot, queue and human are apart;
  the fourth, wrap-up, is ``ended_at`` to ``closed_at`` of a handoff.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.tables import UtcDateTime, metadata

QUEUED, RINGING, HUMAN, WRAP_UP, CLOSED, LEFT, CANCELLED = (
    "queued",
    "ringing",
    "human",
    "wrap_up",
    "closed",
    "left",
    "cancelled",
)
HANDOFF_STATES = (QUEUED, RINGING, HUMAN, WRAP_UP, CLOSED, LEFT, CANCELLED)
LIVE = (QUEUED, RINGING, HUMAN)
SPAN_OWNERS = ("bot", "queue", "human")
AGENT_STATUSES = ("online", "busy", "break", "wrap_up", "offline")
NOTE_KINDS = ("note", "memo", "whisper", "consult")
DELIVERY_STATES = ("waiting", "delivered", "failed")


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _conversation() -> Column:  # type: ignore[type-arg]
    return Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False)


handoffs = Table(
    "handoffs",
    metadata,
    Column("id", String(32), primary_key=True),
    _conversation(),
    Column("state", String(10), nullable=False),
    Column("outcome", String(16)),
    # Why, by which rule, for whom
    Column("reason", String(40), nullable=False),
    Column("clause", String(80), nullable=False),
    Column("skill", String(16), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("rank", Integer, nullable=False),
    # Who
    Column("agent_no", String(32)),
    Column("preferred_agent", String(32)),
    Column("target_agent", String(32)),
    Column("passed", JSON, nullable=False),
    # When
    Column("requested_at", UtcDateTime, nullable=False),
    Column("waiting_since", UtcDateTime, nullable=False),
    Column("ring_until", UtcDateTime),
    Column("accepted_at", UtcDateTime),
    Column("first_reply_at", UtcDateTime),
    Column("last_customer_at", UtcDateTime),
    Column("last_agent_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    # Courtesies on the way
    Column("idle_step", Integer, nullable=False),
    Column("idle_since", UtcDateTime),
    Column("told_long_wait", Boolean, nullable=False),
    Column("proposal", String(8)),
    Column("rating_invited", Boolean, nullable=False),
    # What came of it
    Column("summary", JSON(none_as_null=True)),
    Column("settled", Text),
    Column("disposition", String(40)),
    Column("disposition_note", Text),
    Column("case_number", String(24)),
    CheckConstraint(_among("state", HANDOFF_STATES), name="state"),
)

Index(
    "uq_handoffs_live",
    handoffs.c.conversation_id,
    unique=True,
    sqlite_where=text(_among("state", LIVE)),
    postgresql_where=text(_among("state", LIVE)),
)
Index("ix_handoffs_state_rank_waiting_since", handoffs.c.state, handoffs.c.rank, handoffs.c.waiting_since)
Index("ix_handoffs_agent_no_state", handoffs.c.agent_no, handoffs.c.state)
Index("ix_handoffs_conversation_id", handoffs.c.conversation_id)

owner_spans = Table(
    "owner_spans",
    metadata,
    Column("id", String(32), primary_key=True),
    _conversation(),
    Column("handoff_id", String(32)),
    Column("owner", String(8), nullable=False),
    Column("agent_no", String(32)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("first_seq", Integer, nullable=False),
    CheckConstraint(_among("owner", SPAN_OWNERS), name="owner"),
    Index(None, "conversation_id", "started_at"),
)

desk_agents = Table(
    "desk_agents",
    metadata,
    Column("staff_no", String(32), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("status", String(8), nullable=False),
    Column("status_reason", String(60)),
    Column("status_since", UtcDateTime, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("last_assigned_at", UtcDateTime),
    Column("missed_rings", Integer, nullable=False),
    Column("pulls_only", Boolean, nullable=False),
    CheckConstraint(_among("status", AGENT_STATUSES), name="status"),
)

desk_notes = Table(
    "desk_notes",
    metadata,
    Column("id", String(32), primary_key=True),
    _conversation(),
    Column("handoff_id", String(32)),
    Column("kind", String(8), nullable=False),
    Column("author_no", String(32), nullable=False),
    Column("to_no", String(32)),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint(_among("kind", NOTE_KINDS), name="kind"),
    Index(None, "conversation_id", "created_at"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", String(32), primary_key=True),
    _conversation(),
    Column("subject", String(32), nullable=False),
    Column("agent_no", String(32)),
    Column("stars", Integer),
    Column("reasons", JSON, nullable=False),
    Column("text", Text),
    Column("masked", JSON(none_as_null=True)),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("stars IS NULL OR stars BETWEEN 1 AND 5", name="stars"),
    UniqueConstraint("conversation_id", "subject"),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("title", String(60), nullable=False),
    Column("category", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("updated_by", String(32)),
    Column("updated_at", UtcDateTime, nullable=False),
)

phrase_rules = Table(
    "phrase_rules",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("pattern", String(200), nullable=False),
    Column("action", String(8), nullable=False),
    Column("hint", String(200), nullable=False),
    Column("clause", String(80)),
    Column("enabled", Boolean, nullable=False),
    Column("updated_by", String(32)),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint(_among("kind", ("word", "regex")), name="kind"),
    CheckConstraint(_among("action", ("warn", "block")), name="action"),
)

desk_settings = Table(
    "desk_settings",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("updated_by", String(32)),
    Column("updated_at", UtcDateTime, nullable=False),
)

conversation_signals = Table(
    "conversation_signals",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("misses", Integer, nullable=False),
    Column("dissatisfied", Integer, nullable=False),
    Column("secrets", Integer, nullable=False),
    Column("topic", String(40)),
    Column("alarm", String(40)),
    Column("alarm_at", UtcDateTime),
    Column("alarm_seen_by", String(32)),
    Column("returned", JSON(none_as_null=True)),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "alarm_at"),
)

visits = Table(
    "visits",
    metadata,
    Column("id", String(32), primary_key=True),
    _conversation(),
    Column("visitor", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "visitor", "at"),
)

topic_days = Table(
    "topic_days",
    metadata,
    Column("topic", String(40), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("asked", Integer, nullable=False),
)

suggestion_uses = Table(
    "suggestion_uses",
    metadata,
    Column("id", String(32), primary_key=True),
    _conversation(),
    Column("seq", Integer, nullable=False),
    Column("staff_no", String(32), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("aspect", String(16)),
    Column("edited", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("url", String(500), nullable=False),
    Column("events", JSON, nullable=False),
    Column("secret", String(500), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_by", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", String(40), nullable=False),
    Column("body", JSON, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("lease", String(32)),
    Column("status_code", Integer),
    Column("error", String(80)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    CheckConstraint(_among("state", DELIVERY_STATES), name="state"),
    Index(None, "state", "next_at"),
)
