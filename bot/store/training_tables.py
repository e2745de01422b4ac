"""Tables of the trainers' workbench: candidate examples, what was done to them, messages put aside.

Invariants the schema itself keeps: a message of the log is put aside once; a candidate's text is masked
like everything else; ``training_history`` is only ever added to.
"""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from bot.store.tables import UtcDateTime, metadata

# Proposed by one person; approved or rejected by another; trained once it stands in a published model's data.
PROPOSED, APPROVED, REJECTED, TRAINED = "proposed", "approved", "rejected", "trained"
CANDIDATE_STATES = (PROPOSED, APPROVED, REJECTED, TRAINED)

training_candidates = Table(
    "training_candidates",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("act", String(32), nullable=False),
    Column("topic", String(64)),
    Column("aspect", String(32)),
    Column("answer", Text),
    Column("note", Text, nullable=False),
    Column("origin", JSON(none_as_null=True)),
    Column("state", String(12), nullable=False),
    Column("proposed_by", String(32), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("reviewed_by", String(32)),
    Column("reviewed_at", UtcDateTime),
    CheckConstraint(f"state IN {CANDIDATE_STATES!r}", name="state"),
    Index(None, "state", "proposed_at"),
)

training_history = Table(
    "training_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("candidate_id", ForeignKey("training_candidates.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(32), nullable=False),
    Column("what", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Index(None, "candidate_id", "id"),
)

training_settled = Table(
    "training_settled",
    metadata,
    Column("conversation_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("candidate_id", String(32)),
    Column("who", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
