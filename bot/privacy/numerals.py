"""How people spell a single digit: tables and small parsers, nothing about secrets.

A digit reaches a bank chat as ``6``, ``６``, ``⑥``, ``六``, ``陸``, ``6️⃣``, ``six`` or ``liu``; a group
may also be read as a number (``六十二`` for 62).  Everything here is a pure lookup with bounded work.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Spoken and written Chinese digits that the Unicode database does not call numeric, or calls otherwise.
_EXTRA_DIGITS = {
    "○": "0", "◯": "0", "⭕": "0", "洞": "0", "〇": "0", "零": "0",
    "幺": "1", "么": "", "弌": "1", "壱": "1",
    "两": "2", "兩": "2", "俩": "2", "倆": "2", "弍": "2", "弐": "2",
    "仨": "3", "弎": "3", "叁": "3", "叄": "3", "參": "3", "参": "3",
    "拐": "7", "勾": "9", "🔟": "10",
    "什": "", "廾": "", "兆": "",
}  # fmt: skip

#: Units inside a number read aloud; 万 and 亿 stay text because they only occur in amounts.
HAN_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_HAN_TENS = {"廿": "二十", "卄": "二十", "卅": "三十", "卌": "四十"}

#: English and pinyin names of digits, longest first where one begins another.
_WORDS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
    "ling": "0", "dong": "0", "yao": "1", "yi": "1", "er": "2", "liang": "2", "san": "3", "si": "4",
    "wu": "5", "liu": "6", "lu": "6", "qi": "7", "guai": "7", "ba": "8", "jiu": "9", "gou": "9",
}  # fmt: skip
_WORD = re.compile("[0-9]|" + "|".join(sorted(_WORDS, key=len, reverse=True)))

#: Letters that stand for digits only inside a group of digits (``6222O2O2``).
LOOKALIKES = {"O": "0", "o": "0", "I": "1", "l": "1"}


@lru_cache(maxsize=4096)
def digits_of(char: str) -> str:
    """Digits that one character spells, or ``""``.

    In: one character.  Out: ``"6"`` for ``６``, ``⑥``, ``陸`` or ``𝟞``; ``"12"`` for ``⑫``; ``""`` else.
    Units such as ``十`` are not digits, see :func:`parse_han_number`.
    """
    extra = _EXTRA_DIGITS.get(char)
    if extra is not None:
        return extra
    if char in HAN_UNITS or char in _HAN_TENS:
        return ""
    if 0xE0030 <= ord(char) <= 0xE0039:  # invisible "tag" digits
        return chr(ord(char) - 0xE0000)
    value = unicodedata.numeric(char, -1.0)
    if value < 0:
        folded = unicodedata.normalize("NFKC", char)
        return digits_of(folded) if len(folded) == 1 and folded != char else ""
    return str(int(value)) if value < 100 and value == int(value) else ""


def spelled_words(word: str) -> str:
    """Digits of a run of Latin letters made only of digit names, or ``""``.

    In: letters and digits, any case (``"six"``, ``"liuerer"``, ``"2si"``).  Out: ``"6"``, ``"622"``,
    ``"24"``; ``""`` when any letter is left.
    """
    word = word.lower()
    found: list[str] = []
    at = 0
    while at < len(word):
        match = _WORD.match(word, at)
        if match is None:
            return ""
        found.append(_WORDS.get(match.group(), match.group()))
        at = match.end()
    return "".join(found)


def parse_han_number(chars: str, at: int) -> tuple[str, int]:
    """Read one number below 10,000 with units that begins at ``at``.

    In: a string of Chinese digits and units, an index.  Out: the digits (``"62"`` for ``六十二``,
    ``"20"`` for ``二十``, ``"105"`` for ``一百零五``) and the index after it; ``("", at)`` when no number
    with a unit begins there.
    """
    tens = _HAN_TENS.get(chars[at])
    if tens:
        ones, after = _ones(chars, at + 1)
        return digits_of(tens[0]) + (ones or "0"), after
    if chars[at] in HAN_UNITS and at + 1 < len(chars) and chars[at + 1] in HAN_UNITS:
        return "", at
    total, last_unit, index, zero = 0, 10_000, at, False
    while index < len(chars):
        char = chars[index]
        following = chars[index + 1] if index + 1 < len(chars) else ""
        unit = HAN_UNITS.get(following, 0)
        digit = digits_of(char)
        if len(digit) == 1 and digit != "0" and 0 < unit < last_unit:
            total, last_unit, index, zero = total + int(digit) * unit, unit, index + 2, False
        elif HAN_UNITS.get(char) == 10 and last_unit > 10:
            total, last_unit, index, zero = total + 10, 10, index + 1, False
        elif digit == "0" and 10 < last_unit < 10_000 and not zero:
            zero, index = True, index + 1
        else:
            break
    if last_unit == 10_000:
        return "", at
    if zero and (index >= len(chars) or not _ones(chars, index)[0]):
        return str(total), index - 1
    ones, after = _ones(chars, index)
    if ones:
        colloquial = last_unit > 10 and not zero  # 六百二 is 620
        if colloquial and after < len(chars) and digits_of(chars[after]):
            return str(total), index
        total += int(ones) * (last_unit // 10 if colloquial else 1)
    return str(total), after


def _ones(chars: str, at: int) -> tuple[str, int]:
    """The digit at ``at`` when it is the last place of a number (no unit after it)."""
    if at < len(chars) and (at + 1 >= len(chars) or chars[at + 1] not in HAN_UNITS):
        digit = digits_of(chars[at])
        if len(digit) == 1 and digit != "0":
            return digit, at + 1
    return "", at
