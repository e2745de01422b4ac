"""The bank's real knowledge: complete, valid as replies, and quoting nothing that does not exist."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.blocks import Reply
from bot.knowledge.check import NOT_TO_QUOTE, check_knowledge
from bot.knowledge.compose import ASPECT_TITLES, UNCERTAIN_NOTE, compose_answer
from bot.knowledge.day import today_in_bank
from bot.knowledge.loader import load_knowledge
from bot.knowledge.model import UNCERTAIN, KnowledgeBase
from bot.knowledge.replies import Replies, load_replies
from bot.knowledge.responses import responses_text, stale
from bot.training.asking import spoken

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = ROOT / "data" / "knowledge"
OUTCOMES = ("not_understood", "not_understood_again", "which_one", "which_service")


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load_knowledge(DIRECTORY)


@pytest.fixture(scope="module")
def replies(knowledge: KnowledgeBase) -> Replies:
    return load_replies(DIRECTORY, knowledge)


@pytest.fixture(scope="module")
def today() -> date:
    return today_in_bank()


def test_that_every_topic_and_section_of_the_taxonomy_has_its_file(knowledge: KnowledgeBase) -> None:
    assert set(knowledge.topics) == set(knowledge.known_topics)
    assert len([topic for topic in knowledge.topics.values() if topic.is_standard]) == 24


def test_that_the_check_finds_no_error_today(today: date) -> None:
    assert [problem for problem in check_knowledge(DIRECTORY, today) if problem.level == "error"] == []


def test_that_every_topic_answers_every_aspect_with_valid_cited_blocks(knowledge: KnowledgeBase, today: date) -> None:
    for topic in knowledge.topics:
        for aspect in (None, *knowledge.aspects):
            blocks = compose_answer(knowledge, topic, aspect, today)
            Reply.parse_obj({"blocks": blocks})
            kinds = [block["type"] for block in blocks]
            assert kinds[0] == "text" and kinds[-1] == "citation", (topic, aspect)
            assert "citation" not in kinds[: kinds.index("citation")], (topic, aspect)


def test_that_no_answer_quotes_a_forbidden_document(knowledge: KnowledgeBase, replies: Replies, today: date) -> None:
    asked = [(topic, aspect) for topic in knowledge.topics for aspect in knowledge.aspects]
    said = [compose_answer(knowledge, topic, aspect, today) for topic, aspect in asked]
    said += [replies.blocks(name) for name in (*knowledge.acts, *OUTCOMES) if name != "ask"]
    for blocks in said:
        told = "\n".join(spoken(blocks)) + "".join(block.get("source", "") for block in blocks)
        assert not any(banned in told for banned in NOT_TO_QUOTE), told
        assert "{" not in told and "None" not in told, told


def test_that_every_section_cites_the_banks_own_standard_by_its_number(knowledge: KnowledgeBase, today: date) -> None:
    for topic in (topic for topic in knowledge.topics.values() if topic.is_standard):
        cited = [block for block in compose_answer(knowledge, topic.id, None, today) if block["type"] == "citation"]
        own = [block["clause"] for block in cited if block["source"] == "《2025年银行客户服务规范》"]
        assert topic.id.removeprefix("std.") in own, topic.id
        assert topic.promises


def test_that_unsure_facts_say_so(knowledge: KnowledgeBase, today: date) -> None:
    unsure = 0
    for topic in knowledge.topics.values():
        for aspect in topic.answers:
            answer = topic.answer(aspect, today)
            told = "\n".join(spoken(compose_answer(knowledge, topic.id, aspect, today)))
            doubtful = answer is not None and answer.certainty in UNCERTAIN
            unsure += doubtful
            assert (UNCERTAIN_NOTE in told) is doubtful, (topic.id, aspect)
    assert unsure > 0


def test_that_complaints_are_decided_in_15_30_or_60_days(knowledge: KnowledgeBase, today: date) -> None:
    blocks = compose_answer(knowledge, "complaint.process", "time", today)
    told = "\n".join(spoken(blocks))
    assert all(f"{days}" in told for days in (15, 30, 60))
    assert any("第18条" in block["clause"] for block in blocks if block["type"] == "citation")


def test_that_there_is_a_reply_to_every_act_and_outcome(knowledge: KnowledgeBase, replies: Replies) -> None:
    for name in (*knowledge.acts, *OUTCOMES):
        if name != "ask":
            Reply.parse_obj({"blocks": replies.blocks(name)})


@pytest.mark.parametrize("act", ["request_human", "report_fraud", "crisis", "share_secret", "compensation"])
def test_that_acts_for_a_person_ask_for_one(replies: Replies, act: str) -> None:
    (handoff,) = [block for block in replies.blocks(act) if block["type"] == "handoff"]
    assert handoff["state"] != "offered"
    assert handoff["priority"] == ("urgent" if act in ("report_fraud", "crisis") else "normal")


EMERGENCY_NUMBERS = {"report_fraud": "110", "crisis": "120", "report_loss": "400-000-0000"}


@pytest.mark.parametrize("act", EMERGENCY_NUMBERS)
def test_that_emergencies_name_the_number_to_call(replies: Replies, act: str) -> None:
    assert EMERGENCY_NUMBERS[act] in "\n".join(spoken(replies.blocks(act)))


def test_that_out_of_scope_and_misunderstandings_cite_no_clause(replies: Replies) -> None:
    for name in ("out_of_scope", "not_understood", "which_one", "which_service"):
        assert [block for block in replies.blocks(name) if block["type"] == "citation"] == []


def test_that_every_aspect_has_a_title_that_fits_a_button(knowledge: KnowledgeBase) -> None:
    assert set(ASPECT_TITLES) == set(knowledge.aspects)
    longest = max(len(topic.title) for topic in knowledge.topics.values())
    assert longest + 1 + max(map(len, ASPECT_TITLES.values())) <= 60


def test_that_the_responses_file_is_what_the_knowledge_says_today(
    knowledge: KnowledgeBase, today: date, tmp_path: Path
) -> None:
    assert not stale(knowledge, today, ROOT), "run: nuoyan knowledge responses"
    assert stale(knowledge, today, tmp_path)
    assert responses_text(knowledge, date(2026, 1, 1)) != responses_text(knowledge, date(2026, 12, 31))
