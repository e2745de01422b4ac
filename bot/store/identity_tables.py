"""Tables of identity: staff accounts, their sessions and audit, counters of wrong tries, one-time codes, contacts.

No secret stands here in a readable form: passwords are argon2 hashes, tokens, codes and what is counted are
digests, TOTP secrets and phone numbers are encrypted.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from bot.store.tables import UtcDateTime, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("max_chats", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("totp_secret", Text),
    Column("totp_pending", Text),
    Column("totp_last_step", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "staff_id"),
)

staff_audit = Table(
    "staff_audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(32)),
    Column("action", String(40), nullable=False),
    Column("subject", String(64)),
    Column("address", String(64)),
    Column("details", JSON, nullable=False),
    Index(None, "actor", "at"),
)

lockouts = Table(
    "lockouts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("scope", String(24), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("locked_until", UtcDateTime),
    Index(None, "last_at"),
)

PENDING, ACCEPTED, DEAD = "pending", "accepted", "dead"

one_time_codes = Table(
    "one_time_codes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("case_number", String(40), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("wrong_tries", Integer, nullable=False),
    Column("shown", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    CheckConstraint("state IN ('pending', 'accepted', 'dead')", name="state"),
    Index(None, "conversation_id", "created_at"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("tail", String(4), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "conversation_id"),
    Index(None, "expires_at"),
)

used_tokens = Table(
    "used_tokens",
    metadata,
    Column("jti_hash", String(64), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
)
