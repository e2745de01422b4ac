"""Turn an answer of the knowledge base into the blocks of a reply, with its citations."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.knowledge.model import UNCERTAIN, Answer, Citation, KnowledgeBase, Topic

Block = dict[str, Any]

ASPECT_TITLES = {
    "overview": "简介",
    "how": "办理步骤",
    "materials": "要带的材料",
    "time": "所需时间",
    "fee": "费用",
    "where": "办理渠道",
    "eligibility": "办理条件",
    "limit": "额度与限额",
    "exception": "办不了时",
    "rights": "规定与权利",
}
"""Aspects as a customer reads them on a button."""

NEXT_QUESTIONS = {
    "how": "怎么办理",
    "materials": "要带什么",
    "time": "要多久",
    "fee": "收费吗",
    "where": "在哪里办",
    "exception": "办不了怎么办",
}
"""What is worth asking next about the same topic, in the order in which it is offered."""

_FACT_KINDS = {"time", "fee", "limit", "where", "eligibility"}
_FALLBACK_ORDER = {
    "how": ("overview", "where"),
    "materials": ("how", "eligibility"),
    "time": ("how", "overview"),
    "fee": ("overview", "rights"),
    "where": ("how", "overview"),
    "eligibility": ("overview", "materials", "how"),
    "limit": ("overview", "rights", "how"),
    "exception": ("how", "overview"),
    "rights": ("overview", "exception"),
    "overview": ("how", "rights"),
}
UNCERTAIN_NOTE = "以上信息请以网点公告为准。"


def resolve_aspect(topic: Topic, aspect: str | None, day: date) -> str | None:
    """Return the aspect that is answered when ``aspect`` is asked: itself, else the nearest one."""
    wanted = aspect or "overview"
    for candidate in (wanted, *_FALLBACK_ORDER.get(wanted, ()), *topic.answers):
        if topic.answer(candidate, day) is not None:
            return candidate
    return None


def told_aspects(topic: Topic, day: date) -> list[str]:
    """Return the aspects of ``topic`` that have an answer on ``day``, in the order in which one reads them."""
    return [aspect for aspect in ASPECT_TITLES if topic.answer(aspect, day) is not None]


def compose_answer(knowledge: KnowledgeBase, topic_id: str, aspect: str | None, day: date) -> list[Block]:
    """Return the blocks that answer ``aspect`` of ``topic_id`` as of ``day``, citations last.

    Where the topic has nothing on that aspect the nearest one is given and said to be so; an
    answer whose review is overdue is not served as current.

    Raises:
        KeyError: the knowledge base has no such topic.
    """
    topic = knowledge.topics[topic_id]
    chosen = resolve_aspect(topic, aspect, day)
    if chosen is None or day > topic.review_by:
        return [
            {
                "type": "text",
                "text": f"“{topic.title}”的规定正在复核，为免说错，请您以网点公告为准，"
                f"或致电客服热线 {knowledge.bank_value('bank.hotline')}。",
            },
            offer_of_human("expired_knowledge"),
        ]
    answer = topic.answer(chosen, day)
    assert answer is not None  # noqa: S101 - resolve_aspect found it
    asked_elsewhere = aspect is not None and chosen != aspect and not topic.is_standard
    return _blocks(topic, chosen, answer, asked_elsewhere)


def _blocks(topic: Topic, aspect: str, answer: Answer, asked_elsewhere: bool) -> list[Block]:
    lead = f"关于“{topic.title}”，这一点没有单独的规定，先把相关的告诉您：" if asked_elsewhere else ""
    blocks: list[Block] = [{"type": "text", "text": lead + answer.short}]
    if answer.steps:
        blocks.append({"type": "steps", "title": "办理步骤", "items": list(answer.steps)})
    if answer.points:
        points = [{"text": point} for point in answer.points]
        blocks.append({"type": "facts", "kind": "other", "title": "要点", "items": points})
    if answer.materials:
        items = [{"text": material} for material in answer.materials]
        blocks.append({"type": "facts", "kind": "materials", "title": "要带的材料", "items": items})
    if answer.facts:
        kind = aspect if aspect in _FACT_KINDS else "other"
        facts = [{"label": label, "text": value} for label, value in answer.facts]
        blocks.append({"type": "facts", "kind": kind, "title": ASPECT_TITLES[aspect], "items": facts})
    caveats = [note for note in (answer.note, UNCERTAIN_NOTE if answer.certainty in UNCERTAIN else None) if note]
    if caveats:
        blocks.append({"type": "text", "text": "".join(caveats)})
    return blocks + [citation_block(citation) for citation in answer.citations]


def offer_of_human(reason: str) -> Block:
    """Return the block that offers a person for ``reason``."""
    return {"type": "handoff", "state": "offered", "reason": reason, "priority": "normal", "skill": "general"}


def citation_block(citation: Citation) -> Block:
    """Return the ``citation`` block of one place in one source."""
    source = citation.source
    title = source.title + (f"（{source.number}）" if source.number else "")
    block = {"type": "citation", "source": title, "clause": citation.clause, "certainty": citation.certainty}
    return {**block, "date": source.date} if source.date else block
