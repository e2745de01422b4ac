"""A file that cannot be used is refused in Chinese, with its name and the place; a good one is read whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge.loader import KnowledgeError, load_knowledge
from bot.knowledge.replies import load_replies
from tests.knowledge.worlds import CITE, REPLIES, SOURCES, TAXONOMY, answer, card, section, write


def with_answer(**changes: Any) -> dict[str, Any]:
    return card(answers={"how": answer(**changes)})


BROKEN: list[tuple[str, Any, str]] = [
    ("bank", None, "bank.yml: 文件不存在"),
    ("bank", "", "bank.yml: 应是一组"),
    ("bank", "bank: [热线", "bank.yml: 不是有效的 YAML"),
    ("bank", "bank: {a: 1}\nbank: {b: 2}", "bank.yml: 不是有效的 YAML"),
    ("bank", "bank: {hotline: 热线}".encode("gbk"), "bank.yml: 不是 UTF-8 编码"),
    ("taxonomy", {**TAXONOMY, "topics": None}, "taxonomy.yml: topics: 应是一组"),
    ("sources", {**SOURCES, "L2": {"number": "1"}}, "sources.yml: L2: 缺少 title"),
    ("sources", {**SOURCES, "L2": {"title": "法", "url": "x"}}, "sources.yml: L2: 不认识的键:url"),
    ("sources", {**SOURCES, "L2": "法"}, "sources.yml: L2: 应是一组"),
    ("card", "", "card.replace.yml: 应是一组"),
    ("card", card(owner="我"), "不认识的键:owner"),
    ("card", card(title=None), "title: 缺少这一项"),
    ("card", card(answers={}), "answers: 缺少这一项"),
    ("card", card(answers=["how"]), "answers: 应是一组"),
    ("card", card(answers={"how": []}), "answers.how: 缺少内容"),
    ("card", card(id="card.swap"), "id: 文件名应与 id 一致:card.swap.yml"),
    ("card", card(review_by="明年"), "review_by: 日期应写成 2027-05-31 的形式"),
    ("card", card(review_by=None), "review_by: 缺少这一项"),
    ("card", card(related="card.loss"), "related: 应是列表"),
    ("card", card(aliases="补卡"), "aliases: 应是列表"),
    ("card", card(answers={"how": "带证件"}), "answers.how: 应写成“short: …”"),
    ("card", with_answer(short=""), "answers.how: 缺少 short"),
    ("card", with_answer(certainty="A"), "certainty 应为 H、M、B、L、R 之一"),
    ("card", with_answer(tip="x"), "answers.how: 不认识的键:tip"),
    ("card", with_answer(steps="带证件"), "answers.how.steps: 应是列表"),
    ("card", with_answer(steps=[{"第一步": "取号"}]), "answers.how.steps: 每一项应是一句话,有冒号时请加引号"),
    ("card", with_answer(facts=["5元"]), "answers.how.facts: 应是一组"),
    ("card", with_answer(cite=dict(CITE)), "answers.how: 应是列表"),
    ("card", with_answer(cite=[{**CITE, "source": "L99"}]), "引用的来源不在 sources.yml 中"),
    ("card", with_answer(cite=["std"]), "引用的来源不在 sources.yml 中:std"),
    ("card", with_answer(cite=[{**CITE, "certainty": "?"}]), "引用的 certainty 应为"),
    ("card", with_answer(**{"from": "三月"}), "answers.how: 日期应写成"),
    ("card", with_answer(short="打 {bank.phone}"), "bank.yml 里没有 bank.phone"),
    ("card", with_answer(short="打 {Bank.Hotline}"), "bank.yml 里没有 Bank.Hotline"),
    ("card", with_answer(short="打 {热线}"), "bank.yml 里没有 热线"),
    ("card", with_answer(short="见 {bank}"), "bank.yml 里没有 bank"),
    ("section", section(promises=["承诺"]), "std.1.1.yml: promises: 每一项应写 text 和 clause"),
]


@pytest.mark.parametrize(("file", "content", "problem"), BROKEN, ids=[problem for _, _, problem in BROKEN])
def test_that_a_broken_file_is_refused_in_chinese(tmp_path: Path, file: str, content: Any, problem: str) -> None:
    with pytest.raises(KnowledgeError) as refused:
        load_knowledge(write(tmp_path, **{file: content}))
    assert problem in str(refused.value)
    assert refused.value.file.endswith(".yml")


BROKEN_REPLIES: list[tuple[Any, str]] = [
    (None, "replies.yml: 文件不存在"),
    ("", "replies.yml: 应是一组"),
    ({"greet": {"steps": ["x"]}}, "greet: 缺少 text"),
    ({"greet": {"text": "您好", "emoji": "x"}}, "greet: 不认识的键:emoji"),
    ({"greet": {"text": "打 {bank.phone}"}}, "greet: bank.yml 里没有 bank.phone"),
    ({"greet": {"text": "您好", "steps": "取号"}}, "greet: 应是列表"),
    ({"greet": {"text": "您好", "buttons": [{"title": "补卡"}]}}, "greet: 按钮缺少 aspect、topic"),
    (
        {"greet": {"text": "您好", "buttons": [{"title": "补", "topic": "card.swap", "aspect": "how"}]}},
        "greet: 按钮指向不存在的主题:card.swap",
    ),
    ({"greet": {"text": "您好", "handoff": {"state": "now"}}}, "greet: 不符合回复的格式"),
    ({"greet": {"text": "您好", "cite": [{"source": "L9"}]}}, "greet: 引用的来源不在 sources.yml 中"),
]


@pytest.mark.parametrize(("content", "problem"), BROKEN_REPLIES, ids=[problem for _, problem in BROKEN_REPLIES])
def test_that_broken_replies_are_refused_in_chinese(tmp_path: Path, content: Any, problem: str) -> None:
    directory = write(tmp_path, replies=content)
    with pytest.raises(KnowledgeError) as refused:
        load_replies(directory, load_knowledge(directory))
    assert problem in str(refused.value)


def test_that_a_good_knowledge_base_is_read_whole(tmp_path: Path) -> None:
    rich = answer(steps=["取号", "办理"], materials=["证件"], facts={"费用": "{card.fee} 元"}, note="以当天为准。")
    knowledge = load_knowledge(write(tmp_path, card=card(answers={"how": rich}, aliases=["补卡"], related=["std.1.1"])))
    assert set(knowledge.topics) == {"card.replace", "std.1.1"} == set(knowledge.known_topics)
    topic = knowledge.topics["card.replace"]
    found = topic.answer("how", date(2026, 1, 1))
    assert found is not None
    assert (found.steps, found.materials, found.facts) == (("取号", "办理"), ("证件",), (("费用", "5 元"),))
    assert found.citations[0].source.title == "《2025年银行客户服务规范》"
    assert (topic.aliases, topic.related, topic.is_standard) == (("补卡",), ("std.1.1",), False)
    assert topic.review_by == date(2027, 5, 31)


def test_that_bank_values_are_filled_in_everywhere(tmp_path: Path) -> None:
    told = answer("打 {bank.hotline}", steps=["进{bank.app}"], points=["{bank.app}"], note="{bank.hotline}")
    directory = write(tmp_path, card=card(answers={"how": told}))
    knowledge = load_knowledge(directory)
    found = knowledge.topics["card.replace"].answer("how", date(2026, 1, 1))
    assert found is not None
    assert (found.short, found.steps, found.note) == ("打 95-000", ("进本行手机银行",), "95-000")
    assert knowledge.bank_value("card.fee") == "5"
    greeting = load_replies(directory, knowledge).blocks("greet")
    assert greeting == [{"type": "text", "text": "您好,客服热线 95-000。"}]


def test_that_a_value_of_the_bank_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        load_knowledge(write(tmp_path)).bank_value("bank.phone")


def test_that_replies_cannot_be_changed_by_who_reads_them(tmp_path: Path) -> None:
    directory = write(tmp_path, replies=REPLIES)
    replies = load_replies(directory, load_knowledge(directory))
    replies.blocks("greet").append({"type": "rating", "title": "请评价"})
    replies.blocks("greet")[0]["text"] = "变了"
    assert replies.blocks("greet") == [{"type": "text", "text": "您好,客服热线 95-000。"}]
    assert "greet" in replies and "thanks" not in replies


@pytest.mark.parametrize("value", ["2027-05-31", date(2027, 5, 31)])
def test_that_days_may_be_quoted_or_not(tmp_path: Path, value: Any) -> None:
    knowledge = load_knowledge(write(tmp_path, card=card(review_by=value)))
    assert knowledge.topics["card.replace"].review_by == date(2027, 5, 31)


def test_that_a_time_of_day_behind_a_date_does_no_harm(tmp_path: Path) -> None:
    text = "id: card.replace\ntitle: 补卡\nreview_by: 2027-05-31 08:00:00\nanswers:\n  how: {short: 好, certainty: B}\n"
    assert load_knowledge(write(tmp_path, card=text)).topics["card.replace"].review_by == date(2027, 5, 31)
