"""Model versions and training jobs: one live, files verified, gates kept, one training at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.errors import GatesFailed, ModelNotFound, ModelTampered, TrainingBusy
from bot.store.database import Database
from bot.training import job
from bot.training.candidates import Candidates
from bot.training.evaluation import Reading, save
from bot.training.job import Jobs, run_job
from bot.training.labels import Label, Taxonomy
from bot.training.versions import Versions

AT = datetime(2026, 11, 20, tzinfo=timezone.utc)
OLD, NEW = "0" * 16, "1" * 16
FAILED = {"gates": [{"id": "risky_recall", "title": "挂失识别率不下降", "passed": False}]}


class Clock:
    """Time that a test moves on."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


@pytest.fixture
def versions(database: Database, tmp_path: Path, clock: Clock) -> Versions:
    models = tmp_path / "models"
    models.mkdir()
    for digest in (OLD, NEW):
        (models / f"nuoyan-{digest}.tar.gz").write_bytes(digest.encode())
    return Versions(database, models, clock)


def test_that_one_version_is_live_and_the_one_before_comes_back(versions: Versions) -> None:
    assert versions.live() is None
    versions.ensure_live(OLD)
    versions.register(NEW, "3001", {"gates": []}, ["c1"], {"card.yml": "x"})
    assert versions.publish(NEW, "9001").state == "live"
    assert (versions.get(OLD).state, versions.previous().digest) == ("retired", OLD)
    assert versions.roll_back("9001").digest == OLD
    assert versions.get(NEW).state == "candidate"
    live = versions.live()
    assert live is not None and live.digest == OLD
    assert [version.state for version in versions.all()].count("live") == 1


def test_that_a_closed_gate_needs_a_reason(versions: Versions) -> None:
    versions.ensure_live(OLD)
    versions.register(NEW, "3001", FAILED)
    for reason in (None, "  "):
        with pytest.raises(GatesFailed, match="gates_failed") as raised:
            versions.publish(NEW, "3001", reason)
        assert "挂失识别率不下降" in raised.value.text
    assert versions.publish(NEW, "9001", "评测题写错了").overrule_reason == "评测题写错了"


def test_that_a_changed_or_lost_file_is_not_loaded(versions: Versions) -> None:
    versions.register(NEW, "3001")
    assert versions.verified(NEW).is_file()
    versions.path(NEW).write_bytes(b"something else")
    for refused in (lambda: versions.verified(NEW), lambda: versions.publish(NEW, "9001", "理由")):
        with pytest.raises(ModelTampered):
            refused()
    versions.path(NEW).unlink()
    with pytest.raises(ModelTampered):
        versions.verified(NEW)
    with pytest.raises(ModelNotFound):
        versions.get("f" * 16)
    with pytest.raises(ModelNotFound):
        versions.previous()


def test_that_one_training_runs_at_a_time_and_a_dead_one_gives_way(database: Database, clock: Clock) -> None:
    jobs = Jobs(database, clock)
    assert jobs.latest() is None
    first = jobs.begin("3001")
    with pytest.raises(TrainingBusy):
        jobs.begin("3002")
    clock.at += timedelta(minutes=11)
    second = jobs.begin("3002")
    assert second != first
    latest = jobs.latest()
    assert latest is not None and (latest["id"], latest["state"]) == (second, "running")


def test_that_remaining_time_comes_from_the_training_before(database: Database, clock: Clock) -> None:
    jobs = Jobs(database, clock)
    for last in (False, True):
        running = jobs.begin("3001")
        clock.at += timedelta(seconds=9)
        jobs.step(running, "train")
        if last:
            break
        clock.at += timedelta(seconds=49)
        jobs.end(running, None)
    latest = jobs.latest()
    assert latest is not None and 49 <= latest["seconds_left"] <= 55


def reading(label: str, got: str) -> Reading:
    return Reading("卡被盗刷了", label, None, None, got, None, None, 0.9, "answer")


@pytest.mark.parametrize(("got", "passed"), [("report_fraud", True), ("greet", False)])
def test_that_a_job_stages_trains_compares_and_registers(
    database: Database, versions: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, got: str, passed: bool
) -> None:
    candidates = Candidates(database, Taxonomy())
    wanted = candidates.propose("卡叫狗叼走了咋整", Label("ask", "card.loss", "how"), "3001")
    candidates.propose("还没有审核的句子", Label("thanks"), "3001")
    candidates.review(wanted.id, "2001", approve=True)
    seen: dict[str, Any] = {}

    def trained(model: Path, root: Path) -> Path:
        seen["text"] = "".join(path.read_text(encoding="utf-8") for path in (root / "data" / "nlu").glob("*.yml"))
        model.write_bytes(b"model")
        return model

    def readings(model: Path, work: Path) -> Path:
        out = work / f"{model.name}.json"
        save([reading("report_fraud", got if "live" not in model.name else "report_fraud")], out)
        return out

    monkeypatch.setattr(job, "Versions", lambda _database: versions)
    monkeypatch.setattr(job, "ensure_model", lambda: tmp_path / "live.tar.gz")
    monkeypatch.setattr(job, "train_into", trained)
    monkeypatch.setattr(job, "_readings", readings)
    jobs = Jobs(database)
    digest = run_job(database, jobs.begin("3001"), "3001", tmp_path)
    assert "卡叫狗叼走了咋整" in seen["text"] and "还没有审核的句子" not in seen["text"]
    version = versions.get(digest)
    assert version.candidates == (wanted.id,) and version.report is not None
    assert version.report["passed"] is passed
    latest = jobs.latest()
    assert latest is not None and (latest["state"], latest["digest"]) == ("done", digest)


def test_that_a_failed_job_says_why_and_frees_the_place(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_model() -> Path:
        raise job.CannotStart("训练没有成功：示例文件有误。")

    monkeypatch.setattr(job, "ensure_model", no_model)
    jobs = Jobs(database)
    with pytest.raises(job.CannotStart):
        run_job(database, jobs.begin("3001"), "3001", tmp_path)
    latest = jobs.latest()
    assert latest is not None and latest["state"] == "failed" and "示例文件有误" in latest["error"]
    jobs.begin("3001")
