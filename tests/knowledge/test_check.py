"""`nuoyan knowledge check` finds what people get wrong, with file and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot import settings as settings_module
from bot.cli import app
from bot.knowledge.check import NOT_TO_QUOTE, Problem, check_knowledge
from tests.knowledge.worlds import REPLIES, TAXONOMY, answer, card, section, write

DAY = date(2026, 6, 1)


def problems(tmp_path: Path, day: date = DAY, **files: Any) -> list[Problem]:
    return check_knowledge(write(tmp_path, **files), day)


def only(found: list[Problem]) -> tuple[str, str, str]:
    assert len(found) == 1, found
    return found[0].level, found[0].file, found[0].text


def with_how(told: dict[str, Any]) -> dict[str, Any]:
    return card(answers={**{aspect: answer() for aspect in TAXONOMY["aspects"]}, "how": told})


def test_that_a_sound_knowledge_base_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


PLANTED: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    ({"popular": ["card.swap"]}, ("error", "popular.yml", "没有主题 card.swap")),
    ({"popular": {"card.replace": 1}}, ("error", "popular.yml", "应是列表")),
    ({"card": card(related=["card.swap"])}, ("error", "card.replace.yml", "不存在的主题 card.swap")),
    ({"card": card(review_by="2026-05-31")}, ("error", "card.replace.yml", "已过期")),
    ({"card": with_how(answer(cite=[]))}, ("error", "card.replace.yml", "answers.how 没有写依据")),
    ({"card": with_how(answer(until="2026-05-01"))}, ("error", "card.replace.yml", "今天没有有效的说法")),
    ({"card": with_how(answer("长" * 141))}, ("warning", "card.replace.yml", "请压到 140 字以内")),
    ({"card": card(answers={"how": answer()})}, ("warning", "card.replace.yml", "只回答了 1 个方面")),
    ({"card": None}, ("warning", "card.replace.yml", "还没有“补卡”的知识文件")),
    ({"section": section(promises=[])}, ("error", "std.1.1.yml", "承诺")),
    ({"replies": {"thanks": REPLIES["greet"]}}, ("error", "replies.yml", "没有写“greet”的答复")),
    ({"replies": {"greet": {"text": ""}}}, ("error", "replies.yml", "缺少 text")),
    ({"bank": "bank: ["}, ("error", "bank.yml", "不是有效的 YAML")),
    ({"sources": ""}, ("error", "sources.yml", "应是一组")),
    ({"taxonomy": {**TAXONOMY, "acts": None}}, ("error", "taxonomy.yml", "acts: 应是一组")),
]


@pytest.mark.parametrize(("files", "expected"), PLANTED, ids=[expected[2] for _, expected in PLANTED])
def test_that_a_planted_mistake_is_found(tmp_path: Path, files: dict[str, Any], expected: tuple[str, str, str]) -> None:
    level, file, text = only(problems(tmp_path, **files))
    assert (level, file) == expected[:2]
    assert expected[2] in text


def test_that_a_file_beside_the_taxonomy_is_found(tmp_path: Path) -> None:
    found = problems(tmp_path, taxonomy={**TAXONOMY, "topics": {"loan.apply": "贷款"}})
    assert any("分类表里没有主题 card.replace" in problem.text for problem in found)


def test_that_an_aspect_beside_the_taxonomy_is_found(tmp_path: Path) -> None:
    answers = {**{aspect: answer() for aspect in TAXONOMY["aspects"]}, "colour": answer()}
    assert "没有方面 colour" in only(problems(tmp_path, card=card(answers=answers)))[2]


def test_that_a_broken_topic_is_reported_beside_its_absence(tmp_path: Path) -> None:
    found = problems(tmp_path, card="id: [")
    assert [problem.level for problem in found] == ["error", "warning"]


@pytest.mark.parametrize("banned", NOT_TO_QUOTE)
@pytest.mark.parametrize("place", ["short", "steps", "note"])
def test_that_a_forbidden_document_is_found_wherever_it_is_quoted(tmp_path: Path, banned: str, place: str) -> None:
    told = f"依据{banned}办理。"
    found = problems(tmp_path, card=with_how(answer(**{place: [told] if place == "steps" else told})))
    assert banned in only(found)[2]


@pytest.mark.parametrize("place", ["facts", "materials"])
def test_that_lists_are_searched_for_forbidden_documents_too(tmp_path: Path, place: str) -> None:
    told = f"见{NOT_TO_QUOTE[0]}"
    found = problems(tmp_path, card=with_how(answer(**{place: {"依据": told} if place == "facts" else [told]})))
    assert NOT_TO_QUOTE[0] in only(found)[2]


def test_that_errors_come_before_warnings(tmp_path: Path) -> None:
    found = problems(tmp_path, card=None, section=section(promises=[]))
    assert [problem.level for problem in found] == ["error", "warning"]


@pytest.mark.parametrize(("files", "code"), [({}, 0), ({"card": None}, 0), ({"card": card(related=["x.y"])}, 1)])
def test_that_the_command_fails_only_for_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, Any], code: int
) -> None:
    monkeypatch.setenv("NUOYAN_KNOWLEDGE_DIR", str(write(tmp_path, **files)))
    settings_module.get_settings.cache_clear()
    try:
        result = CliRunner().invoke(app, ["knowledge", "check"])
    finally:
        settings_module.get_settings.cache_clear()
    assert result.exit_code == code, result.output
    assert "知识库检查完成" in result.output
