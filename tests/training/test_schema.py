"""Conversation files: every key is understood, every mistake is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.loader import read_yaml
from bot.settings import PROJECT_ROOT
from bot.training.dialogues.files import DialogueFileError, load_dialogues
from bot.training.dialogues.schema import Dialogue

EVERY_KEY = """
- id: D001
  title: 全部写法
  channel: {identity: verified, desk: agents_online, elder: true}
  tags: [faq, same_refusal_anon]
  fixtures:
    cases:
      A:
        {owner: self, phone_tail: "5678", kind: complaint, subject: 排队太久, holder: 王女士, status: open}
    visits_24h: 2
  turns:
    - user: 我的投诉{case:A}怎么样了
      before: {silence_s: 90}
      expect:
        act: ask
        topic: [card.replace, null]
        aspect: [how, materials]
        says_any: [身份证, 're:\\d{2}日', 15]
        says_none: 抱歉
        handoff: none
        priority: [urgent, normal]
        asks_for: details
        case: status_shown
        cites: true
        masked: true
        ok: true
    - {user: "{case:none}", when_asks: case_number, max: 3, before: agent_joins}
    - {user: "{otp}", when_asks: [otp, confirm], before: {agent_says: 您好}, expect: {}}
    - {user: "{case_number}", before: [agent_proposes_bot, {silence_s: 1.5}]}
    - repeat: {unit: 转账, times: 5000}
    - user: {repeat: {unit: 转, times: 2}}
    - user_json: "\\ud800"
    - user_json: '"\\ud83d\\ude00"'
"""


def write(folder: Path, text: str, name: str = "own.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(DialogueFileError) as raised:
        load_dialogues([write(folder, text)])
    return raised.value.problems


def one_turn(turn: str) -> str:
    return f"- id: D1\n  turns:\n    - {turn}\n"


def test_that_a_file_with_every_key_parses(tmp_path: Path) -> None:
    [dialogue] = load_dialogues([write(tmp_path, EVERY_KEY)])
    expect = dialogue.turns[0].expect
    assert expect is not None
    assert expect.act == ("ask",)
    assert expect.topic == ("card.replace", None)
    assert expect.says_any == ("身份证", "re:\\d{2}日", "15")
    assert expect.says_none == ("抱歉",)
    assert expect.has == set(type(expect).__fields__)
    assert dialogue.turns[1].expect is None
    assert dialogue.turns[2].expect is not None
    assert dialogue.turns[2].expect.has == frozenset()
    assert [len(turn.before) for turn in dialogue.turns] == [1, 1, 1, 2, 0, 0, 0, 0]
    assert dialogue.fixtures.cases["A"].phone_tail == "5678"
    assert dialogue.file == "own.yml"


def test_that_inputs_are_texts_whatever_their_form(tmp_path: Path) -> None:
    [dialogue] = load_dialogues([write(tmp_path, EVERY_KEY)])
    long, short, half, face = dialogue.turns[4:]
    assert long.text == "转账" * 5000
    assert short.text == "转转"
    assert (half.text, half.user_json) == ("\ud800", '"\\ud800"')
    assert (face.text, face.user_json) == ("😀", '"\\ud83d\\ude00"')


def test_that_a_null_value_is_checked_and_an_absent_one_is_not(tmp_path: Path) -> None:
    [dialogue] = load_dialogues([write(tmp_path, one_turn("{user: 你好, expect: {topic: null}}"))])
    expect = dialogue.turns[0].expect
    assert expect is not None
    assert expect.has == {"topic"}
    assert expect.topic == (None,)


@pytest.mark.parametrize(
    ("turn", "problem"),
    [
        ("{usr: 你好}", "第 1 轮：应写 user、repeat、user_json 中的一项"),
        ("{user: 你好, repeat: {unit: a, times: 2}}", "第 1 轮：应写 user、repeat、user_json 中的一项"),
        ("{user: [你好]}", "第 1 轮 user：应是文字（数字请加引号）"),
        ("{user: 你好, expects: {}}", "第 1 轮 expects：不认识的键"),
        ("{user: 你好, expect: {intent: ask}}", "第 1 轮 expect.intent：不认识的键"),
        ("{user: 你好, expect: {act: []}}", "第 1 轮 expect.act：列表是空的"),
        ("{user: 你好, expect: {act: 1}}", "第 1 轮 expect.act：应是文字（数字请加引号）"),
        (
            "{user: 你好, expect: {handoff: agent}}",
            "第 1 轮 expect.handoff：应是 none、offered、queued、message 之一，现在是 agent",
        ),
        (
            "{user: 你好, expect: {priority: high}}",
            "第 1 轮 expect.priority：应是 urgent、normal 之一，现在是 high",
        ),
        (
            "{user: 你好, expect: {case: [created, lost]}}",
            "第 1 轮 expect.case：应是 created、status_shown、status_refused、withdrawn、urged、none 之一，现在是 lost",
        ),
        ("{user: 你好, expect: {cites: 是}}", "第 1 轮 expect.cites：应是 true 或 false"),
        ("{user: 你好, expect: {ok: 1}}", "第 1 轮 expect.ok：应是 true 或 false"),
        (
            "{user: 你好, expect: {says_any: ['re:(']}}",
            "第 1 轮 expect.says_any：正则表达式写错了：re:(（missing ), unterminated subpattern at position 0）",
        ),
        ("{user: 你好, max: 2}", "第 1 轮：max 要和 when_asks 一起写"),
        ("{user: 你好, when_asks: otp, max: 0}", "第 1 轮 max：应不小于 1"),
        ("{user: 你好, before: {silence_s: 0}}", "第 1 轮 before.silence_s：应大于 0"),
        ("{user: 你好, before: agent_leaves}", "第 1 轮 before.agent_leaves：不认识的键"),
        ("{repeat: {unit: 转账, times: '3'}}", "第 1 轮 repeat.times：应是整数"),
        ("{repeat: {unit: 转账}}", "第 1 轮 repeat.times：缺少这一项"),
        ("{user_json: '\"\\q\"'}", "第 1 轮 user_json：不是有效的 JSON 字符串"),
        ("{user: '{case:B}'}", "turns：第 1 轮用了 {case:B}，但 fixtures.cases 里没有它"),
    ],
)
def test_that_a_wrong_turn_is_told_with_its_place(tmp_path: Path, turn: str, problem: str) -> None:
    assert problems_of(tmp_path, one_turn(turn)) == [f"own.yml：会话 D1：{problem}"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "own.yml：不是有效的 YAML"),
        ("id: D1", "own.yml：文件应是一个会话列表"),
        ("- D1", "own.yml：第 1 个会话：应是一组“键: 值”"),
        ("- turns: [{user: 你好}]", "own.yml：会话 （第 1 个，没有 id）：id：缺少这一项"),
        ("- {id: D1, turns: []}", "own.yml：会话 D1：turns：至少要有一项"),
        ("- {id: D1, nota: x, turns: [{user: 你好}]}", "own.yml：会话 D1：nota：不认识的键"),
        ("- {id: D1, file: x, turns: [{user: 你好}]}", "own.yml：会话 D1：不认识的键 file"),
        (
            "- {id: D1, channel: {identity: known}, turns: [{user: 你好}]}",
            "own.yml：会话 D1：channel.identity：应是 anonymous、verified 之一，现在是 known",
        ),
        (
            "- {id: D1, fixtures: {cases: {A: {owner: self, phone_tail: '56789'}}}, turns: [{user: 你好}]}",
            "own.yml：会话 D1：fixtures.cases.A.phone_tail：格式不对，phone_tail 应是加引号的四位数字",
        ),
        ("[]", "没有找到任何会话"),
    ],
)
def test_that_a_wrong_file_is_told_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    [told] = problems_of(tmp_path, text)
    assert told.startswith(problem)


def test_that_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first = write(tmp_path, one_turn("{user: 你好}") * 2, "first.yml")
    second = write(tmp_path, one_turn("{user: 你好}") + "- id: D2\n  turns: 3\n", "second.yml")
    with pytest.raises(DialogueFileError) as raised:
        load_dialogues([first, second, tmp_path / "third.yml"])
    assert raised.value.problems == [
        "second.yml：会话 D2：turns：应是列表",
        "third.yml：文件不存在",
        "first.yml：会话 D1：编号重复，同一个文件里已经有了",
    ]


LOOSE = """
- id: 7
  tags: faq
  note: from the branch in the old town
  fixtures: {cases: {甲: {owner: self, phone_tail: 0678}}}
  turns:
    - user: 5678
      before: {agent_joins: true, agent_says: 您好}
      expect: {masked: false, handoff: null, topic: null}
    - user: "{case:甲}"
      before:
