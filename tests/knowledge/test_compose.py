"""From an answer to blocks: order, citations last, doubt said aloud, nothing out of date."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.blocks import Reply
from bot.knowledge.compose import UNCERTAIN_NOTE, compose_answer, resolve_aspect
from bot.knowledge.loader import load_knowledge
from tests.knowledge.worlds import CITE, answer, card, section, write

DAY = date(2026, 6, 1)


def composed(
    tmp_path: Path, answers: Any, aspect: str | None = "how", day: date = DAY, **more: Any
) -> list[dict[str, Any]]:
    knowledge = load_knowledge(write(tmp_path, card=card(answers=answers, **more)))
    blocks = compose_answer(knowledge, "card.replace", aspect, day)
    Reply.parse_obj({"blocks": blocks})
    return blocks


def kinds(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["type"] for block in blocks]


def test_that_an_answer_comes_short_first_and_citations_last(tmp_path: Path) -> None:
    whole = answer(
        "短答。", steps=["一", "二"], points=["点"], materials=["证件"], facts={"费用": "免费"}, note="提醒。",
        cite=[CITE, {"source": "L1", "clause": "第30条", "certainty": "H"}],
    )  # fmt: skip
    blocks = composed(tmp_path, {"how": whole})
    assert kinds(blocks) == ["text", "steps", "facts", "facts", "facts", "text", "citation", "citation"]
    assert blocks[0] == {"type": "text", "text": "短答。"}
    assert blocks[1]["items"] == ["一", "二"]
    assert [block["kind"] for block in blocks if block["type"] == "facts"] == ["other", "materials", "other"]
    assert blocks[5]["text"] == "提醒。"


def test_that_a_citation_names_document_number_clause_date_and_certainty(tmp_path: Path) -> None:
    cited = [CITE, {"source": "L1", "clause": "第30条", "certainty": "M"}]
    own, law = composed(tmp_path, {"how": answer(cite=cited)})[-2:]
    assert own["source"].startswith("《2025年银行客户服务规范》")
    assert (own["clause"], own["certainty"], own["date"]) == ("2.1", "H", "2025")
    assert law["source"].startswith("《储蓄管理条例》") and "国务院令第107号" in law["source"]
    assert (law["clause"], law["certainty"]) == ("第30条", "M") and "date" not in law


@pytest.mark.parametrize(("aspect", "kind"), [("time", "time"), ("overview", "other")])
def test_that_facts_are_of_the_kind_that_was_asked(tmp_path: Path, aspect: str, kind: str) -> None:
    blocks = composed(tmp_path, {aspect: answer(facts={"柜面": "当场"})}, aspect)
    facts = next(block for block in blocks if block["type"] == "facts")
    assert facts["kind"] == kind
    assert facts["items"] == [{"label": "柜面", "text": "当场"}]


@pytest.mark.parametrize("certainty", ["H", "M", "B", "L", "R"])
def test_that_an_unsure_fact_says_so(tmp_path: Path, certainty: str) -> None:
    said = [block["text"] for block in composed(tmp_path, {"how": answer(certainty=certainty)}) if "text" in block]
    assert (UNCERTAIN_NOTE in said) is (certainty in "LR")


def test_that_a_note_and_the_doubt_share_one_paragraph(tmp_path: Path) -> None:
    blocks = composed(tmp_path, {"how": answer(certainty="R", note="请先预约。")})
    assert [block["text"] for block in blocks if block["type"] == "text"][1:] == ["请先预约。" + UNCERTAIN_NOTE]


VARIANTS = [answer("旧规定。", until="2026-06-30"), answer("新规定。", **{"from": "2026-07-01"})]


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 6, 30), "旧规定。"),
        (date(2026, 7, 1), "新规定。"),
        (date(2020, 1, 1), "旧规定。"),
        (date(2027, 5, 31), "新规定。"),
    ],
)
def test_that_the_rule_of_the_day_is_told(tmp_path: Path, day: date, told: str) -> None:
    assert composed(tmp_path, {"how": VARIANTS}, day=day)[0]["text"] == told


def test_that_before_a_rule_is_in_force_the_nearest_aspect_serves(tmp_path: Path) -> None:
    answers = {"time": answer("三天。", **{"from": "2026-07-01"}), "how": answer("到网点。")}
    before, after = (composed(tmp_path, answers, "time", day)[0]["text"] for day in (DAY, date(2026, 7, 1)))
    assert before.endswith("到网点。") and "没有单独的规定" in before
    assert after == "三天。"


@pytest.mark.parametrize(("day", "served"), [(date(2027, 5, 31), True), (date(2027, 6, 1), False)])
def test_that_an_answer_overdue_for_review_is_not_served(tmp_path: Path, day: date, served: bool) -> None:
    blocks = composed(tmp_path, {"how": answer("到网点。")}, day=day)
    assert (blocks[0]["text"] == "到网点。") is served
    if not served:
        assert kinds(blocks) == ["text", "handoff"]
        assert "正在复核" in blocks[0]["text"] and "95-000" in blocks[0]["text"]
        assert (blocks[1]["state"], blocks[1]["reason"]) == ("offered", "expired_knowledge")


def test_that_nothing_valid_today_is_not_served_either(tmp_path: Path) -> None:
    blocks = composed(tmp_path, {"how": answer(until="2020-12-31")})
    assert "正在复核" in blocks[0]["text"]


@pytest.mark.parametrize(
    ("aspect", "resolved"),
    [("how", "how"), (None, "overview"), ("fee", "overview"), ("materials", "how"), ("unheard of", "overview")],
)
def test_that_an_aspect_without_an_answer_leads_to_the_nearest(
    tmp_path: Path, aspect: str | None, resolved: str
) -> None:
    answers = {"overview": answer("介绍。"), "how": answer("步骤。")}
    topic = load_knowledge(write(tmp_path, card=card(answers=answers))).topics["card.replace"]
    assert resolve_aspect(topic, aspect, DAY) == resolved


def test_that_only_a_detour_is_announced(tmp_path: Path) -> None:
    answers = {"overview": answer("介绍。")}
    assert "没有单独的规定" in composed(tmp_path, answers, "fee")[0]["text"]
    assert composed(tmp_path, answers, None)[0]["text"] == "介绍。"


def test_that_a_section_of_the_standard_answers_every_aspect_plainly(tmp_path: Path) -> None:
    knowledge = load_knowledge(write(tmp_path, section=section()))
    assert compose_answer(knowledge, "std.1.1", "time", DAY)[0]["text"] == "以客户为中心。"


def test_that_an_unknown_topic_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        compose_answer(load_knowledge(write(tmp_path)), "card.swap", "how", DAY)
