"""The coverage page: what is told on a day, what needs care, and a page that no policy has to bend for."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot import settings as settings_module
from bot.cli import app
from bot.knowledge.compose import ASPECT_TITLES
from bot.knowledge.coverage import PAGE, STYLE, Coverage, page_text, survey, write_page
from bot.knowledge.loader import load_knowledge
from tests.knowledge.worlds import TAXONOMY, answer, card, section, write

DAY = date(2026, 6, 1)


def surveyed(tmp_path: Path, day: date = DAY, **files: Any) -> Coverage:
    return survey(load_knowledge(write(tmp_path, **files)), day)


def of(**answers: Any) -> dict[str, Any]:
    return card(answers={"overview": answer(), **answers})


def test_that_every_answer_of_the_day_is_counted_by_certainty_and_aspect(tmp_path: Path) -> None:
    coverage = surveyed(tmp_path, card=of(how=answer(certainty="R"), time=answer(certainty="H", until="2026-05-31")))
    assert [row.topic.id for row in coverage.rows] == ["card.replace", "std.1.1"]
    assert dict(coverage.by_certainty()) == {"B": 2, "R": 1}
    aspects = coverage.by_aspect()
    assert (aspects["overview"], aspects["how"], aspects["time"], aspects["fee"]) == (2, 1, 0, 0)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (answer(), "told"),
        (answer(until="2026-06-01"), "told"),
        (answer(until="2026-05-31"), "ended"),
        (answer(**{"from": "2026-06-01"}), "told"),
        (answer(**{"from": "2026-06-02"}), "coming"),
        ([answer(until="2026-05-31"), answer(**{"from": "2026-06-02"})], "coming"),
    ],
)
def test_that_dates_decide_what_is_told(tmp_path: Path, told: Any, state: str) -> None:
    (row, _section) = surveyed(tmp_path, card=of(how=told)).rows
    assert row.cells["how"].state == state
    assert row.cells["fee"].state == "none"


@pytest.mark.parametrize(
    ("day", "review", "told"),
    [
        (date(2027, 3, 2), "good", 2),
        (date(2027, 3, 3), "soon", 2),
        (date(2027, 5, 31), "soon", 2),
        (date(2027, 6, 1), "overdue", 0),
    ],
)
def test_that_a_review_is_announced_and_an_overdue_topic_tells_nothing(
    tmp_path: Path, day: date, review: str, told: int
) -> None:
    coverage = surveyed(tmp_path, day, card=of())
    assert {row.review for row in coverage.rows} == {review}
    assert len(coverage.told) == told
    assert ("已过复核期限" in page_text(coverage)) is (review == "overdue")


def test_that_the_page_says_what_needs_care(tmp_path: Path) -> None:
    files = {"card": of(how=answer(until="2026-06-30"), time=answer(until="2026-05-31")), "section": None}
    page = page_text(surveyed(tmp_path, **files))
    assert "服务宗旨（std.1.1）：还没有知识文件" in page
    assert "补卡与换卡（card.replace）·办理步骤：现在的说法 2026-06-30 到期" in page
    assert "补卡与换卡（card.replace）·所需时间：说法已于 2026-05-31 到期" in page
    assert "没有过期" in page_text(surveyed(tmp_path / "other"))


class Parts(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


HOSTILE = '<script>alert(1)</script>" onmouseover="alert(2)'


def test_that_the_page_holds_no_script_and_no_style_of_its_own_whatever_the_knowledge_says(tmp_path: Path) -> None:
    hostile = card(title=HOSTILE, answers={"overview": answer(HOSTILE)})
    page = page_text(surveyed(tmp_path, card=hostile, section=section(promises=[{"text": HOSTILE, "clause": "1.1"}])))
    parts = Parts(page)
    assert not {"script", "style", "iframe", "img"} & set(parts.tags)
    names = {name for name, _value in parts.attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}
    assert [value for name, value in parts.attributes if name == "href"] == [STYLE]
    assert ("title", HOSTILE + " 依据 1 处") in parts.attributes


def test_that_page_and_style_stand_side_by_side(tmp_path: Path) -> None:
    page = write_page(surveyed(tmp_path), tmp_path / "new" / "folder")
    assert page == tmp_path / "new" / "folder" / PAGE
    style = (page.parent / STYLE).read_text(encoding="utf-8")
    for mark in TAXONOMY and ("H", "M", "B", "L", "R", "none", "ended", "coming"):
        assert f".{mark}" in style
    assert "url(" not in style and "@import" not in style
    assert all(title in page.read_text(encoding="utf-8") for title in ASPECT_TITLES.values())


def test_that_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUOYAN_KNOWLEDGE_DIR", str(write(tmp_path)))
    settings_module.get_settings.cache_clear()
    try:
        done = CliRunner().invoke(app, ["knowledge", "coverage", "--out", str(tmp_path), "--day", "2026-06-01"])
    finally:
        settings_module.get_settings.cache_clear()
    assert done.exit_code == 0, done.output
    assert "2 个主题" in done.output and "2026-06-01" in (tmp_path / PAGE).read_text(encoding="utf-8")


def test_that_the_command_says_what_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUOYAN_KNOWLEDGE_DIR", str(write(tmp_path, bank="- no table")))
    settings_module.get_settings.cache_clear()
    try:
        done = CliRunner().invoke(app, ["knowledge", "coverage", "--out", str(tmp_path / "out")])
    finally:
        settings_module.get_settings.cache_clear()
    assert done.exit_code == 1 and not (tmp_path / "out").exists()
