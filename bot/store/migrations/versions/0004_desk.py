"""Handoffs, spans by owner, agents, notes, ratings, rules, webhooks.

Revision: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the agents' desk."""
    time = sa.DateTime(timezone=True)
    op.add_column("messages", sa.Column("author", sa.String(length=32)))
    op.create_table(
        "canned_replies",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_by", sa.String(length=32), nullable=True),
        sa.Column("updated_at", time, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_canned_replies"),
    )
    op.create_table(
        "desk_agents",
        sa.Column("staff_no", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("status_reason", sa.String(length=60), nullable=True),
        sa.Column("status_since", time, nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("heartbeat_at", time, nullable=False),
        sa.Column("last_assigned_at", time, nullable=True),
        sa.Column("missed_rings", sa.Integer(), nullable=False),
        sa.Column("pulls_only", sa.Boolean(), nullable=False),
        sa.CheckConstraint("status IN ('online', 'busy', 'break', 'wrap_up', 'offline')", name="ck_desk_agents_status"),
        sa.PrimaryKeyConstraint("staff_no", name="pk_desk_agents"),
    )
    op.create_table(
        "desk_settings",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("updated_by", sa.String(length=32), nullable=True),
        sa.Column("updated_at", time, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_desk_settings"),
    )
    op.create_table(
        "phrase_rules",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("pattern", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("hint", sa.String(length=200), nullable=False),
        sa.Column("clause", sa.String(length=80), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_by", sa.String(length=32), nullable=True),
        sa.Column("updated_at", time, nullable=False),
        sa.CheckConstraint("action IN ('warn', 'block')", name="ck_phrase_rules_action"),
        sa.CheckConstraint("kind IN ('word', 'regex')", name="ck_phrase_rules_kind"),
        sa.PrimaryKeyConstraint("key", name="pk_phrase_rules"),
    )
    op.create_table(
        "topic_days",
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "day", name="pk_topic_days"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(length=500), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.Column("created_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "conversation_signals",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("dissatisfied", sa.Integer(), nullable=False),
        sa.Column("secrets", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("alarm", sa.String(length=40), nullable=True),
        sa.Column("alarm_at", time, nullable=True),
        sa.Column("alarm_seen_by", sa.String(length=32), nullable=True),
        sa.Column("returned", sa.JSON(), nullable=True),
        sa.Column("updated_at", time, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_conversation_signals_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_conversation_signals"),
    )
    op.create_index("ix_conversation_signals_alarm_at", "conversation_signals", ["alarm_at"], unique=False)
    op.create_table(
        "desk_notes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("handoff_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("author_no", sa.String(length=32), nullable=False),
        sa.Column("to_no", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.CheckConstraint("kind IN ('note', 'memo', 'whisper', 'consult')", name="ck_desk_notes_kind"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_desk_notes_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_desk_notes"),
    )
    op.create_index(
        "ix_desk_notes_conversation_id_created_at", "desk_notes", ["conversation_id", "created_at"], unique=False
    )
    op.create_table(
        "handoffs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("clause", sa.String(length=80), nullable=False),
        sa.Column("skill", sa.String(length=16), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("agent_no", sa.String(length=32), nullable=True),
        sa.Column("preferred_agent", sa.String(length=32), nullable=True),
        sa.Column("target_agent", sa.String(length=32), nullable=True),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.Column("requested_at", time, nullable=False),
        sa.Column("waiting_since", time, nullable=False),
        sa.Column("ring_until", time, nullable=True),
        sa.Column("accepted_at", time, nullable=True),
        sa.Column("first_reply_at", time, nullable=True),
        sa.Column("last_customer_at", time, nullable=True),
        sa.Column("last_agent_at", time, nullable=True),
        sa.Column("ended_at", time, nullable=True),
        sa.Column("closed_at", time, nullable=True),
        sa.Column("idle_step", sa.Integer(), nullable=False),
        sa.Column("idle_since", time, nullable=True),
        sa.Column("told_long_wait", sa.Boolean(), nullable=False),
        sa.Column("proposal", sa.String(length=8), nullable=True),
        sa.Column("rating_invited", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.Column("settled", sa.Text(), nullable=True),
        sa.Column("disposition", sa.String(length=40), nullable=True),
        sa.Column("disposition_note", sa.Text(), nullable=True),
        sa.Column("case_number", sa.String(length=24), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'ringing', 'human', 'wrap_up', 'closed', 'left', 'cancelled')",
            name="ck_handoffs_state",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_handoffs_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
    )
    op.create_index("ix_handoffs_agent_no_state", "handoffs", ["agent_no", "state"], unique=False)
    op.create_index("ix_handoffs_conversation_id", "handoffs", ["conversation_id"], unique=False)
    op.create_index(
        "ix_handoffs_state_rank_waiting_since", "handoffs", ["state", "rank", "waiting_since"], unique=False
    )
    op.create_index(
        "uq_handoffs_live",
        "handoffs",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'ringing', 'human')"),
        postgresql_where=sa.text("state IN ('queued', 'ringing', 'human')"),
    )
    op.create_table(
        "owner_spans",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("handoff_id", sa.String(length=32), nullable=True),
        sa.Column("owner", sa.String(length=8), nullable=False),
        sa.Column("agent_no", sa.String(length=32), nullable=True),
        sa.Column("started_at", time, nullable=False),
        sa.Column("ended_at", time, nullable=True),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("owner IN ('bot', 'queue', 'human')", name="ck_owner_spans_owner"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_owner_spans_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_owner_spans"),
    )
    op.create_index(
        "ix_owner_spans_conversation_id_started_at", "owner_spans", ["conversation_id", "started_at"], unique=False
    )
    op.create_table(
        "ratings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("agent_no", sa.String(length=32), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("masked", sa.JSON(), nullable=True),
        sa.Column("created_at", time, nullable=False),
        sa.CheckConstraint("stars IS NULL OR stars BETWEEN 1 AND 5", name="ck_ratings_stars"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_ratings_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ratings"),
        sa.UniqueConstraint("conversation_id", "subject", name="uq_ratings_conversation_id_subject"),
    )
    op.create_table(
        "suggestion_uses",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("staff_no", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("aspect", sa.String(length=16), nullable=True),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_suggestion_uses_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_suggestion_uses"),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("visitor", sa.String(length=80), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_visits_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )
    op.create_index("ix_visits_visitor_at", "visits", ["visitor", "at"], unique=False)
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("webhook_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", time, nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=True),
        sa.Column("created_at", time, nullable=False),
        sa.Column("delivered_at", time, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="ck_webhook_deliveries_state"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_deliveries_webhook_id_webhooks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_state_next_at", "webhook_deliveries", ["state", "next_at"], unique=False)


def downgrade() -> None:
    """Drop the tables of the agents' desk."""
    for table in (
        "webhook_deliveries",
        "visits",
        "suggestion_uses",
        "ratings",
        "owner_spans",
        "handoffs",
        "desk_notes",
        "conversation_signals",
        "webhooks",
        "topic_days",
        "phrase_rules",
        "desk_settings",
        "desk_agents",
        "canned_replies",
    ):
        op.drop_table(table)
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("author")
