"""Planted mistakes are found, with file, line and a remedy; the project's own data has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.training.checks import Problem, check_training
from bot.training.grouping import Similar, groups, name_of

NLU = """version: "3.1"

nlu:
- intent: thanks
  examples: |
    - 谢谢你
    - 多谢

- intent: ask/card.loss.how
  examples: |
    - 银行卡丢了我想挂失该怎么办理
"""
RULES = """version: "3.1"
rules:
- rule: thanks
  steps:
  - intent: thanks
  - action: action_reply
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder, text in (("nlu", NLU), ("rules", RULES), ("stories", 'version: "3.1"\nstories: []\n')):
        (tmp_path / "data" / folder).mkdir(parents=True)
        (tmp_path / "data" / folder / "a.yml").write_text(text, encoding="utf-8")
    return tmp_path


def found(root: Path, kind: str) -> list[Problem]:
    return [problem for problem in check_training(root) if problem.kind == kind]


def plant(root: Path, text: str, folder: str = "nlu") -> None:
    (root / "data" / folder / "b.yml").write_text(text, encoding="utf-8")


def examples(intent: str, *texts: str) -> str:
    return f"nlu:\n- intent: {intent}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)


def test_that_good_data_only_lacks_numbers(root: Path) -> None:
    assert {problem.kind for problem in check_training(root)} == {"too_few"}


@pytest.mark.parametrize(
    ("kind", "text", "line"),
    [
        ("personal_data", examples("thanks", "打我电话13800138000谢谢"), 4),
        ("two_labels", examples("goodbye", "多謝"), 4),
        ("near_duplicate", examples("ask/card.loss.where", "银行卡丢了我想挂失该怎么办理啊"), 4),
        ("unknown_label", examples("ask/card.nothing.how", "随便"), 4),
        ("broken", "nlu:\n- intent: thanks\n examples: |\n    - 谢\n", 3),
    ],
)
def test_that_a_planted_mistake_is_found_where_it_stands(root: Path, kind: str, text: str, line: int) -> None:
    plant(root, text)
    (problem,) = found(root, kind)
    assert (problem.file, problem.line) == ("b.yml", line)
    assert problem.text and problem.fix


def test_that_a_story_against_a_rule_is_found(root: Path) -> None:
    plant(root, "stories:\n- story: 再见\n  steps:\n  - intent: thanks\n  - action: action_answer\n", "stories")
    (problem,) = found(root, "contradiction")
    assert "再见" in problem.text and problem.level == "error"


def test_that_the_projects_own_data_holds_no_error() -> None:
    assert [problem for problem in check_training() if problem.level == "error"] == []


def test_that_what_means_the_same_is_grouped_and_named() -> None:
    texts = [
        "手机银行登不上去",
        "转账限额怎么调高",
        "手机银行登录不上怎么回事",
        "想把转账限额调高一点",
        "手机银行登录失败",
    ]
    together = [set(places) for places in groups(texts)]
    assert {0, 2, 4} in together and {1, 3} in together
    assert "手机" in name_of([texts[0], texts[2], texts[4]])
    assert groups([]) == [] and groups(["一句"]) == [[0]]


def test_that_the_most_similar_comes_first() -> None:
    known = Similar(["卡丢了怎么挂失", "转账限额", "卡丢了挂失"])
    assert [place for place, _ in known.nearest("卡丢了怎麼挂失")][:2] == [0, 2]
    assert Similar([]).nearest("任何") == []
