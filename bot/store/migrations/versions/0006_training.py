"""Candidate examples, their history, messages put aside.

Revision: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the trainers' workbench."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "training_candidates",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("aspect", sa.String(length=32), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", time, nullable=False),
        sa.Column("reviewed_by", sa.String(length=32), nullable=True),
        sa.Column("reviewed_at", time, nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'trained')", name="ck_training_candidates_state"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_candidates"),
    )
    op.create_index("ix_training_candidates_state_proposed_at", "training_candidates", ["state", "proposed_at"])
    op.create_table(
        "training_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["training_candidates.id"],
            name="fk_training_history_candidate_id_training_candidates",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_history"),
    )
    op.create_index("ix_training_history_candidate_id_id", "training_history", ["candidate_id", "id"])
    op.create_table(
        "training_settled",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=True),
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name="pk_training_settled"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("training_settled", "training_history", "training_candidates"):
        op.drop_table(table)
