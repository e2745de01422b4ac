"""What people and machines read after a run, and what the command returns."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.training.dialogues.checks import Failure
from bot.training.dialogues.player import Result, TurnFailure
from bot.training.dialogues.report import lines_of, printable, summary, write_junit
from bot.training.dialogues.runner import FAILED, UNUSABLE, internal_ids, run_files
from bot.training.dialogues.schema import Dialogue
from bot.training.dialogues.stack import _own_environment, free_ports

NASTY = "\ud800<b>&\x00\x1b“引号”\uffff😀"


def result(name: str, *failures: TurnFailure, file: str = "own.yml") -> Result:
    given = Dialogue.parse_obj({"id": name, "title": f"标题{NASTY}", "file": file, "turns": [{"user": "x"}]})
    return Result(given, list(failures), turns=2, seconds=1.25)


FAILURE = TurnFailure(2, f"多\n久{NASTY}", Failure("aspect", "time 或 how", f"fee{NASTY}"))
WHOLE = TurnFailure(0, "", Failure("测试条件", "坐席台", "not yet available"))


def test_that_a_failure_is_one_line_with_turn_expected_and_got() -> None:
    first, second, third = lines_of(result("D1", FAILURE, WHOLE))
    assert first.startswith("未通过  D1 标题")
    assert second.startswith("    第 2 轮“多 久")
    assert "aspect 应为 time 或 how；实际 fee" in second
    assert third == "    整个会话：测试条件 应为 坐席台；实际 not yet available"


def test_that_a_pass_is_one_line() -> None:
    [line] = lines_of(result("D1"))
    assert line.startswith("通过  D1")


def test_that_lines_can_be_printed_and_written() -> None:
    for line in lines_of(result("D1", FAILURE)):
        line.encode("utf-8")
    assert printable(NASTY) == "\\ud800<b>&\\u0000\\u001b“引号”\\uffff😀"


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([result("D1"), result("D2")], "共 2 个会话、4 轮，全部通过，用时 2 秒。"),
        ([result("D1"), result("D2", FAILURE)], "共 2 个会话、4 轮，1 个未通过，用时 2 秒。"),
    ],
)
def test_that_the_closing_line_counts(results: list[Result], said: str) -> None:
    assert summary(results) == said


def test_that_junit_is_well_formed_and_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.xml"
    write_junit(path, [result("D1"), result("D2", FAILURE, WHOLE), result("D3", file="other.yml")])
    root = ElementTree.parse(path).getroot()
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "1")
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("own.yml", "2"),
        ("other.yml", "1"),
    ]
    cases = list(root.iter("testcase"))
    assert [case.get("classname") for case in cases] == ["own", "own", "other"]
    assert [len(case.findall("failure")) for case in cases] == [0, 1, 0]
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "第 2 轮" in failure.text
    assert "not yet available" in failure.text


def test_that_an_unusable_file_stops_the_run_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.yml"
    path.write_text("- id: D1\n  turns: [{usr: 你好}]\n", encoding="utf-8")
    assert run_files([path], tmp_path / "out.xml", "http://127.0.0.1:9") == UNUSABLE
    assert capsys.readouterr().err == "own.yml：会话 D1：第 1 轮：应写 user、repeat、user_json 中的一项\n"
    assert not (tmp_path / "out.xml").exists()


def test_that_a_server_that_is_not_there_fails_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.yml"
    path.write_text("- id: D1\n  turns: [{user: 你好}]\n", encoding="utf-8")
    [port] = free_ports(1)
    assert run_files([path], tmp_path / "out.xml", f"http://127.0.0.1:{port}") == FAILED
    assert "连不上服务端" in capsys.readouterr().out
    assert ElementTree.parse(tmp_path / "out.xml").getroot().get("failures") == "1"


def test_that_a_test_stack_never_sees_this_installations_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("NUOYAN_REDIS_URL", "redis://shared")
    monkeypatch.setenv("NUOYAN_KNOWLEDGE_DIR", "/knowledge")
    with _own_environment():
        assert "NUOYAN_REDIS_URL" not in os.environ
        assert os.environ["NUOYAN_KNOWLEDGE_DIR"] == "/knowledge"
    assert os.environ["NUOYAN_REDIS_URL"] == "redis://shared"


def test_that_free_ports_differ() -> None:
    assert len(set(free_ports(3))) == 3


def test_that_internal_ids_are_topics_and_acts_that_are_no_words() -> None:
    ids = internal_ids()
    assert {"card.replace", "std.1.1", "request_human"} <= ids
    assert not {"ask", "thanks"} & ids
