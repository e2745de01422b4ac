"""Cases: cases, their timeline as one chain, deadlines, notices for staff, unlocked access.

Revision: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the cases room."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "cases",
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("demand", sa.Text, nullable=False),
        sa.Column("customer_ref", sa.String(128)),
        sa.Column("conversation_id", sa.String(32)),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("holder", sa.String(60), nullable=False),
        sa.Column("contact", sa.String(40), nullable=False),
        sa.Column("phone_tail", sa.String(4), nullable=False),
        sa.Column("contact_sealed", sa.Text),
        sa.Column("unit", sa.String(60), nullable=False),
        sa.Column("responsible", sa.String(40)),
        sa.Column("responsible_name", sa.String(60), nullable=False),
        sa.Column("category_channel", sa.String(32), nullable=False),
        sa.Column("category_business", sa.String(32), nullable=False),
        sa.Column("category_reason", sa.String(32), nullable=False),
        sa.Column("priority", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("event_count", sa.Integer, nullable=False),
        sa.Column("urged_on", sa.Date),
        sa.Column("decision", sa.JSON),
        sa.Column("rechecked", sa.Boolean, nullable=False),
        sa.Column("idempotency_key", sa.String(128), nullable=False),
        sa.Column("received_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.Column("ended_at", time),
        sa.CheckConstraint("priority IN ('urgent', 'normal')", name="ck_cases_priority"),
        sa.PrimaryKeyConstraint("number", name="pk_cases"),
        sa.UniqueConstraint("idempotency_key", name="uq_cases_idempotency_key"),
    )
    op.create_index("ix_cases_conversation_id", "cases", ["conversation_id"], unique=False)
    op.create_index("ix_cases_customer_ref", "cases", ["customer_ref"], unique=False)
    op.create_index("ix_cases_responsible", "cases", ["responsible"], unique=False)
    op.create_index("ix_cases_status_received_at", "cases", ["status", "received_at"], unique=False)
    op.create_table(
        "chain_heads",
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chain_heads"),
    )
    op.create_table(
        "case_access",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("case_number", sa.String(20), nullable=False),
        sa.Column("unlocked_at", time, nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="fk_case_access_case_number_cases"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_case_access_conversation_id_conversations", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", "case_number", name="pk_case_access"),
    )
    op.create_table(
        "case_deadlines",
        sa.Column("case_number", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("started_at", time, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("due_at", time, nullable=False),
        sa.Column("rule", sa.Date, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("extensions", sa.Integer, nullable=False),
        sa.Column("warned", sa.Integer, nullable=False),
        sa.Column("next_warning_at", time),
        sa.CheckConstraint("state IN ('open', 'met', 'late', 'ended')", name="ck_case_deadlines_state"),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="fk_case_deadlines_case_number_cases"),
        sa.PrimaryKeyConstraint("case_number", "kind", name="pk_case_deadlines"),
    )
    op.create_index("ix_case_deadlines_next_warning_at", "case_deadlines", ["next_warning_at"], unique=False)
    op.create_table(
        "case_events",
        sa.Column("position", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("case_number", sa.String(20), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("actor_name", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("key", sa.String(128)),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="fk_case_events_case_number_cases"),
        sa.PrimaryKeyConstraint("position", name="pk_case_events"),
        sa.UniqueConstraint("case_number", "key", name="uq_case_events_case_number_key"),
        sa.UniqueConstraint("case_number", "seq", name="uq_case_events_case_number_seq"),
    )
    op.create_table(
        "case_notices",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_number", sa.String(20), nullable=False),
        sa.Column("to_staff", sa.String(40)),
        sa.Column("to_role", sa.String(16)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("read_at", time),
        sa.Column("read_by", sa.String(40)),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="fk_case_notices_case_number_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_notices"),
    )
    op.create_index("ix_case_notices_to_role_created_at", "case_notices", ["to_role", "created_at"], unique=False)
    op.create_index("ix_case_notices_to_staff_created_at", "case_notices", ["to_staff", "created_at"], unique=False)


def downgrade() -> None:
    """Drop the cases room."""
    for table in ("case_access", "case_notices", "case_deadlines", "chain_heads", "case_events", "cases"):
        op.drop_table(table)
