"""Finding topics by a few typed words: whatever is typed, however it is typed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.day import today_in_bank
from bot.knowledge.loader import load_knowledge
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.search import LONGEST_QUERY, MOST_HITS, KnowledgeSearch, by_interest
from tests.knowledge.worlds import answer, card, section, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load_knowledge(ROOT / "data" / "knowledge")


@pytest.fixture(scope="module")
def search(knowledge: KnowledgeBase) -> KnowledgeSearch:
    return KnowledgeSearch(knowledge, today_in_bank())


TYPED = {
    "挂失": "card.loss",
    "挂": "card.loss",
    "掛失": "card.loss",  # traditional
    "挂是": "card.loss",  # a homophone
    "guashi": "card.loss",
    "GUASHI": "card.loss",
    "ｇｕａｓｈｉ": "card.loss",  # full width
    "yhkgs": "card.loss",  # initials
    "银行卡 挂失": "card.loss",
    "征信": "credit.report",
    "zhengxin": "credit.report",
    "密马": "card.pin",
    "mimacuowu": "card.pin",
    "lpr": "loan.rate",
    "LPR": "loan.rate",
    "公积金": "loan.mortgage",
    "营业时间": "branch.hours",
    "请问年费": "card.fee",
    "请问怎么销户呢": "account.close",
    "atm吞卡": "card.swallowed",
    "手机银行登不上": "ebank.login",
    "投诉几天给答复": "complaint.process",
}


@pytest.mark.parametrize("query", TYPED)
def test_that_the_topic_comes_first_however_it_is_typed(search: KnowledgeSearch, query: str) -> None:
    assert search.find(query)[0].topic == TYPED[query]


@pytest.mark.parametrize("query", ["zhuanzhang", "zhaunzhang", "zhuanzhangg", "zhuanzhan", "zz"])
def test_that_pinyin_with_a_slip_of_the_finger_still_finds(search: KnowledgeSearch, query: str) -> None:
    assert any(hit.topic.startswith("transfer.") for hit in search.find(query)[:4])


@pytest.mark.parametrize("query", ["", " ", "🙂", "?!。", "天气", "股票", "qwrtp", "\u0000", "Жгт"])
def test_that_what_we_know_nothing_of_finds_nothing(search: KnowledgeSearch, query: str) -> None:
    assert search.find(query) == []


def test_that_services_come_before_sections_of_the_standard(search: KnowledgeSearch) -> None:
    found = [hit.topic for hit in search.find("投诉")]
    services = [name for name in found if name.startswith("complaint.")]
    assert len(services) == 5 and found[:4] == services[:4]
    assert any(name.startswith("std.6") for name in found)


def test_that_the_answer_that_fits_is_shown(search: KnowledgeSearch) -> None:
    (first, *_rest) = search.find("补卡要带什么材料")
    assert (first.topic, first.aspect) == ("card.replace", "materials")
    assert search.find("补卡")[0].aspect == "overview"


def test_that_each_topic_is_found_once_best_first(search: KnowledgeSearch) -> None:
    hits = search.find("信用卡")
    assert len({hit.topic for hit in hits}) == len(hits) <= MOST_HITS
    assert [hit.score for hit in hits if not hit.topic.startswith("std.")] == sorted(
        (hit.score for hit in hits if not hit.topic.startswith("std.")), reverse=True
    )
    assert search.find("信用卡", limit=2) == hits[:2]


def test_that_every_topic_is_found_by_its_own_title(search: KnowledgeSearch, knowledge: KnowledgeBase) -> None:
    missed = [name for name, topic in knowledge.topics.items() if search.find(topic.title)[0].topic != name]
    assert missed == []


def test_that_being_asked_often_orders_equals_and_beats_no_better_match(search: KnowledgeSearch) -> None:
    equal = [hit.topic for hit in search.find("理财")[:2]]
    assert [hit.topic for hit in search.find("理财", {equal[1]: 50})[:2]] == equal[::-1]
    assert search.find("挂失", {"creditcard.fee": 1000})[0].topic == "card.loss"


@given(st.text(max_size=LONGEST_QUERY + 50))
def test_that_any_text_is_answered(search: KnowledgeSearch, query: str) -> None:
    hits = search.find(query)
    assert len(hits) <= MOST_HITS
    assert all(hit.title and hit.short and hit.score > 0 for hit in hits)


@given(st.text(alphabet="转账zhuanzhng 卡12 ", max_size=LONGEST_QUERY))
def test_that_any_mixture_of_what_is_indexed_is_answered(search: KnowledgeSearch, query: str) -> None:
    assert len(search.find(query)) <= MOST_HITS


VARIANTS = [answer("旧规定满三天。", until="2026-06-30"), answer("新办法当日起。", **{"from": "2026-07-01"})]


@pytest.mark.parametrize(
    ("day", "query", "found"),
    [
        (date(2026, 6, 30), "旧规定满三天", True),
        (date(2026, 7, 1), "旧规定满三天", False),
        (date(2026, 6, 30), "新办法当日起", False),
        (date(2026, 7, 1), "新办法当日起", True),
        (date(2027, 6, 1), "新办法当日起", False),  # overdue for review
        (date(2027, 6, 1), "补卡", False),
    ],
)
def test_that_only_what_is_valid_that_day_is_found(tmp_path: Path, day: date, query: str, found: bool) -> None:
    world = load_knowledge(write(tmp_path, card=card(answers={"how": VARIANTS})))
    assert bool(KnowledgeSearch(world, day).find(query)) is found


def test_that_the_most_asked_come_first_then_the_banks_own_choice(tmp_path: Path) -> None:
    world = load_knowledge(write(tmp_path, popular=["std.1.1"]))
    assert by_interest(world, {}) == ["std.1.1", "card.replace"]
    assert by_interest(world, {"card.replace": 3, "no.such": 9}) == ["card.replace", "std.1.1"]
    assert by_interest(load_knowledge(write(tmp_path / "other")), {}) == ["card.replace", "std.1.1"]


def test_that_an_empty_search_box_lists_topics_that_can_be_told(tmp_path: Path) -> None:
    world = load_knowledge(write(tmp_path, section=section(review_by="2026-01-01")))
    listed = KnowledgeSearch(world, date(2026, 6, 1)).first(by_interest(world, {}))
    assert [(hit.topic, hit.aspect) for hit in listed] == [("card.replace", "overview")]


def test_that_the_banks_own_choice_names_topics_that_exist(knowledge: KnowledgeBase) -> None:
    assert knowledge.popular and set(knowledge.popular) <= set(knowledge.topics)
    assert by_interest(knowledge, {})[: len(knowledge.popular)] == list(knowledge.popular)
    assert sorted(by_interest(knowledge, {})) == sorted(knowledge.topics)
