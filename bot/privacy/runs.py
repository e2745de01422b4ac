"""The stream of digits in a text, and how strongly neighbouring digits hang together.

Levels of the gap before a digit: 0 nothing or only signs and space; 1 filler words (然后是, 再, 空格 …);
2 a few other Chinese words; 3 apart.  A *run* at level L is a stretch whose inner gaps are at most L.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from bot.privacy import checks
from bot.privacy.normalise import BARRIER, Folded
from bot.privacy.protect import NONE, STRONG

SIGNS, FILLER, WORDS, APART = 0, 1, 2, 3

_GROUP = re.compile("[0-9]+")
_SIGN_GAP = re.compile(r"[\W_]*|\s?x\s?")
_FILLER_CHARS = (
    "然后是再接着面下空格横杠线斜逗点加和跟与及还有嗯啊呃哦喔额哎对呢吧了的那个这就继续以到之前中间"
    "最末尾头段组行位第数字分隔"
)
_FILLER_WORDS = "and|then|space|dash|dot|slash|next|um|uh|jiezhe|ranhou|zai|shi"
_FILLER_GAP = re.compile(rf"(?:[\W_{_FILLER_CHARS}]|{_FILLER_WORDS})*")
_WORD_GAP = re.compile(r"[^\Wa-z0-9元块万亿年月日时分秒次笔个张号尾转存取余额密码证电手机]{1,8}")
_ORDINAL = re.compile(r"第[0-9]{1,2}(?:段|组|行|节|部分|个)|[前中后头末](?:面|边|间)?[0-9]{1,2}位")
_MAX_FILLER = 24
_TAG = re.compile(r"<[^<>]{0,40}>")
_NOISE = re.compile(r"[\W_]+")


class Digits:
    """All digits of a folded text with their surroundings; positions are indices into ``text``.

    Attributes:
        text: the ASCII digits joined.  at: their index in the folded text.  level: gap level before each.
        hard: 1 where a gap precedes the digit.  first: the same, and where the script changes once inside
        a group (``13812345678一张``).  han: 1 where the digit is a Chinese character.
        mark: the protection of each.  x_end: by digit, the folded index after an X that follows directly.
    """

    def __init__(self, folded: Folded, marks: bytearray) -> None:
        view = _ORDINAL.sub(lambda match: "第" * len(match.group()), folded.digits)
        plain = folded.plain
        self.at: list[int] = []
        self.level = bytearray()
        self.first = bytearray()
        self.hard = bytearray()
        self.han = bytearray()
        parts: list[str] = []
        previous_end = -1
        for match in _GROUP.finditer(view):
            start, end = match.span()
            level = _between(view[previous_end:start]) if previous_end >= 0 else APART
            inside = bytes(end - start - 1)
            self.at.extend(range(start, end))
            self.level.append(level)
            self.level.extend(inside)
            self.hard += b"\x01" + inside
            if plain[start:end].isascii():
                self.first += b"\x01" + inside
                self.han += b"\x00" + inside
            else:
                is_han = bytes(not char.isascii() for char in plain[start:end])
                self.first += b"\x01" + _inner_edges(is_han, folded.starts[start:end])
                self.han += is_han
            parts.append(match.group())
            previous_end = end
        self.text = "".join(parts)
        self.mark = bytearray(marks[index] for index in self.at)
        self._state = bytearray(self.level)
        self.x_end = self._x_ends(view, plain)
        self.first.append(1)  # the end of the text is an edge too
        self.hard.append(1)
        self.protected_before = [0, *accumulate(mark != NONE for mark in self.mark)]

    def _x_ends(self, view: str, plain: str) -> dict[int, int]:
        ends: dict[int, int] = {}
        for match in re.finditer(r"[x叉](?![a-z0-9])", plain):
            if view[match.start()] != "x":
                continue
            cut = match.start()
            while cut > max(0, match.start() - 8) and _NOISE.fullmatch(view[cut - 1]):
                cut -= 1
            ends[cut] = match.end()
        return {k: ends[at + 1] for k, at in enumerate(self.at) if at + 1 in ends} if ends else {}

    def __len__(self) -> int:
        return len(self.text)

    def runs(self, level: int, shortest: int = 10) -> list[tuple[int, int]]:
        """Maximal unclaimed stretches [a, b) of ``shortest`` digits or more, inner gaps at most ``level``."""
        pattern = rb"[\x00-\x03][\x00-\x%02x]{%d,}" % (level, shortest - 1)
        return [match.span() for match in re.finditer(pattern, self._state)]

    def stretches(self, level: int) -> list[tuple[int, int]]:
        """Maximal stretches that hold both claimed and free digits, inner gaps at most ``level``."""
        if b"\xff" not in self._state:
            return []
        pattern = rb"[\x00-\x03][\x00-\x%02x]{%d,}" % (level, 12)
        spans = (match.span() for match in re.finditer(pattern, self.level))
        return [(a, b) for a, b in spans if self.claimed(a, b) and not self.all_claimed(a, b)]

    def all_claimed(self, start: int, end: int) -> bool:
        """True when every digit of [start, end) belongs to a finding."""
        return self._state.count(b"\xff", start, end) == end - start

    def reach(self, a: int, b: int, low: int, high: int) -> tuple[int, int]:
        """Grow the claimed [a, b) over free digits, not beyond [low, high)."""
        while a > low and self._state[a - 1] != 0xFF:
            a -= 1
        while b < high and self._state[b] != 0xFF:
            b += 1
        return a, b

    def claim(self, start: int, end: int) -> None:
        """Give the digits [start, end) to a finding."""
        self._state[start:end] = b"\xff" * (end - start)

    def claimed(self, start: int, end: int) -> bool:
        """True when any digit of [start, end) belongs to a finding."""
        return b"\xff" in self._state[start:end]

    @cached_property
    def luhn_tables(self) -> tuple[bytearray, bytearray]:
        """The tables of :func:`checks.luhn_prefixes` over the whole stream."""
        return checks.luhn_prefixes(self.text)

    @cached_property
    def near(self) -> bytes:
        """1 where a group begins at most two digits away."""
        edge = self.first
        return bytes(any(edge[max(0, k - 2) : k + 3]) for k in range(len(edge)))

    def spans(self, start: int, end: int, level: int) -> bool:
        """True when a gap of exactly ``level`` lies inside [start, end)."""
        return self.level.find(level, start + 1, end) >= 0

    def luhn(self, start: int, end: int) -> bool:
        """True when the digits [start, end) pass the Luhn check."""
        table = self.luhn_tables[end & 1]
        return table[start] == table[end]

    def protected(self, start: int, end: int) -> int:
        """How many digits of [start, end) carry a mark."""
        return self.protected_before[end] - self.protected_before[start]

    def excused(self, start: int, end: int) -> bool:
        """True when every digit is marked and at least one strongly: a date and a time, two amounts."""
        return self.protected(start, end) == end - start and max(self.mark[start:end]) > 1

    def may_cut(self, index: int) -> bool:
        """True when a window may begin or end before ``index`` without tearing a protected number."""
        if self.first[index]:
            return True
        return min(self.mark[index - 1 : index + 1]) < STRONG

    def groups(self, start: int, end: int) -> list[int]:
        """Sizes of the written groups in [start, end); the first and last may be parts of a group."""
        edges = [k for k in range(start + 1, end) if self.hard[k]]
        edges.append(end)
        sizes = []
        for edge in edges:
            sizes.append(edge - start)
            start = edge
        return sizes


def _inner_edges(is_han: bytes, starts: list[int]) -> bytes:
    """Edges inside a group: beside a number read with units (``十``, ``二百``), or one change of script."""
    changes = [a != b for a, b in pairwise(is_han)]
    if sum(changes) != 1:
        changes = [False] * len(changes)
    for index, (a, b) in enumerate(pairwise(starts)):
        if a == b:  # one number spelled several digits
            if index and starts[index - 1] != a:
                changes[index - 1] = True
            if index + 1 < len(changes) and starts[index + 2] != b:
                changes[index + 1] = True
    return bytes(changes)


def _between(gap: str) -> int:
    return _gap_level(gap) if len(gap) <= _MAX_FILLER else _gap_level.__wrapped__(gap)


@lru_cache(maxsize=4096)
def _gap_level(gap: str) -> int:
    if "<" in gap:
        gap = _TAG.sub(" ", gap)
    if _SIGN_GAP.fullmatch(gap):
        return SIGNS
    if BARRIER in gap:
        return APART
    if len(gap) <= _MAX_FILLER and _FILLER_GAP.fullmatch(gap):
        return FILLER
    if len(gap) <= 3 * 8 and _WORD_GAP.fullmatch(_NOISE.sub("", gap)):
        return WORDS
    return APART
