"""Tables of the conversation log.

Invariants the schema itself keeps:

* ``messages``: one row per ``(conversation_id, seq)``; one row per ``(conversation_id, client_id)``,
  so a retry doubles nothing; one row per ``(conversation_id, reply_to, part)``, so a customer's
  message can't be answered twice, whatever the processes do.
* ``conversations.epoch`` grows with every change of owner; who writes a bot reply compares it in the
  same transaction.
* Only hashes of tokens are kept. Texts are masked before they get here.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.types import TypeDecorator

OWNERS = ("bot", "queue", "human")
ROLES = ("customer", "bot", "agent", "system")

# States of a customer's row: waiting for the bot; answered; told that it failed; left for a human.
OPEN = "open"
ANSWERED = "answered"
FAILED = "failed"
DESK = "desk"
ANSWER_STATES = (OPEN, ANSWERED, FAILED, DESK)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator):  # type: ignore[misc]
    """A point in time: aware in Python, UTC in the database (SQLite has no time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To the database: in UTC; a time without zone is an error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """From the database: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token_hash", String(64), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("elder", Boolean, nullable=False),
    Column("identity", String(16), nullable=False),
    Column("identity_until", UtcDateTime),
    Column("customer_ref", String(64)),
    Column("customer_name", String(40)),
    Column("customer_tail", String(4)),
    Column("owner", String(8), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint(_one_of("owner", OWNERS), name="owner"),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("role", String(8), nullable=False),
    Column("author", String(32)),
    Column("blocks", JSON, nullable=False),
    Column("routing", JSON(none_as_null=True)),
    Column("client_id", String(64)),
    Column("masked", JSON(none_as_null=True)),
    Column("payload", JSON(none_as_null=True)),
    Column("intake", JSON(none_as_null=True)),
    Column("reply_to", Integer),
    Column("part", Integer),
    Column("answer_state", String(8)),
    Column("lease", String(80)),
    Column("lease_until", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint(_one_of("role", ROLES), name="role"),
    CheckConstraint(f"answer_state IS NULL OR {_one_of('answer_state', ANSWER_STATES)}", name="answer_state"),
    UniqueConstraint("conversation_id", "client_id"),
    UniqueConstraint("conversation_id", "reply_to", "part"),
)

# A literal, so that both databases see that the partial index fits.
is_open = messages.c.answer_state == literal_column(f"'{OPEN}'")

Index(
    "ix_messages_open",
    messages.c.conversation_id,
    messages.c.seq,
    sqlite_where=is_open,
    postgresql_where=is_open,
)

buttons = Table(
    "buttons",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("title", String(60), nullable=False),
    Column("payload", JSON, nullable=False),
    ForeignKeyConstraint(["conversation_id", "seq"], ["messages.conversation_id", "messages.seq"], ondelete="CASCADE"),
    Index(None, "conversation_id", "seq"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("conversation_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("value", String(4), nullable=False),
    Column("reason", Text),
    Column("masked", JSON(none_as_null=True)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint(_one_of("value", ("up", "down")), name="value"),
    ForeignKeyConstraint(["conversation_id", "seq"], ["messages.conversation_id", "messages.seq"], ondelete="CASCADE"),
)
