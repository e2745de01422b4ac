"""One canonical view of a text with offsets kept, so that detectors need not know spellings.

``fold`` gives three parallel sequences, one entry a folded character:

* ``plain``  lower case, compatibility forms unified, invisible characters dropped, words readable;
* ``digits`` the same, but every spelling of a digit is an ASCII digit and every X-like sign is ``x``;
* ``starts`` / ``ends`` the half-open range of the original text that the entry stands for.

Placeholders written by an earlier masking become one :data:`BARRIER`, which joins nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.privacy import numerals

#: A letter nobody types; detectors never read across it.
BARRIER = "ǁ"

PLACEHOLDER = re.compile("〔(?:(?:卡号|手机号)尾号[0-9]{4}|证件号|密码|验证码|安全码)〕")

_HAN = "一二三四五六七八九〇零两兩壹贰貳叁叄參参肆伍陆陸柒捌玖"
_UNITS = "十拾百佰千仟廿卅"
#: Placeholders, Latin words (perhaps with digits), Chinese numbers with a unit.
_SPECIAL = re.compile(
    rf"{PLACEHOLDER.pattern}|(?<![A-Za-z0-9])[0-9]*[A-Za-z][A-Za-z0-9]*"
    rf"|(?<![{_HAN}{_UNITS}])[{_HAN}]*[{_UNITS}][{_HAN}{_UNITS}]*"
)

#: Traditional forms that occur in the words the detectors look for.
_SIMPLIFIED = str.maketrans(
    "碼驗證號動態銀賬帳帐電話聯係繫機訊錄後為結簽條設換輸寫給這個應該記過來發數總訂單運編傳",
    "码验证号动态银账账账电话联系系机讯录后为结签条设换输写给这个应该记过来发数总订单运编传",
)
_DASHES = frozenset("‐‑‒–—―−﹘﹣－ー﹣⸺⸻─━")
_X_LIKE = frozenset("xX×✕✖✗✘❌ХхΧχⅩⅹ叉")
_DROPPED = frozenset({"Mn", "Me", "Cf", "Cs", "Cc", "Sk"})


@dataclass(frozen=True)
class Folded:
    """The folded text; all four sequences have the same length."""

    plain: str
    digits: str
    starts: list[int]
    ends: list[int]


class _Layer(dict[int, str]):
    """A ``str.translate`` table that works characters out once, on first sight."""

    def __init__(self, layer: int) -> None:
        super().__init__()
        self._layer = layer

    def __missing__(self, code: int) -> str:
        value = _fold_char(chr(code))[self._layer]
        self[code] = value
        return value


def _fold_char(char: str) -> tuple[str, str]:
    if char in _X_LIKE:
        return ("叉" if char == "叉" else "x"), "x"
    if char.isspace():
        space = "\n" if char in "\n\r\u2028\u2029\v\f\x85" else " "
        return space, space
    if char in _DASHES:
        return "-", "-"
    digits = numerals.digits_of(char)
    unified = unicodedata.normalize("NFKC", char)
    if len(unified) != 1:
        unified = char
    if digits:
        plain = unified if "\u3400" <= unified <= "\u9fff" or unified == "〇" else digits[0]
        return (plain if len(digits) == 1 else plain * 3), digits
    if unicodedata.category(char) in _DROPPED and char not in "^`":
        return "", ""
    if char in "ㅤᅟᅠﾠ\u2800":  # letters and signs that print as nothing
        return " ", " "
    unified = unified.lower()
    unified = (unified if len(unified) == 1 else char).translate(_SIMPLIFIED)
    if unified == BARRIER:
        unified = "|"
    return unified, unified


#: A character that spells several digits has three entries in the plain table, which keeps the lengths of
#: both layers equal to the original's only when nothing was dropped or spelled out.
_PLAIN, _DIGITS = _Layer(0), _Layer(1)


class _Builder:
    def __init__(self) -> None:
        self.plain: list[str] = []
        self.digits: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def put(self, plain: str, digits: str, start: int, end: int) -> None:
        """Add ``digits`` (one entry each), all standing for the original range [start, end)."""
        for index, digit in enumerate(digits):
            self.plain.append(plain[index] if index < len(plain) else plain[-1])
            self.digits.append(digit)
            self.starts.append(start)
            self.ends.append(end)

    def chars(self, text: str, start: int, end: int) -> None:
        """Add the characters [start, end) of the original one by one."""
        if start == end:
            return
        part = text[start:end]
        plain, digits = part.translate(_PLAIN), part.translate(_DIGITS)
        if len(plain) == len(digits) == end - start:
            self.plain.append(plain)
            self.digits.append(digits)
            self.starts.extend(range(start, end))
            self.ends.extend(range(start + 1, end + 1))
            return
        for index in range(start, end):
            code = ord(text[index])
            digit = _DIGITS[code]
            if digit:
                self.put(_PLAIN[code], digit, index, index + 1)
            elif self.ends and self.ends[-1] == index:
                self.ends[-1] = index + 1  # an invisible sign belongs to what it follows


def fold(text: str) -> Folded:
    """Fold a text.

    In: any string.  Out: a :class:`Folded`; work is linear in ``len(text)``.
    """
    out = _Builder()
    at = 0
    for match in _SPECIAL.finditer(text):
        start, end = match.span()
        out.chars(text, at, start)
        at = end
        word = match.group()
        if word[0] == "〔":
            out.put(BARRIER, BARRIER, start, end)
        elif word.isascii():
            _latin(text, word, start, end, out)
        else:
            _han(text, word, start, out)
    out.chars(text, at, len(text))
    return Folded("".join(out.plain), "".join(out.digits), out.starts, out.ends)


def _latin(text: str, word: str, start: int, end: int, out: _Builder) -> None:
    """Digit names become digits; O and l inside a group of digits too; else letter by letter."""
    digits = numerals.spelled_words(word)
    if digits:
        out.put(digits, digits, start, end)
        return
    if all(char.isdigit() or char in numerals.LOOKALIKES for char in word):
        alone = word.isalpha()
        if (not alone and sum(map(str.isdigit, word)) > 1) or (alone and _between_digits(text, start, end)):
            for index, char in enumerate(word, start):
                digit = numerals.LOOKALIKES.get(char, char)
                out.put(digit, digit, index, index + 1)
            return
    out.chars(text, start, end)


def _between_digits(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" -./")
    after = text[end : end + 3].lstrip(" -./")
    return before[-1:].isdigit() and after[:1].isdigit()


def _han(text: str, word: str, start: int, out: _Builder) -> None:
    """Chinese numerals with units: numbers read aloud become their digits, the rest char by char."""
    at = 0
    while at < len(word):
        digits, after = numerals.parse_han_number(word, at)
        if digits:
            out.put(word[at] * len(digits), digits, start + at, start + after)
            at = after
        else:
            out.chars(text, start + at, start + at + 1)
            at += 1
