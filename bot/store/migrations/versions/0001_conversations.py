"""Conversations, messages, buttons, feedback.

Revision: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the conversation log."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("elder", sa.Boolean, nullable=False),
        sa.Column("identity", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(8), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.CheckConstraint("owner IN ('bot', 'queue', 'human')", name="ck_conversations_owner"),
    )
    op.create_table(
        "messages",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("blocks", sa.JSON, nullable=False),
        sa.Column("routing", sa.JSON),
        sa.Column("client_id", sa.String(64)),
        sa.Column("masked", sa.JSON),
        sa.Column("payload", sa.JSON),
        sa.Column("reply_to", sa.Integer),
        sa.Column("part", sa.Integer),
        sa.Column("answer_state", sa.String(8)),
        sa.Column("lease", sa.String(80)),
        sa.Column("lease_until", time),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_messages_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("role IN ('customer', 'bot', 'agent', 'system')", name="ck_messages_role"),
        sa.CheckConstraint(
            "answer_state IS NULL OR answer_state IN ('open', 'answered', 'failed', 'desk')",
            name="ck_messages_answer_state",
        ),
        sa.UniqueConstraint("conversation_id", "client_id", name="uq_messages_conversation_id_client_id"),
        sa.UniqueConstraint(
            "conversation_id", "reply_to", "part", name="uq_messages_conversation_id_reply_to_part"
        ),
    )
    op.create_index(
        "ix_messages_open",
        "messages",
        ["conversation_id", "seq"],
        sqlite_where=sa.text("answer_state = 'open'"),
        postgresql_where=sa.text("answer_state = 'open'"),
    )
    op.create_table(
        "buttons",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_buttons"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "seq"],
            ["messages.conversation_id", "messages.seq"],
            name="fk_buttons_conversation_id_seq_messages",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_buttons_conversation_id_seq", "buttons", ["conversation_id", "seq"])
    op.create_table(
        "feedback",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("value", sa.String(4), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("masked", sa.JSON),
        sa.Column("created_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name="pk_feedback"),
        sa.CheckConstraint("value IN ('up', 'down')", name="ck_feedback_value"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "seq"],
            ["messages.conversation_id", "messages.seq"],
            name="fk_feedback_conversation_id_seq_messages",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Drop the conversation log."""
    for table in ("feedback", "buttons", "messages", "conversations"):
        op.drop_table(table)
