"""Model versions and training jobs.

Revision: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of trained models."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "model_versions",
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("changed_files", sa.JSON(), nullable=False),
        sa.Column("trained_by", sa.String(length=32), nullable=False),
        sa.Column("trained_at", time, nullable=False),
        sa.Column("published_by", sa.String(length=32), nullable=True),
        sa.Column("published_at", time, nullable=True),
        sa.Column("overrule_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('candidate', 'live', 'retired')", name="ck_model_versions_state"),
        sa.PrimaryKeyConstraint("digest", name="pk_model_versions"),
    )
    op.create_table(
        "training_jobs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_by", sa.String(length=32), nullable=False),
        sa.Column("started_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name="ck_training_jobs_state"),
        sa.PrimaryKeyConstraint("id", name="pk_training_jobs"),
    )
    op.create_index("ix_training_jobs_started_at", "training_jobs", ["started_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("training_jobs")
    op.drop_table("model_versions")
