from __future__ import annotations

from pathlib import Path

from benchmarks.process import PROJECT_ROOT
from benchmarks.questions import BANK_ADJACENT, FAR, Question, data_digest, read_questions, seen_in_training

FILE = """version: "3.1"
nlu:
# about cards
- intent: ask/card.replace.how
  examples: |
    - 卡折断了怎么换
    - 换卡 # 怎么弄
- intent: ask/std.6.2
  examples: |
    - 服务规范6.2讲什么
# bank-adjacent
- intent: out_of_scope
  examples: |
    - 花呗怎么提额
# far
- intent: out_of_scope
  examples: |
    - 今天天气
- intent: greet
  examples: |
    - 你好
"""


def test_questions_carry_their_labels_and_the_comment_above_their_entry(tmp_path: Path) -> None:
    path = tmp_path / "test.yml"
    path.write_text(FILE, encoding="utf-8")
    assert read_questions(path) == [
        Question("卡折断了怎么换", "ask", "card.replace", "how", "about cards"),
        Question("换卡 # 怎么弄", "ask", "card.replace", "how", "about cards"),
        Question("服务规范6.2讲什么", "ask", "std.6.2", None, None),
        Question("花呗怎么提额", "out_of_scope", mark=BANK_ADJACENT),
        Question("今天天气", "out_of_scope", mark=FAR),
        Question("你好", "greet"),
    ]


def test_the_held_back_questions_mark_all_that_is_out_of_scope() -> None:
    questions = read_questions(PROJECT_ROOT / "benchmarks" / "data" / "heldout.yml")
    marks = {question.mark for question in questions if question.act == "out_of_scope"}
    assert marks == {BANK_ADJACENT, FAR}
    assert len(questions) >= 300


def test_the_same_examples_have_the_same_digest_wherever_they_lie(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.yml").write_text(FILE, encoding="utf-8")
    assert data_digest(tmp_path / "one") == data_digest(tmp_path / "two")
    (tmp_path / "two" / "card.yml").write_text(FILE + "\n", encoding="utf-8")
    assert data_digest(tmp_path / "one") != data_digest(tmp_path / "two")


def test_a_question_is_seen_when_an_example_says_the_same_in_another_spelling(tmp_path: Path) -> None:
    (tmp_path / "card.yml").write_text(FILE, encoding="utf-8")
    (tmp_path / "responses.yml").write_text("responses: {}", encoding="utf-8")
    asked = [Question("请问卡折斷了怎麼換,谢谢", "ask"), Question("卡折断了去哪换", "ask")]
    assert seen_in_training(asked, tmp_path) == [True, False]
