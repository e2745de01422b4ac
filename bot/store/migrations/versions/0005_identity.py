"""One-time codes, contacts, host-signed identity of a conversation.

Revision: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_CONVERSATION = (
    sa.Column("identity_until", _TIME),
    sa.Column("customer_ref", sa.String(64)),
    sa.Column("customer_name", sa.String(40)),
    sa.Column("customer_tail", sa.String(4)),
)


def _case_access(*more: sa.ForeignKeyConstraint) -> None:
    op.drop_table("case_access")  # unlocking lasts half an hour
    op.create_table(
        "case_access",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("case_number", sa.String(40), nullable=False),
        sa.Column("unlocked_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "case_number", name="pk_case_access"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_case_access_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        *more,
    )


def upgrade() -> None:
    """Create the tables and columns; cases may live in the bank's own system."""
    for column in _CONVERSATION:
        op.add_column("conversations", column.copy())
    op.add_column("messages", sa.Column("intake", sa.JSON))
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("case_number", sa.String(40), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("wrong_tries", sa.Integer, nullable=False),
        sa.Column("shown", sa.Text),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_codes"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_one_time_codes_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'dead')", name="ck_one_time_codes_state"),
    )
    op.create_index("ix_one_time_codes_conversation_id_created_at", "one_time_codes", ["conversation_id", "created_at"])
    op.create_table(
        "contacts",
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("tail", sa.String(4), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_contacts"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_contacts_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_contacts_conversation_id", "contacts", ["conversation_id"])
    op.create_index("ix_contacts_expires_at", "contacts", ["expires_at"])
    op.create_table(
        "used_tokens",
        sa.Column("jti_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("jti_hash", name="pk_used_tokens"),
    )
    op.create_index("ix_used_tokens_expires_at", "used_tokens", ["expires_at"])
    _case_access()


def downgrade() -> None:
    """Drop the tables and columns."""
    _case_access(
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="fk_case_access_case_number_cases")
    )
    for table in ("used_tokens", "contacts", "one_time_codes"):
        op.drop_table(table)
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("intake")
    with op.batch_alter_table("conversations") as batch:
        for column in _CONVERSATION:
            batch.drop_column(column.name)
