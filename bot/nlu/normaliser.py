"""Bring the many spellings of one sentence to one form before anything looks at it.

Traditional characters, full-width forms, emoji, spaces between characters, drawn-out
punctuation and the politeness around a question carry no meaning for routing, but cost a
sentence encoder up to twenty points of accuracy when left in.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

from bot.nlu.sounds import from_pinyin
from bot.nlu.spoken import plain

MAX_CHARS = 300
"""Characters that routing reads; of a longer story its beginning and its end are kept."""

_CJK = r"\u3400-\u4dbf\u4e00-\u9fff"
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_SPACE_IN_CHINESE = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])")
_REPEATED = re.compile(r"([^\d])\1{2,}")
_PUNCTUATION_RUN = re.compile(r"([,.!?;:~、。!?…,])[,.!?;:~、。!?…,]+")
_PLACEHOLDER = re.compile(r"〔(卡号|证件号|手机号|密码|验证码|安全码)(?:尾号\d{4})?〕")

_OPENING = re.compile(
    r"^(?:你好|您好|哈喽|哈啰|嗨|hi|hello|喂|在吗|在不在|请问|请教|打扰|不好意思|麻烦|劳驾|那个|"
    r"亲亲?(?=[,。!~ 我请你您])|"
    r"(?:姑娘|小姑娘|闺女|小伙子|同志|师傅|老师|客服|小姐姐|美女|帅哥|经理)(?=[,你您我那请,。 ])|"
    r"(?:我)?(?:就|是)?(?:想|要)(?:请)?(?:问|咨询|了解|请教)|"
    r"咨询(?=一?下)|问(?=一?下|个|一声)|"
    r"帮我?(?:看|查|问)(?=一?下))"
    r"(?:一下子?|下|个事儿?|个问题|一声|你|您|们|了|啊|呀|哈|哦)*[\s,.!?:~、。!?…,]*"
)
_CLOSING = re.compile(
    r"[\s,.!?:~、。!?…,]*(?:(?:非常|十分|真的|太|很)?(?:谢谢|感谢)|多谢|谢了|麻烦|拜托|辛苦|在线等|thanks|thx|"
    r"我?(?:挺|很|好|比较|非常)?(?:着急|急用|急)的?)"
    r"(?:你|您|们|了|啦|啊|哈|哦|一下|大家)*[\s,.!?:~、。!?…,]*$"
)
_PINYIN = re.compile(r"[a-z]{2,}(?:[' ]?[a-z]+)*")
_CLASS = re.compile(r"(?<![a-z0-9])(i{1,3}|[123])(?=类)")
_CLASSES = {"i": "一", "ii": "二", "iii": "三", "1": "一", "2": "二", "3": "三"}
_CONTENT = re.compile(rf"[{_CJK}a-z0-9]", re.IGNORECASE)
_ACKNOWLEDGED = re.compile(r"(?:好+|嗯+|哦+|行|可以|知道|明白|清楚|ok|okay|了解)(?:的|了|吧|呢|啊|呀)*")
"""What is left of a thank-you without its thanks; it stays one: 「好的谢谢」 is more than 「好的」."""

_GESTURES = {
    **dict.fromkeys("👍🙏🌹", "谢谢"),
    **{"👌": "好的", "👋": "你好", "👎": "不满意", "❌": "不对", "🙅": "不要"},
}
"""What a message says that is nothing but a sign."""


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("tw2sp")


def surface(text: str) -> str:
    """Return ``text`` in one spelling: NFKC, simplified, lower case, no emoji, no idle spaces.

    In: any string. Out: a string of the same words, possibly empty (emoji only).
    Placeholders of masked secrets become plain words that training examples share.
    """
    text = _PLACEHOLDER.sub(lambda match: f" {match.group(1)}已屏蔽 ", text)
    text = unicodedata.normalize("NFKC", text)
    text = _INVISIBLE.sub("", text)
    text = "".join(" " if _is_idle(char) else char for char in text)
    text = _without_idle_spaces(text)
    text = _converter().convert(text).replace("幺", "么").replace("麽", "么").replace("帐", "账").lower()
    text = _PUNCTUATION_RUN.sub(r"\1", _REPEATED.sub(r"\1\1", text))
    text = _without_idle_spaces(plain(_without_idle_spaces(text)))
    text = _CLASS.sub(lambda found: _CLASSES[found.group(1)], text)
    return _PINYIN.sub(_in_characters, text)


def _in_characters(match: re.Match[str]) -> str:
    return from_pinyin(match.group()) or match.group()


def _is_idle(char: str) -> bool:
    """Whether ``char`` is an emoji, another symbol or a control character that routing need not see."""
    return unicodedata.category(char)[0] in "SC" and char not in "+%$¥="


def _without_idle_spaces(text: str) -> str:
    return _SPACE_IN_CHINESE.sub("", re.sub(r"\s+", " ", text).strip())


def without_politeness(text: str) -> str:
    """Strip greetings before and thanks after a question; what is nothing else stays as it is."""
    core, before = text, None
    while core != before:
        before = core
        for pattern in (_OPENING, _CLOSING):
            shorter = pattern.sub("", core, count=1)
            if len(_CONTENT.findall(shorter)) >= 2 and not _ACKNOWLEDGED.fullmatch(shorter):
                core = shorter
    return core


@lru_cache(maxsize=2048)
def normalise(text: str) -> str:
    """Return what the encoder and the n-gram features read (at most `MAX_CHARS` characters).

    In: the customer's masked text. Out: normalised text; empty only when nothing is said.
    """
    if len(text) > 8 * MAX_CHARS:
        text = text[: 4 * MAX_CHARS] + text[-4 * MAX_CHARS :]
    core = without_politeness(surface(text))
    if not _CONTENT.search(core):
        core = next((words for sign, words in _GESTURES.items() if sign in text), core)
    if len(core) > MAX_CHARS:
        half = MAX_CHARS // 2
        core = core[:half] + core[-half:]
    return core
