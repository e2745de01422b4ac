"""Check the knowledge base for people who edit it: every problem with its file and its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from bot.knowledge.loader import POPULAR, knowledge_files, parse_topic, read_popular, read_sources, read_taxonomy
from bot.knowledge.model import KnowledgeBase, Topic
from bot.knowledge.reading import KnowledgeError, read_table, read_yaml
from bot.knowledge.replies import load_replies

LEAST_ASPECTS = 4
"""A service topic with fewer answered aspects than this is reported."""
LONGEST_SHORT = 140

NOT_TO_QUOTE = ("《2025年银行业服务规范》", "银保监发〔2021〕12号", "AI智能客服伦理服务标准")
"""Documents that do not exist or are no source; an answer must never quote them."""


@dataclass(frozen=True)
class Problem:
    """One finding; an ``error`` makes the check fail, a ``warning`` does not."""

    level: Literal["error", "warning"]
    file: str
    text: str


def check_knowledge(directory: Path, today: date) -> list[Problem]:
    """Return all problems of the knowledge in ``directory`` as of ``today``, errors first."""
    problems: list[Problem] = []
    topics: dict[str, Topic] = {}
    try:
        taxonomy = read_taxonomy(directory)
        bank = read_table(directory / "bank.yml")
        sources = read_sources(directory)
        popular = read_popular(directory)
    except KnowledgeError as error:
        return [Problem("error", error.file, str(error))]
    known = {**taxonomy["topics"], **taxonomy["standards"]}
    for path in knowledge_files(directory):
        try:
            topic = parse_topic(path.name, read_yaml(path), sources, bank)
        except KnowledgeError as error:
            problems.append(Problem("error", path.name, str(error)))
            continue
        topics[topic.id] = topic
        problems += _check_topic(topic, path.name, set(known), set(taxonomy["aspects"]), today)
    missing = [name for name in known if name not in topics]
    problems += [Problem("warning", f"{name}.yml", f"还没有“{known[name]}”的知识文件") for name in missing]
    strange = [name for name in popular if name not in known]
    problems += [Problem("error", POPULAR, f"分类表里没有主题 {name}") for name in strange]
    knowledge = KnowledgeBase(topics, sources, bank, taxonomy["aspects"], taxonomy["acts"], known)
    try:
        replies = load_replies(directory, knowledge)
        silent = [act for act in taxonomy["acts"] if act != "ask" and act not in replies]
        problems += [Problem("error", "replies.yml", f"没有写“{act}”的答复") for act in silent]
    except KnowledgeError as error:
        problems.append(Problem("error", error.file, str(error)))
    return sorted(problems, key=lambda problem: (problem.level != "error", problem.file))


def _check_topic(topic: Topic, file: str, known: set[str], aspects: set[str], today: date) -> Iterator[Problem]:
    if topic.id not in known:
        yield Problem("error", file, f"分类表里没有主题 {topic.id}")
    if today > topic.review_by:
        yield Problem("error", file, f"应在 {topic.review_by} 前复核,已过期:请核对后更新 review_by")
    for name in topic.related:
        if name not in known:
            yield Problem("error", file, f"related 指向不存在的主题 {name}")
    for aspect in set(topic.answers) - aspects:
        yield Problem("error", file, f"分类表里没有方面 {aspect}")
    if topic.is_standard and not topic.promises:
        yield Problem("error", file, "规范的章节要写明软件自身的承诺(promises)")
    if not topic.is_standard and len(topic.answers) < LEAST_ASPECTS:
        yield Problem("warning", file, f"只回答了 {len(topic.answers)} 个方面,至少写 {LEAST_ASPECTS} 个")
    for aspect, variants in topic.answers.items():
        if topic.answer(aspect, today) is None:
            yield Problem("error", file, f"answers.{aspect} 今天没有有效的说法(检查 from、until)")
        for answer in variants:
            if not answer.citations:
                yield Problem("error", file, f"answers.{aspect} 没有写依据(cite)")
            if len(answer.short) > LONGEST_SHORT:
                advice = f"answers.{aspect} 的 short 有 {len(answer.short)} 字,请压到 {LONGEST_SHORT} 字以内"
                yield Problem("warning", file, advice)
            listed = [*answer.steps, *answer.points, *answer.materials]
            listed += [text for fact in answer.facts for text in fact]
            told = "".join((answer.short, *listed, answer.note or ""))
            for banned in NOT_TO_QUOTE:
                if banned in told:
                    yield Problem("error", file, f"answers.{aspect} 引用了不可引用的文件 {banned}")
