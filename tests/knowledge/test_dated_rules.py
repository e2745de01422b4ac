"""Rules that came into force or ended on a day are told as of the day of the question."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.compose import compose_answer, told_aspects
from bot.knowledge.loader import load_knowledge
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.search import KnowledgeSearch
from bot.training.asking import spoken

DIRECTORY = Path(__file__).resolve().parents[2] / "data" / "knowledge"


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load_knowledge(DIRECTORY)


def told(knowledge: KnowledgeBase, topic: str, aspect: str, day: date) -> str:
    return "\n".join(spoken(compose_answer(knowledge, topic, aspect, day)))


def everything(knowledge: KnowledgeBase, topics: list[str], day: date) -> str:
    return "\n".join(
        told(knowledge, topic, aspect, day) for topic in topics for aspect in told_aspects(knowledge.topics[topic], day)
    )


# Two more free queries in the first half of 2026, over since 2026-06-30.
@pytest.mark.parametrize("aspect", ["fee", "limit"])
@pytest.mark.parametrize(
    ("day", "extra"),
    [
        (date(2026, 1, 1), True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
        (date(2026, 11, 26), False),
        (date(2027, 2, 1), False),
    ],
)
def test_that_the_extra_free_credit_reports_ended_with_june(
    knowledge: KnowledgeBase, aspect: str, day: date, extra: bool
) -> None:
    said = told(knowledge, "credit.report", aspect, day)
    offered = "另外多给2次" in said or "再加2次" in said or "上半年额外免费" in said
    assert offered is extra
    assert "2次" in said  # the two queries a year that the regulation gives stay


def test_that_after_june_no_answer_offers_them_any_more(knowledge: KnowledgeBase) -> None:
    said = everything(knowledge, list(knowledge.topics), date(2026, 7, 1))
    assert "上半年再加" not in said and "上半年额外免费" not in said and "上半年另外多给" not in said


# The one-time repair of small overdue records: repaid by 2026-03-31.
@pytest.mark.parametrize(
    ("day", "open_still"),
    [
        (date(2026, 1, 2), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
        (date(2026, 11, 26), False),
    ],
)
def test_that_the_window_for_credit_repair_closed_with_march(
    knowledge: KnowledgeBase, day: date, open_still: bool
) -> None:
    said = told(knowledge, "credit.objection", "eligibility", day)
    assert ("可免申请不予展示" in said) is open_still
    assert ("已经截止" in said) is not open_still
    assert ("可免申请不予展示" in everything(knowledge, list(knowledge.topics), day)) is open_still


# Registering the source or use of cash from 50,000 yuan was abolished on 2026-01-01.
@pytest.mark.parametrize(
    ("topic", "rule"), [("cash.withdraw", "不再一律登记用途"), ("cash.deposit", "不再一律登记资金来源")]
)
@pytest.mark.parametrize(
    ("day", "abolished"),
    [(date(2025, 12, 31), False), (date(2026, 1, 1), True), (date(2026, 11, 26), True)],
)
def test_that_registering_cash_was_abolished_with_the_new_year(
    knowledge: KnowledgeBase, topic: str, rule: str, day: date, abolished: bool
) -> None:
    assert (rule in told(knowledge, topic, "rights", day)) is abolished
    assert (rule in everything(knowledge, [topic], day)) is abolished
    assert "须登记" not in everything(knowledge, [topic], date(2026, 11, 26))


def test_that_the_duty_to_check_single_payments_in_cash_stays(knowledge: KnowledgeBase) -> None:
    said = told(knowledge, "cash.deposit", "rights", date(2026, 11, 26))
    assert "5 万元" in said and "1 万美元" in said and "核对身份" in said


def test_that_search_finds_only_the_rule_of_the_day(knowledge: KnowledgeBase) -> None:
    def shown(day: date) -> str:
        hits = KnowledgeSearch(knowledge, day).find("征信免费查几次")
        return next(hit.short for hit in hits if hit.topic == "credit.report")

    assert "上半年" in shown(date(2026, 6, 30))
    assert "上半年" not in shown(date(2026, 7, 1))


def test_that_every_period_of_an_answer_is_followed_by_the_next_without_a_gap(knowledge: KnowledgeBase) -> None:
    for topic in knowledge.topics.values():
        for aspect, variants in topic.answers.items():
            ends = sorted(variant.valid_until for variant in variants if variant.valid_until)
            for end in ends:
                following = [v.valid_from for v in variants if v.valid_from and v.valid_from > end]
                assert following and (min(following) - end).days == 1, (topic.id, aspect)
