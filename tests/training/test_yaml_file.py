"""Editing training files: only the lines meant change, in every file of the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import TrainingFileBroken, TrainingFileChanged, UnknownExample
from bot.nlu.examples import read_examples
from bot.settings import PROJECT_ROOT
from bot.training.yaml_file import ExamplesFile

FILES = sorted(path for path in (PROJECT_ROOT / "data" / "nlu").glob("*.yml") if path.name != "responses.yml")
SENTENCES = st.text(
    st.characters(whitelist_categories=("Lo", "Nd", "Ll", "Po"), blacklist_characters="\x85"), min_size=1, max_size=30
).filter(lambda text: text.strip() == text and text)

TEXT = """# who: the card team
version: "3.1"

nlu:
# damaged cards first
- intent: ask/card.replace.how   # a remark
  examples: |
    - 卡折断了怎么换
    - 卡坏了

- intent: thanks
  examples: |
    - 谢谢
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_that_every_example_is_found_and_nothing_changes_by_reading(path: Path) -> None:
    file = ExamplesFile(path)
    assert file.text == path.read_bytes().decode("utf-8")
    found = [text for place in file.places for text in (file._example(number) for number in place.lines)]
    assert found == [example.text for example in read_examples([path])]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_that_adding_and_removing_changes_one_line_and_back(path: Path, data: st.DataObject) -> None:
    file = ExamplesFile(path)
    before = file.text
    intent = data.draw(st.sampled_from(sorted({place.intent for place in file.places})))
    sentence = "测试用的新句子" + data.draw(SENTENCES)
    file.add(intent, sentence)
    after = file.text.splitlines(keepends=True)
    assert sentence in file.examples(intent)
    changed = [line for line in after if line.strip() == f"- {sentence}"]
    assert len(changed) == 1
    after.remove(changed[0])
    assert "".join(after) == before
    file.remove(intent, sentence)
    assert file.text == before


def test_that_a_new_intent_goes_to_the_end_and_remarks_stay(small: Path) -> None:
    file = ExamplesFile(small)
    file.add("goodbye", "再见啦")
    file.save()
    assert small.read_text(encoding="utf-8") == TEXT + "\n- intent: goodbye\n  examples: |\n    - 再见啦\n"
    assert ExamplesFile(small).examples("goodbye") == ["再见啦"]


def test_that_line_ends_and_a_missing_last_one_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "dos.yml"
    raw = TEXT.rstrip("\n").replace("\n", "\r\n").encode()
    path.write_bytes(raw)
    file = ExamplesFile(path)
    file.add("thanks", "多谢")
    file.save()
    assert path.read_bytes() == raw + "\r\n    - 多谢\r\n".encode()


def test_that_a_change_by_hand_is_never_overwritten(small: Path) -> None:
    file = ExamplesFile(small)
    file.add("thanks", "多谢")
    by_hand = TEXT.replace("谢谢", "谢谢您")
    small.write_text(by_hand, encoding="utf-8")
    with pytest.raises(TrainingFileChanged):
        file.save()
    assert small.read_text(encoding="utf-8") == by_hand


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (TEXT.replace("  examples: |\n    - 谢谢", "  examples: |\n  - 谢谢"), 13),
        (TEXT.replace('"3.1"', '"3.1'), 2),
        (TEXT.replace("- intent: thanks", "- intent thanks"), 11),
    ],
)
def test_that_a_broken_file_is_told_with_its_line(tmp_path: Path, broken: str, line: int) -> None:
    path = tmp_path / "broken.yml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(TrainingFileBroken) as raised:
        ExamplesFile(path)
    assert abs(int(str(raised.value.data["line"])) - line) <= 3
    assert "broken.yml" in raised.value.text


def test_that_only_known_examples_are_removed_and_only_lines_added(small: Path) -> None:
    file = ExamplesFile(small)
    with pytest.raises(UnknownExample):
        file.remove("thanks", "没有这句")
    for bad in ("", "  ", "两\n行"):
        with pytest.raises(ValueError):
            file.add("thanks", bad)
    assert file.text == TEXT
