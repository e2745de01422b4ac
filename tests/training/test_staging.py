"""Staging: candidates go into a copy; the data changes only at publishing, and never over a hand edit."""

from __future__ import annotations

import filecmp
import shutil
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.errors import TrainingFileBroken, TrainingFileChanged
from bot.nlu.examples import read_examples
from bot.processes.training import data_digest
from bot.settings import PROJECT_ROOT
from bot.training.candidates import Candidate
from bot.training.labels import Label, Taxonomy
from bot.training.staging import OWN_FILE, publish_data, stage, withdraw_data
from bot.training.yaml_file import ExamplesFile

NLU_FILES = sorted(path for path in (PROJECT_ROOT / "data" / "nlu").glob("*.yml") if path.name != "responses.yml")
AT = datetime(2026, 11, 20, tzinfo=timezone.utc)


def candidate(text: str, label: Label) -> Candidate:
    return Candidate("c" * 32, text, label, "approved", "3001", AT)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the real data, which may be changed."""
    root = tmp_path / "project"
    (root / "data").mkdir(parents=True)
    for name in ("nlu", "rules", "stories", "lexicon"):
        shutil.copytree(PROJECT_ROOT / "data" / name, root / "data" / name)
    for name in ("config.yml", "domain.yml", "data/taxonomy.yml"):
        shutil.copy2(PROJECT_ROOT / name, root / name)
    (root / "bot").symlink_to(PROJECT_ROOT / "bot")
    return root


def changed_files(project: Path) -> list[str]:
    original = PROJECT_ROOT / "data" / "nlu"
    names = sorted(path.name for path in (project / "data" / "nlu").iterdir())
    return [
        name
        for name in names
        if not (original / name).exists()
        or not filecmp.cmp(original / name, project / "data" / "nlu" / name, shallow=False)
    ]


def test_that_staging_leaves_the_data_alone_and_publishing_changes_one_line(project: Path, tmp_path: Path) -> None:
    label = Label("ask", "card.loss", "how")
    staged = stage(tmp_path / "staged", [candidate("卡叫狗叼走了咋整", label)], project)
    assert changed_files(project) == []
    assert staged.digest != data_digest(project)
    (path,) = publish_data(staged, project)
    assert data_digest(project) == staged.digest
    assert changed_files(project) == [path.name]
    before = (PROJECT_ROOT / "data" / "nlu" / path.name).read_text(encoding="utf-8").splitlines()
    after = path.read_text(encoding="utf-8").splitlines()
    after.remove("    - 卡叫狗叼走了咋整")
    assert after == before


@pytest.mark.parametrize("label", [Label("ask", "card.loss", "how"), Label("ask", "branch.hours", "materials")])
def test_that_withdrawing_gives_back_the_very_bytes(project: Path, tmp_path: Path, label: Label) -> None:
    before = data_digest(project)
    added = [candidate("卡叫狗叼走了咋整", label), candidate("卡被猫叼走了咋整", label)]
    staged = stage(tmp_path / "staged", added, project)
    publish_data(staged, project)
    assert data_digest(project) != before
    withdraw_data(staged.changed, added, project)
    assert data_digest(project) == before and changed_files(project) == []
    withdraw_data(staged.changed, added, project)
    assert changed_files(project) == []


def test_that_a_label_without_examples_gets_a_file_of_its_own(project: Path, tmp_path: Path) -> None:
    known = {example.topic: set[str | None]() for example in read_examples(NLU_FILES)}
    for example in read_examples(NLU_FILES):
        known[example.topic].add(example.aspect)
    free = next(aspect for aspect in Taxonomy().aspects if aspect not in known["branch.hours"])
    label = Label("ask", "branch.hours", free)
    staged = stage(tmp_path / "staged", [candidate("跟你聊天收不收钱", label)], project)
    publish_data(staged, project)
    assert ExamplesFile(project / "data" / "nlu" / OWN_FILE).examples(label.intent) == ["跟你聊天收不收钱"]


def test_that_a_known_example_changes_nothing(project: Path, tmp_path: Path) -> None:
    staged = stage(tmp_path / "staged", [candidate("谢谢", Label("thanks"))], project)
    first = stage(tmp_path / "again", [], project)
    if staged.changed:
        pytest.fail(f"「谢谢」 should be an example already: {staged.changed}")
    assert staged.digest == first.digest


def test_that_a_hand_edit_in_between_stops_publishing(project: Path, tmp_path: Path) -> None:
    staged = stage(tmp_path / "staged", [candidate("卡叫狗叼走了咋整", Label("ask", "card.loss", "how"))], project)
    (name,) = staged.changed
    path = project / "data" / "nlu" / name
    by_hand = path.read_text(encoding="utf-8") + "\n# looked at by hand\n"
    path.write_text(by_hand, encoding="utf-8")
    with pytest.raises(TrainingFileChanged):
        publish_data(staged, project)
    assert path.read_text(encoding="utf-8") == by_hand


def test_that_a_broken_file_stops_staging_with_its_name(project: Path, tmp_path: Path) -> None:
    (project / "data" / "nlu" / "card.yml").write_text("nlu:\n- intent: a\n examples: |\n", encoding="utf-8")
    with pytest.raises(TrainingFileBroken, match="card"):
        stage(tmp_path / "staged", [], project)
