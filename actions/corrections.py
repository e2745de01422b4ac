"""What a customer puts right (「不是信用卡，是储蓄卡」) or asks by a mere word (「那挂失呢」); pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu.normaliser import surface

ASPECT_PHRASES = {
    "overview": "是什么",
    "how": "怎么办理",
    "materials": "要带什么材料",
    "time": "要多久",
    "fee": "要多少钱",
    "where": "在哪里办",
    "eligibility": "什么条件能办",
    "limit": "限额是多少",
    "exception": "办不了怎么办",
    "rights": "有什么规定",
}
"""How an aspect is asked for, to make a whole question of a mere word."""

_X = r"[^,，.。!！?？;；]"
_ASKED = r"(?:说|问|指|要|讲|办|查)"
_PUT_RIGHT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"不是(?:要|想)?{_ASKED}?(?:的是?)?(?P<wrong>{_X}{{1,12}}?)[,，.。!！\s]*(?:而是|应该是|我?(?:想)?{_ASKED}的?(?:是|就是)|"
        rf"我?是)(?P<right>{_X}{{1,24}})",
        rf"{_ASKED}的?(?:是|就是)(?P<right>{_X}{{1,20}}?)[,，\s]*(?:而)?(?:不是|可不是|并不是)(?P<wrong>{_X}{{1,12}})",
        rf"^(?:应该)?是(?P<right>{_X}{{1,12}}?)[,，\s]*不是(?P<wrong>{_X}{{1,12}})",
        rf"(?:不是|不对|错了?|弄错了?|搞错了?|理解错了?)(?:这个|的)?(?:意思)?[,，.。!！\s]+(?:我)?(?:是)?(?:想|要)?{_ASKED}(?:的)?(?:是|就是)?"
        rf"(?P<right>{_X}{{1,24}})",
        rf"(?:说|打|弄|搞|选)错了?[,，.。!！\s]+(?:我)?(?:应该)?是(?P<right>{_X}{{1,24}})",
        rf"^(?:我)?(?:想)?(?:刚才|刚刚)?{_ASKED}的(?:是|就是)(?P<right>{_X}{{1,24}})",
        rf"^(?:更正|纠正|改)一?下[,，:：\s]*(?:应该)?(?:是)?(?P<right>{_X}{{1,24}})",
    )
)
_MERE_WORD = re.compile(
    rf"^(?:那么?)?(?:要是|如果是?|换成|换作|改成)?(?:我)?(?P<right>{_X}{{1,12}}?)(?:的话)?(?:呢|咋样|怎么样|行不行)[?？]*$"
)
_BEGINNING = re.compile(r"^(?:想|要|问|说|指|办|查)+(?=.{2})")
_POINTS = re.compile(r"[这那]")
_ENDING = re.compile(r"(?:的)?(?:吧|呀|啊|哦|呢|嘛|啦|了)*$")


@dataclass(frozen=True)
class Correction:
    """What is meant, and what was said instead if the customer named it."""

    right: str
    wrong: str | None = None


def correction_in(text: str) -> Correction | None:
    """Return what ``text`` puts right; None when it puts nothing right."""
    said = surface(text)
    for pattern in _PUT_RIGHT:
        if (match := pattern.search(said)) is not None:
            right = _BEGINNING.sub("", _ENDING.sub("", match["right"].strip()))
            wrong = match.groupdict().get("wrong")
            if right:
                return Correction(right, _ENDING.sub("", wrong.strip()) if wrong else None)
    return None


def mere_word_in(text: str) -> str | None:
    """Return the word of a question that is nothing but a word (「那挂失呢」)."""
    match = _MERE_WORD.search(surface(text))
    return match["right"].strip() if match is not None else None


def wordings(right: str, wrong: str | None, question: str, products: Sequence[str], aspect: str | None) -> list[str]:
    """Return whole questions that ``right`` may stand for, the surest first.

    Args:
        right: what is meant.
        wrong: what was said or understood instead.
        question: the customer's question before.
        products: names of products in that question.
        aspect: the aspect that was asked.
    """
    before = surface(question)
    replaced = [before.replace(name, right) for name in (wrong, *products) if name and name in before]
    if before and wrong and not replaced and not _POINTS.match(wrong):  # the question left it open (「怎么提高额度」)
        replaced = [f"{right}{before}"]
    phrase = ASPECT_PHRASES.get(aspect or "")
    return list(dict.fromkeys([*replaced[:2], *([f"{right}{phrase}"] if phrase else []), right]))
