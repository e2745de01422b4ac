"""A model belongs to the data it was trained on: changed data means a new model, and only then."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.processes import training
from bot.processes.stack import CannotStart
from bot.processes.training import data_digest, ensure_model, trained_model
from bot.settings import PROJECT_ROOT

FILES = {
    "config.yml": "language: zh\n",
    "domain.yml": "intents: []\n",
    "data/nlu/card.yml": "nlu: []\n",
    "data/rules/acts.yml": "rules: []\n",
    "data/stories/talk.yml": "stories: []\n",
    "data/lexicon/banking.txt": "信用卡\n",
    "data/lexicon/spacy_zh/config.cfg": "[nlp]\n",
    "bot/nlu/heads.py": "ridge = 1\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_that_the_digest_changes_with_every_file_a_model_is_made_of(root: Path, name: str) -> None:
    before = data_digest(root)
    assert data_digest(root) == before
    (root / name).write_text(FILES[name] + "# changed\n", encoding="utf-8")
    assert data_digest(root) != before


def test_that_a_new_or_renamed_file_changes_the_digest(root: Path) -> None:
    before = data_digest(root)
    (root / "data/nlu/loan.yml").write_text("nlu: []\n", encoding="utf-8")
    added = data_digest(root)
    (root / "data/nlu/loan.yml").rename(root / "data/nlu/loans.yml")
    assert len({before, added, data_digest(root)}) == 3


@pytest.mark.parametrize("name", ["bot/nlu/__pycache__/heads.cpython-310.pyc", "data/knowledge/bank.yml", "README.md"])
def test_that_what_no_model_is_made_of_changes_nothing(root: Path, name: str) -> None:
    before = data_digest(root)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("x", encoding="utf-8")
    assert data_digest(root) == before


def test_that_every_folder_of_the_digest_exists() -> None:
    assert data_digest(PROJECT_ROOT) == data_digest()
    names = {Path(name).parts[:2] for name in FILES if "/" in name}
    assert all((PROJECT_ROOT / Path(*parts)).is_dir() for parts in names)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was run instead of training, which succeeds unless a test says otherwise."""
    found: list[tuple[Any, ...]] = []

    def run(argv: tuple[str, ...], log: Path) -> int:
        found.append(argv)
        out = Path(argv[argv.index("--out") + 1])
        out.mkdir(exist_ok=True)
        (out / f"{argv[argv.index('--fixed-model-name') + 1]}.tar.gz").write_bytes(b"model")
        return 0

    monkeypatch.setattr(training, "_run_showing_progress", run)
    monkeypatch.setattr(training, "data_digest", lambda: "0123456789abcdef")
    return found


def test_that_training_happens_once_for_the_same_data(tmp_path: Path, runs: list[tuple[Any, ...]]) -> None:
    models = tmp_path / "models"
    assert trained_model(models) is None
    first = ensure_model(models)
    assert first.is_file() and "0123456789abcdef" in first.name
    assert ensure_model(models) == trained_model(models) == first
    assert len(runs) == 1


def test_that_changed_data_is_trained_anew_beside_the_old_model(
    tmp_path: Path, runs: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = ensure_model(tmp_path / "models")
    monkeypatch.setattr(training, "data_digest", lambda: "fedcba9876543210")
    new = ensure_model(tmp_path / "models")
    assert old != new and old.is_file() and new.is_file()
    assert len(runs) == 2


def test_that_failed_training_says_what_to_do_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (sys.executable, "-c", "print('the reason'); raise SystemExit(3)")
    monkeypatch.setattr(training, "python", lambda *arguments: broken)
    with pytest.raises(CannotStart, match="make train") as failure:
        ensure_model(tmp_path / "models")
    assert "the reason" in str(failure.value)


def test_that_training_shows_its_progress(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    line = "Starting to train component 'RoutingClassifier'."
    assert training._run_showing_progress((sys.executable, "-c", f'print("{line}")'), tmp_path / "training.log") == 0
    assert "RoutingClassifier" in capfd.readouterr().err
    assert line in (tmp_path / "training.log").read_text(encoding="utf-8")


def test_that_training_reads_all_the_data_that_the_digest_covers(tmp_path: Path, runs: list[tuple[Any, ...]]) -> None:
    ensure_model(tmp_path / "models")
    (argv,) = runs
    data = argv[argv.index("--data") + 1 :]
    assert {str(PROJECT_ROOT / "data" / name) for name in ("nlu", "rules", "stories")} <= set(data)
    shutil.rmtree(tmp_path / "models")
    assert trained_model(tmp_path / "models") is None
