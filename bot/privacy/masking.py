"""``mask``: replace every secret of a text by a placeholder that says only what it was.

Pure and deterministic; linear in the length of the text.  Rules of what counts as a secret follow
JR/T 0171-2020 (C2 and C3 information); what may stay is the last four digits of a card or phone.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from bot.privacy import numbers, protect, stated
from bot.privacy.case_numbers import without_case_numbers
from bot.privacy.normalise import fold

Kind = Literal["card", "id_number", "phone", "password", "code", "cvv"]

_LABELS: dict[str, str] = {
    "card": "〔卡号尾号{}〕",
    "id_number": "〔证件号〕",
    "phone": "〔手机号尾号{}〕",
    "password": "〔密码〕",
    "code": "〔验证码〕",
    "cvv": "〔安全码〕",
}
_KINDS: dict[str, Kind] = {
    "card": "card",
    "id_number": "id_number",
    "phone": "phone",
    "password": "password",
    "code": "code",
    "cvv": "cvv",
}
#: Masking once more must change nothing; further rounds only look at what a first one left.
_ROUNDS = 5
#: Characters on each side of a placeholder that are looked at again, and read as context besides.
_REACH, _MARGIN = 160, 80


@dataclass(frozen=True)
class Masked:
    """A masked text.

    Attributes:
        text: the text with placeholders.  kinds: what was masked, sorted, each once.
        spans: (kind, start, end) in the original text, half-open, in order, disjoint.
    """

    text: str
    kinds: tuple[Kind, ...]
    spans: tuple[tuple[Kind, int, int], ...]


@dataclass(frozen=True)
class _Piece:
    kind: Kind
    start: int
    end: int
    label: str


def mask(text: str) -> Masked:
    """Mask cards, citizen numbers, mobile phones, passwords, codes and security codes.

    In: any string.  Out: :class:`Masked`.  ``mask(mask(x).text).text == mask(x).text``.
    """
    pieces: list[_Piece] = []
    plain = without_case_numbers(text)
    current = plain
    found = _detect(plain)
    for _ in range(_ROUNDS):
        if not found:
            break
        pieces = _merge(pieces, found)
        current = _render(plain, pieces)
        found = _detect_near(current, _places(pieces))
    return Masked(
        _render(text, pieces),
        tuple(sorted({piece.kind for piece in pieces})),
        tuple((piece.kind, piece.start, piece.end) for piece in pieces),
    )


def _places(pieces: list[_Piece]) -> list[int]:
    """Where the placeholders of ``pieces`` begin in the rendered text."""
    places, shift = [], 0
    for piece in pieces:
        places.append(piece.start + shift)
        shift += len(piece.label) - (piece.end - piece.start)
    return places


def _detect_near(text: str, places: list[int]) -> list[_Piece]:
    """What a placeholder brought to light: only its neighbourhood can read differently than before."""
    found: list[_Piece] = []
    index = 0
    while index < len(places):
        low = high = places[index]
        while index < len(places) and places[index] - high <= 2 * (_REACH + _MARGIN):
            high = places[index]
            index += 1
        start = max(0, low - _REACH - _MARGIN)
        for piece in _detect(text[start : high + _REACH + _MARGIN]):
            if low - _REACH <= piece.start + start and piece.end + start <= high + _REACH:
                found.append(_Piece(piece.kind, piece.start + start, piece.end + start, piece.label))
    return found


def _detect(text: str) -> list[_Piece]:
    folded = fold(text)
    marks = protect.marks(folded)
    found = numbers.find(folded, marks)
    named = stated.find(folded, marks, found)
    ranges: list[tuple[int, int, str, str]] = []
    for one in named:
        ranges.append((one.start, one.end, one.kind, ""))
    for number in found:
        if not any(one.start < number.end and number.start < one.end for one in _near(named, number.start)):
            ranges.append((number.start, number.end, number.kind, number.tail))
    ranges.sort()
    pieces: list[_Piece] = []
    for low, high, kind, tail in ranges:
        start, end = folded.starts[low], max(folded.ends[low:high])
        if pieces and start < pieces[-1].end:  # two readings share one written number
            last = pieces.pop()
            start, end = last.start, max(end, last.end)
        pieces.append(_Piece(_KINDS[kind], start, end, _LABELS[kind].format(tail)))
    return pieces


def _near(named: list[stated.Stated], start: int) -> list[stated.Stated]:
    index = bisect_right(named, start, key=lambda one: one.start)
    return named[max(0, index - 1) : index + 1]


def _merge(old: list[_Piece], new: list[_Piece]) -> list[_Piece]:
    """Add pieces found in the rendered text, their places taken back to the original."""
    if not old:
        return new
    rendered_ends: list[int] = []
    shifts: list[int] = [0]
    shift = 0
    for piece in old:
        rendered_ends.append(piece.start + shift + len(piece.label))
        shift += len(piece.label) - (piece.end - piece.start)
        shifts.append(shift)
    moved = []
    for piece in new:
        by = shifts[bisect_right(rendered_ends, piece.start)]
        moved.append(_Piece(piece.kind, piece.start - by, piece.end - by, piece.label))
    return sorted([*old, *moved], key=lambda piece: piece.start)


def _render(text: str, pieces: list[_Piece]) -> str:
    parts: list[str] = []
    at = 0
    for piece in pieces:
        parts += (text[at : piece.start], piece.label)
        at = piece.end
    parts.append(text[at:])
    return "".join(parts)
