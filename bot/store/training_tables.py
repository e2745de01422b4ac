"""Tables of the trainers' workbench: candidate examples, what was done to them, messages put aside, models.

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

# A model is a candidate until published; one is live; those that were live before may come back.
CANDIDATE, LIVE, RETIRED = "candidate", "live", "retired"
MODEL_STATES = (CANDIDATE, LIVE, RETIRED)

model_versions = Table(
    "model_versions",
    metadata,
    Column("digest", String(16), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("report", JSON(none_as_null=True)),
    Column("candidates", JSON, nullable=False),
    Column("changed_files", JSON, nullable=False),
    Column("trained_by", String(32), nullable=False),
    Column("trained_at", UtcDateTime, nullable=False),
    Column("published_by", String(32)),
    Column("published_at", UtcDateTime),
    Column("overrule_reason", Text),
    CheckConstraint(f"state IN {MODEL_STATES!r}", name="state"),
)

RUNNING, DONE, FAILED = "running", "done", "failed"
JOB_STATES = (RUNNING, DONE, FAILED)

training_jobs = Table(
    "training_jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("step", String(16), nullable=False),
    Column("steps", JSON, nullable=False),
    Column("digest", String(16)),
    Column("error", Text),
    Column("started_by", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint(f"state IN {JOB_STATES!r}", name="state"),
    Index("ix_training_jobs_started_at", "started_at"),
)
