"""Typed answers to a question with choices: 「第一个」, 「2」, 「后面那个」, 「补卡那个」, 「都不是」."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.nlu.normaliser import surface

NONE_OF_THEM = -1
LONGEST = 14
"""A longer answer is a message of its own; its scores decide."""
_NUMBERS = {"一": 0, "二": 1, "两": 1, "三": 2, "四": 3, "1": 0, "2": 1, "3": 2, "4": 3, "首": 0}
_LEAD = r"(?:我)?(?:想)?(?:选择?|要|问|说|就|是|的|应该|办|查|看|按){0,4}"
_TAIL = r"(?:吧|呀|啊|哦|呢|的|了|啦|就行|就好|谢谢)*[。.!！~]*"
_UNIT = r"(?:个|项|条|种|款|号|件|笔|张)?"
_ORDINAL = re.compile(rf"^{_LEAD}(?:第|选项)?(?P<number>[一二两三四1-4首]){_UNIT}(?:那个|的那个)?{_TAIL}$")
_LAST_BUT = re.compile(rf"^{_LEAD}(?:倒数第一|最后|最末|最下面|末尾){_UNIT}(?:面)?的?(?:那|这)?(?:一)?{_UNIT}{_TAIL}$")
_FRONT = re.compile(rf"^{_LEAD}(?:前|上|头|最上|最前)(?:面|边|头)?的?(?:那|这)?(?:一)?{_UNIT}{_TAIL}$")
_BACK = re.compile(rf"^{_LEAD}(?:后|下)(?:面|边|头)?的?(?:那|这)?(?:一)?{_UNIT}{_TAIL}$")
_MIDDLE = re.compile(rf"^{_LEAD}中间的?(?:那|这)?(?:一)?{_UNIT}{_TAIL}$")
_NONE = re.compile(
    r"都不是|都不对|都不要|都没有|全不是|全都不|不在里面|不在这里面|没有(?:一个)?(?:我)?(?:想|要)(?:问|的)|没我要的|哪个都不|两个都不|"
    r"一个都不|以上都不|^(?:不是|不对|没有|不)[。.!！]*$"
)
_FILLER = re.compile(
    r"^(?:我|想|要|问|说|选|就|是|的|办|那个|这个|请)+|(?:那个|这个|那一个|那项|那种|那条|的|吧|呀|啊|哦|呢|了|就行)+[。.!！]*$"
)


def counted(text: str, count: int) -> int | None:
    """Return which of ``count`` choices ``text`` picks by its place.

    Returns:
        The position of the choice, `NONE_OF_THEM` when all are turned down, None when it names no place.
    """
    said = _said(text)
    if not said or not count or len(said) > LONGEST:
        return None
    last = count - 1
    if _NONE.search(said):
        return NONE_OF_THEM
    if (match := _ORDINAL.match(said)) is not None:
        number = _NUMBERS[match["number"]]
        return number if number <= last else None
    for pattern, position in ((_LAST_BUT, last), (_FRONT, 0), (_BACK, last), (_MIDDLE, last // 2)):
        if pattern.match(said):
            return position
    return None


def named(text: str, names: Sequence[Sequence[str]]) -> int | None:
    """Return which choice a short ``text`` picks by name; None when it names none, or several alike.

    Args:
        text: the customer's words.
        names: for every choice what it is called: its title, then other names.
    """
    core = _FILLER.sub("", _FILLER.sub("", _said(text)))
    if not names or not 2 <= len(core) <= LONGEST:
        return None
    scores = [max((_likeness(core, surface(name)) for name in called), default=0.0) for called in names]
    best = max(range(len(scores)), key=scores.__getitem__)
    others = [score for position, score in enumerate(scores) if position != best]
    return best if scores[best] >= 0.6 and scores[best] > max(others, default=0.0) else None


def _said(text: str) -> str:
    return surface(text).strip(" ,，.。!！?？")


def _likeness(core: str, name: str) -> float:
    """Share of ``core`` that stands in ``name`` in pairs of characters; 1.0 when it stands there as a whole."""
    if core in name or (len(name) >= 2 and name in core):
        return 1.0 + len(name) / 1000 if core == name else 1.0
    pairs = [core[at : at + 2] for at in range(len(core) - 1)]
    return sum(pair in name for pair in pairs) / len(pairs)