"""


def test_that_files_may_be_written_loosely(tmp_path: Path) -> None:
    """Figures without quotation marks, one tag without a list, remarks, several steps in one entry."""
    [dialogue] = load_dialogues([write(tmp_path, LOOSE)])
    first, second = dialogue.turns
    assert (dialogue.id, dialogue.tags, dialogue.fixtures.cases["甲"].phone_tail) == ("7", ("faq",), "0678")
    assert (first.user, [step.agent_joins for step in first.before]) == ("5678", [True, None])
    assert first.before[1].agent_says == "您好"
    assert first.expect is not None and first.expect.has == {"topic"}
    assert second.before == () and second.placeholders == {"case:甲"}


def own_dialogues() -> list[Dialogue]:
    return load_dialogues(sorted((PROJECT_ROOT / "tests" / "dialogues").glob("*.yml")))


def test_that_the_banks_own_files_name_only_what_the_taxonomy_knows() -> None:
    taxonomy = read_yaml(PROJECT_ROOT / "data" / "taxonomy.yml")
    known = {
        "act": {*taxonomy["acts"]},
        "topic": {*taxonomy["topics"], *taxonomy["standards"], None},
        "aspect": {*taxonomy["aspects"], None},
    }
    expectations = [turn.expect for dialogue in own_dialogues() for turn in dialogue.turns if turn.expect]
    for key, names in known.items():
        assert {value for expect in expectations for value in getattr(expect, key) or ()} <= names


def test_that_the_banks_own_files_are_a_gate_worth_the_name() -> None:
    dialogues = own_dialogues()
    assert len(dialogues) >= 45
    assert sum(len(dialogue.turns) for dialogue in dialogues) >= 120
    assert all(turn.expect is not None for dialogue in dialogues for turn in dialogue.turns)
