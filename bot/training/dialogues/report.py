"""What came of a run: lines for the terminal, and JUnit XML for machines."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from bot.training.dialogues.player import Result, TurnFailure

_LONGEST_SAID = 40
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def lines_of(result: Result) -> list[str]:
    """Return what the terminal shows of one conversation: one line if it passed, else one a failure more."""
    dialogue = result.dialogue
    mark = "未通过" if result.failures else "通过"
    title = f" {dialogue.title}" if dialogue.title else ""
    lines = [f"{mark}  {dialogue.id}{title}（{dialogue.file}，{result.turns} 轮，{result.seconds:.1f} 秒）"]
    return [printable(line) for line in [*lines, *(_line(failure) for failure in result.failures)]]


def summary(results: list[Result]) -> str:
    """Return the closing line."""
    failed = sum(1 for result in results if result.failures)
    turns = sum(result.turns for result in results)
    seconds = sum(result.seconds for result in results)
    outcome = f"{failed} 个未通过" if failed else "全部通过"
    return f"共 {len(results)} 个会话、{turns} 轮，{outcome}，用时 {seconds:.0f} 秒。"


def write_junit(path: Path, results: list[Result]) -> None:
    """Write a JUnit file: a test suite a file, a test case a conversation, a failure element if it failed."""
    root = ElementTree.Element("testsuites", _counts(results))
    for file, group in groupby(results, key=lambda result: result.dialogue.file):
        own = list(group)
        suite = ElementTree.SubElement(root, "testsuite", {"name": printable(file), **_counts(own)})
        for result in own:
            _add_case(suite, result)
    ElementTree.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def printable(text: str) -> str:
    """Return ``text`` with what neither a terminal nor XML can carry written as an escape."""
    escaped: Callable[[re.Match[str]], str] = lambda match: f"\\u{ord(match.group()):04x}"  # noqa: E731
    return _NOT_XML.sub(escaped, text)


def _add_case(suite: ElementTree.Element, result: Result) -> None:
    dialogue = result.dialogue
    attributes = {
        "classname": printable(Path(dialogue.file).stem),
        "name": printable(f"{dialogue.id} {dialogue.title}".strip()),
        "time": f"{result.seconds:.3f}",
    }
    case = ElementTree.SubElement(suite, "testcase", attributes)
    if result.failures:
        lines = [printable(_line(failure).strip()) for failure in result.failures]
        ElementTree.SubElement(case, "failure", {"message": lines[0]}).text = "\n".join(lines)


def _counts(results: list[Result]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(1 for result in results if result.failures)),
        "errors": "0",
        "time": f"{sum(result.seconds for result in results):.3f}",
    }


def _line(item: TurnFailure) -> str:
    place = f"第 {item.turn} 轮“{_short(item.said)}”" if item.turn else "整个会话"
    what, expected, got = item.failure
    return f"    {place}：{what} 应为 {expected}；实际 {got}"


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _LONGEST_SAID else f"{one_line[: _LONGEST_SAID - 1]}…"
