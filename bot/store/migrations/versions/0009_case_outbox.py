"""What still has to go to the bank's own case system; files of cases that live there.

Revision: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the outbox."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "case_outbox",
        sa.Column("case_number", sa.String(20), nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", time, nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.CheckConstraint("state IN ('pending', 'sent', 'refused')", name="ck_case_outbox_state"),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="fk_case_outbox_case_number_cases"),
        sa.PrimaryKeyConstraint("case_number", "seq", name="pk_case_outbox"),
    )
    op.create_index("ix_case_outbox_state_next_at", "case_outbox", ["state", "next_at"])
    op.add_column("cases", sa.Column("forwarded_at", time))
    with op.batch_alter_table("case_files") as files:
        files.drop_constraint("fk_case_files_case_number_cases", type_="foreignkey")


def downgrade() -> None:
    """Drop the outbox."""
    with op.batch_alter_table("case_files") as files:
        files.create_foreign_key("fk_case_files_case_number_cases", "cases", ["case_number"], ["number"])
    with op.batch_alter_table("cases") as cases:
        cases.drop_column("forwarded_at")
    op.drop_table("case_outbox")
