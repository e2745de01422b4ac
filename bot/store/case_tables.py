"""Tables of the cases room.

* A case's texts are masked; the contact is readable only in ``contact_sealed``, which is encrypted.
* ``case_events`` is one chain over all cases: ``position`` has no gaps, ``digest`` signs the entry together
  with the digest before it, and ``chain_heads`` signs where the chain ends.
* ``case_access``: which conversation may see which case after a one-time code.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
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
)

from bot.store.tables import UtcDateTime, metadata

cases = Table(
    "cases",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("status", String(20), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("details", Text, nullable=False),
    Column("demand", Text, nullable=False),
    Column("customer_ref", String(128)),
    Column("conversation_id", String(32)),
    Column("channel", String(16), nullable=False),
    Column("holder", String(60), nullable=False),
    Column("contact", String(40), nullable=False),
    Column("phone_tail", String(4), nullable=False),
    Column("contact_sealed", Text),
    Column("unit", String(60), nullable=False),
    Column("responsible", String(40)),
    Column("responsible_name", String(60), nullable=False),
    Column("category_channel", String(32), nullable=False),
    Column("category_business", String(32), nullable=False),
    Column("category_reason", String(32), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("event_count", Integer, nullable=False),
    Column("urged_on", Date),
    Column("decision", JSON(none_as_null=True)),
    Column("rechecked", Boolean, nullable=False),
    Column("idempotency_key", String(128), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("forwarded_at", UtcDateTime),
    UniqueConstraint("idempotency_key"),
    CheckConstraint("priority IN ('urgent', 'normal')", name="priority"),
    Index(None, "customer_ref"),
    Index(None, "conversation_id"),
    Index(None, "status", "received_at"),
    Index(None, "responsible"),
)

case_events = Table(
    "case_events",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("case_number", ForeignKey("cases.number"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("actor_name", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("data", JSON, nullable=False),
    Column("key", String(128)),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("key_id", String(8), nullable=False),
    UniqueConstraint("case_number", "seq"),
    UniqueConstraint("case_number", "key"),
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("name", String(24), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
    Column("key_id", String(8), nullable=False),
)

case_deadlines = Table(
    "case_deadlines",
    metadata,
    Column("case_number", ForeignKey("cases.number"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("rule", Date, nullable=False),
    Column("state", String(8), nullable=False),
    Column("extensions", Integer, nullable=False),
    Column("warned", Integer, nullable=False),
    Column("next_warning_at", UtcDateTime),
    CheckConstraint("state IN ('open', 'met', 'late', 'ended')", name="state"),
    Index(None, "next_warning_at"),
)

case_notices = Table(
    "case_notices",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_number", ForeignKey("cases.number"), nullable=False),
    Column("to_staff", String(40)),
    Column("to_role", String(16)),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Column("read_by", String(40)),
    Index(None, "to_staff", "created_at"),
    Index(None, "to_role", "created_at"),
)

case_access = Table(
    "case_access",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("case_number", String(40), primary_key=True),  # may live in the bank's own case system
    Column("unlocked_at", UtcDateTime, nullable=False),
)

case_files = Table(
    "case_files",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_number", String(20), nullable=False),  # may live in the bank's own case system
    Column("name", String(120), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("added_by", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "case_number"),
)

# What still has to go to the bank's own case system, in the order of ``seq`` within a case.
case_outbox = Table(
    "case_outbox",
    metadata,
    Column("case_number", ForeignKey("cases.number"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("body", JSON, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("lease", String(32)),
    CheckConstraint("state IN ('pending', 'sent', 'refused')", name="state"),
    Index(None, "state", "next_at"),
)
