"""Secrets that words give away: passwords, one-time codes, card security codes, expiry dates.

A keyword opens a short look ahead.  Connecting words are skipped; what follows is a value when it looks
like one and is not a measure (``密码6位吗``, ``输错3次``, ``锁了24小时`` stay as they are).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from bot.privacy import protect, words
from bot.privacy.normalise import Folded
from bot.privacy.numbers import Number


@dataclass(frozen=True)
class Stated:
    """A secret named in words: kind, folded range, and whether it beats a number found in its place."""

    kind: str
    start: int
    end: int
    explicit: bool


class _Reader:
    def __init__(self, folded: Folded, marks: bytearray, numbers: list[Number]) -> None:
        self.plain, self.digits, self.marks = folded.plain, folded.digits, marks
        self.numbers = numbers
        self.number_starts = [one.start for one in numbers]

    def number_at(self, index: int) -> Number | None:
        """The number that covers folded ``index``."""
        place = bisect_right(self.number_starts, index) - 1
        return self.numbers[place] if place >= 0 and self.numbers[place].end > index else None

    def next_number(self, index: int) -> int:
        """Where the next number at or after ``index`` begins."""
        place = bisect_right(self.number_starts, index - 1)
        return self.number_starts[place] if place < len(self.numbers) else len(self.digits)

    def after(self, kind: str, at: int) -> Stated | None:
        """The value that follows a keyword ending at folded ``at``."""
        if not words.SOMETHING.search(self.digits, at, at + 48):
            return None
        lead = words.LEAD.match(self.plain, at)
        start = lead.end() if lead else at
        # a skipped word such as 6位 must not have eaten the value itself
        explicit = bool(words.SAYS.search(self.plain, at, start))
        value = self.value(kind, start, explicit, tight=True)
        if value or start >= len(self.plain) or kind == "cvv":
            return value
        recalled = words.REMEMBERED.match(self.plain, at)
        if recalled and recalled.end() > start:
            value = self.value(kind, recalled.end(), True, tight=True)
            if value:
                return value
        gap = words.FUZZY.match(self.digits, start)
        if gap is None or not gap.group():
            return None
        doubt = bool(words.DOUBT.search(self.plain, start, gap.end()))
        return self.value(kind, gap.end(), False, tight=False, doubt=doubt)

    def value(self, kind: str, at: int, explicit: bool, tight: bool, doubt: bool = False) -> Stated | None:
        """The value at folded ``at``, if what stands there is one."""
        token = words.TOKEN.match(self.digits, at)
        if token is None:
            return None
        word = token.group().rstrip(",.?;:!")
        number = self.number_at(at)
        if word[:1].isdigit() and not any("a" <= char <= "z" for char in word):
            return self.numeric(kind, at, explicit, tight, doubt, number)
        if kind == "cvv":
            return None
        length, has_digit = len(word), any(map(str.isdigit, word))
        if number is not None and not explicit:
            return None
        if has_digit:
            if doubt or length < (3 if explicit else 5) or max(self.marks[at : at + length]) == protect.STRONG:
                return None
        elif not (
            explicit and tight and length >= 4 and words.LETTERS.fullmatch(word) and word not in words.PLAIN_WORDS
        ):
            return None
        end = at + length
        inside = self.number_at(end - 1)
        end = max(end, inside.end) if inside else end
        more = words.TOKEN.match(self.digits, end + 1) if self.digits[end : end + 1] == " " else None
        if more and any(map(str.isdigit, more.group())) and not self.marks[end + 1]:
            stop = self.next_number(end)
            if end + 1 < stop and not words.MEASURE.match(self.digits, more.end()):
                end = min(more.end(), stop)
        return Stated(kind, at, end, explicit)

    def numeric(
        self, kind: str, at: int, explicit: bool, tight: bool, doubt: bool, number: Number | None
    ) -> Stated | None:
        """A value of digits only, perhaps with signs between."""
        if number is not None:
            whole = explicit and kind != "cvv" and number.start == at
            return Stated(kind, number.start, number.end, True) if whole else None
        stop = self.next_number(at)
        repeated = words.REPEATED.match(self.digits, at, stop)
        asks = "可以" in self.plain[max(0, at - 8) : at]  # 密码可以设成六个八吗
        if repeated and tight and kind == "password" and not asks:
            return Stated(kind, at, repeated.end(), explicit)
        match = words.DIGIT_GROUPS.match(self.digits, at, stop)
        if match is None:
            return None
        end, count = match.end(), sum(map(str.isdigit, match.group()))
        if count > 6 and self.plain[end - 1] == "一" and self.plain[end : end + 1] in words.ONE_WORD:
            end, count = end - 1, count - 1
        if self.excluded(at, end, count, explicit or kind == "cvv", tight):
            first = words.DIGITS.match(self.digits, at, stop)
            if first is None or first.end() == end:
                return None
            end, count = first.end(), first.end() - at
            if self.excluded(at, end, count, explicit or kind == "cvv", tight):
                return None
        if kind == "cvv":
            return Stated(kind, at, end, explicit) if 3 <= count <= 4 else None
        if doubt and count != 6:
            return None
        return Stated(kind, at, end, explicit) if count >= (3 if explicit else 4) else None

    def excluded(self, at: int, end: int, count: int, explicit: bool, tight: bool) -> bool:
        """True when the digits are a measure, a date, an amount or a hotline rather than a secret."""
        mark = max(self.marks[at:end])
        if mark == protect.STRONG:
            return True
        if mark == protect.HOTLINE:
            calls = self.plain[end : end + 1] in ("发", "来", "打")
            return not explicit or calls
        measured = mark == protect.COUNT or bool(words.MEASURE.match(self.plain, end))
        return measured and (count <= 4 or not tight)

    def before(self, kind: str, at: int) -> Stated | None:
        """The value in front of a keyword that begins at ``at``: ``112233是我的密码``."""
        if not at or self.plain[at - 1] not in words.BEHIND_ENDS:
            return None
        low = max(0, at - 14)
        lead = _back(self.plain, low, at)
        if lead < 0:
            return None
        match = words.BEFORE_TOKEN.search(self.digits[max(0, lead - 40) : lead])
        if match is None:
            return None
        start = max(0, lead - 40) + match.start()
        value = match.group()
        count = sum(map(str.isdigit, value))
        if self.number_at(start) or self.number_at(lead - 1) or max(self.marks[start:lead]) >= protect.COUNT:
            return None
        if count < (3 if kind == "cvv" else 4) or (kind == "cvv" and count > 4):
            return None
        return Stated(kind, start, lead, True)


def _back(plain: str, low: int, at: int) -> int:
    """Where the connecting words in front of ``at`` begin, or -1 when they state nothing."""
    for start in range(low, at):
        before = plain[start:at]
        if before[0] in "是就这那为(, \n" and (before == "(" or words.BEHIND.fullmatch(before)):
            return start
    return -1


def find(folded: Folded, marks: bytearray, numbers: list[Number]) -> list[Stated]:
    """All secrets named in words.

    In: the folded text, its marks and the numbers already found.  Out: disjoint findings in order; an
    explicit one may cover a number.
    """
    reader = _Reader(folded, marks, numbers)
    found: list[Stated] = []
    reach = 0
    for match in words.KEYWORDS.finditer(folded.plain):
        kind, start, end = match.lastgroup or "", match.start(), match.end()
        one: Stated | None
        if kind == "expiry":
            one = _expiry(folded, end)
        elif match.group() == "code" and words.OTHER_CODES.search(folded.plain, max(0, start - 9), start):
            one = None
        else:
            one = reader.before(kind, start) or reader.after(kind, end)
        if one and one.start >= reach:
            found.append(one)
            reach = one.end
    return found


def _expiry(folded: Folded, at: int) -> Stated | None:
    lead = words.EXPIRY_LEAD.match(folded.plain, at)
    start = lead.end() if lead else at
    match = words.EXPIRY.match(folded.digits, start)
    if match is None or words.MEASURE.match(folded.plain, match.end()):
        return None
    return Stated("cvv", start, match.end(), False)
