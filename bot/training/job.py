"""One training: stage approved examples, train, read the frozen questions with both models, compare.

Runs as a program of its own (``python -m bot.training.job ID``) and writes its progress into the
database, so that every server can show it. One at a time; a job that stopped reporting counts as dead.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, update

from bot.chat.conversations import now
from bot.errors import NuoyanError, TrainingBusy
from bot.processes.stack import CannotStart
from bot.processes.training import ensure_model, train_into
from bot.settings import PROJECT_ROOT, get_settings
from bot.store.database import Database
from bot.store.training_tables import APPROVED, DONE, FAILED, RUNNING, training_jobs
from bot.training.candidates import Candidates
from bot.training.evaluation import FROZEN, load
from bot.training.gates import compare
from bot.training.labels import shared_taxonomy
from bot.training.staging import stage
from bot.training.versions import Versions

STEPS = {"stage": "准备数据", "train": "训练", "live": "评测现用模型", "candidate": "评测候选模型", "compare": "对比"}
SILENT = timedelta(minutes=10)
_TABLE = training_jobs


class Jobs:
    """Repository of training jobs."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    def begin(self, who: str) -> str:
        """Claim the one place for a training; returns the job's id.

        Raises:
            TrainingBusy: one is under way.
        """
        at, job_id = self._clock(), uuid4().hex
        with self._database.write() as connection:
            running = connection.execute(select(_TABLE).where(_TABLE.c.state == RUNNING)).all()
            if any(row.updated_at > at - SILENT for row in running):
                raise TrainingBusy()
            connection.execute(
                update(_TABLE).where(_TABLE.c.state == RUNNING).values(state=FAILED, error="训练进程中断，没有完成。")
            )
            values = {"state": RUNNING, "step": "stage", "steps": {}, "started_by": who}
            connection.execute(insert(_TABLE).values(id=job_id, started_at=at, updated_at=at, **values))
        return job_id

    def step(self, job_id: str, step: str) -> None:
        """Note that a step begins; how long each took shows in ``steps``."""
        with self._database.write() as connection:
            row = connection.execute(select(_TABLE).where(_TABLE.c.id == job_id)).one()
            steps = {**row.steps, row.step: round((self._clock() - row.updated_at).total_seconds(), 1)}
            connection.execute(
                update(_TABLE).where(_TABLE.c.id == job_id).values(step=step, steps=steps, updated_at=self._clock())
            )

    def end(self, job_id: str, digest: str | None, error: str | None = None) -> None:
        """Note how it ended: the version made, or what went wrong in Chinese."""
        self.step(job_id, "compare")
        values = {"state": FAILED if error else DONE, "digest": digest, "error": error}
        with self._database.write() as connection:
            connection.execute(update(_TABLE).where(_TABLE.c.id == job_id).values(**values))

    def latest(self) -> dict[str, Any] | None:
        """Return the newest job for the pages, with the seconds it will still take (by the one before)."""
        query = select(_TABLE).order_by(_TABLE.c.started_at.desc()).limit(2)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return None
        row, before = rows[0], rows[1].steps if len(rows) > 1 else {}
        done = set(row.steps) | {row.step}
        left = sum(seconds for step, seconds in before.items() if step not in done) + before.get(row.step, 0)
        return {
            "id": row.id,
            "state": row.state,
            "step": row.step,
            "title": STEPS[row.step],
            "steps": row.steps,
            "digest": row.digest,
            "error": row.error,
            "started_by": row.started_by,
            "started_at": row.started_at.isoformat(),
            "seconds_left": left if row.state == RUNNING and before else None,
        }


def run_job(database: Database, job_id: str, who: str, work: Path) -> str:
    """Do the whole work of one job; returns the digest of the version made.

    In: ``work``: a folder for the copy of the data and for readings, kept between jobs.

    Raises:
        NuoyanError, CannotStart: what went wrong; the job says so too.
    """
    jobs, versions = Jobs(database), Versions(database)
    try:
        candidates = Candidates(database, shared_taxonomy())
        staged = stage(work / "data", reversed(candidates.all(APPROVED)))
        jobs.step(job_id, "train")
        live = ensure_model()
        model = train_into(versions.path(staged.digest), staged.root)
        jobs.step(job_id, "live")
        before = _readings(live, work)
        jobs.step(job_id, "candidate")
        after = _readings(model, work)
        jobs.step(job_id, "compare")
        report = compare(load(before), load(after)).as_json()
        versions.register(staged.digest, who, report, staged.candidates, staged.changed)
    except (NuoyanError, CannotStart) as error:
        jobs.end(job_id, None, error.text if isinstance(error, NuoyanError) else str(error))
        raise
    jobs.end(job_id, staged.digest)
    return staged.digest


def _readings(model: Path, work: Path) -> Path:
    """Return the file with a model's readings of the frozen questions, made unless it is there."""
    frozen = hashlib.sha256()
    for path in sorted(FROZEN.glob("*.yml")):
        frozen.update(path.read_bytes())
    out = work / "readings" / f"{model.name.removesuffix('.tar.gz')}-{frozen.hexdigest()[:12]}.json"
    if not out.is_file():
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = out.with_suffix(".part")
        command = [sys.executable, "-m", "bot.training.evaluation", str(model), str(partial)]
        done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603
        if done.returncode != 0:
            raise CannotStart(f"模型没能读完评测题：{done.stderr.strip().splitlines()[-1:]}")
        partial.replace(out)
    return out


def spawn(job_id: str, who: str) -> None:
    """Start the job's own process, detached from the server and at a low priority: customers first."""
    settings = get_settings()
    log = settings.var_dir / "logs" / "training.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "bot.training.job", job_id, who],
            cwd=PROJECT_ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "NUOYAN_VAR_DIR": str(settings.var_dir), "NUOYAN_DATABASE_URL": settings.database_url},
        )


def main(arguments: list[str]) -> None:
    """Run the job ``ID`` started by ``WHO``."""
    job_id, who = arguments
    os.nice(5)
    settings = get_settings()
    database = Database(settings.database_url)
    try:
        run_job(database, job_id, who, settings.var_dir / "training")
    except (NuoyanError, CannotStart) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    finally:
        database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
