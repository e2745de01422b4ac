"""Windows over a run of digits: which stretches could be a number, and how sure that is."""

from __future__ import annotations

from typing import NamedTuple

from bot.privacy import checks
from bot.privacy.runs import SIGNS, Digits

# Ranks, the surest last.
PHONE_GROUPS, CARD_UNKNOWN, CARD_GROUPS, PHONE_BLOCK, CARD_BLOCK, DOCUMENT = 1, 2, 3, 4, 5, 6

#: Written groups of a phone number, the country code left out.
PHONE_SHAPES = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 3, 4), (4, 4, 3), (5, 6), (6, 5)})
_COUNTRY = frozenset({"86", "0086", "0"})


class Window(NamedTuple):
    """Digits [a, b) of the stream read as ``kind``; ``tail`` is what may be shown."""

    kind: str
    a: int
    b: int
    rank: int = 0
    tail: str = ""


def written(d: Digits, a: int, b: int, level: int) -> list[Window]:
    """Numbers in [a, b) that begin and end at written group edges.

    In: the stream, a run, its level.  At the sign level every reading is a candidate; above it only
    readings that really span a filler and have ordinary groups.  Out: candidates, overlapping, unordered.
    """
    found: list[Window] = []
    if level == SIGNS:
        found.extend(_documents(d, a, b))
    elif not d.spans(a, b, level):
        return found
    edges = [k for k in range(a, b) if d.first[k]]
    edges.append(b)
    last = len(edges) - 1
    marked, tables = d.protected_before, d.luhn_tables
    for index in range(last):
        start = group = edges[index]
        prefixed = d.text[start] in "08"
        for place in range(index + 1, last + 1):
            end = edges[place]
            n = end - start
            if n > checks.CARD_MAX:
                break
            if not (d.hard[start] and d.hard[end]) and (d.hard[start] == d.hard[end] or any(d.hard[start + 1 : end])):
                continue  # a change of script bounds only what lies within one group
            table = tables[end & 1]
            promising = n >= 11 and (n < checks.CARD_MIN or n == 15 or table[start] == table[end])
            if (promising or prefixed) and n >= 11 and 2 * (marked[end] - marked[start]) <= n:
                window = _read(d, start, end, level)
                if window:
                    found.append(window)
            if d.hard[end]:
                if end - group < 2 or (level != SIGNS and end - group > 6):
                    break  # only the last group may be a single digit
                group = end
    return found


def _documents(d: Digits, a: int, b: int) -> list[Window]:
    found = []
    for match in checks.CITIZEN_START.finditer(d.text, a, b):
        start = match.start()
        if not d.first[start]:
            continue
        if start + 16 in d.x_end and checks.citizen_valid(d.text[start : start + 17] + "x"):
            found.append(Window("id_number", start, start + 17, DOCUMENT))
        end = start + 18
        if end <= b and d.first[end] and checks.citizen_valid(d.text[start:end]):
            found.append(Window("id_number", start, end, DOCUMENT))
    return found


def _read(d: Digits, a: int, b: int, level: int) -> Window | None:
    """What [a, b) is when its written groups are read as one number."""
    n = b - a
    passes = n >= checks.CARD_MIN and d.luhn(a, b)
    may_be_phone = d.text[a] in "018" and n <= 15
    if not (passes or may_be_phone or n == 15):
        return None
    if level != SIGNS and not d.spans(a, b, level):
        return None
    text = d.text[a:b]
    if may_be_phone and checks.MOBILE.fullmatch(text):
        shaped = phone_shaped(d, a, b)
        if shaped > 1 and 3 not in d.groups(a, b)[:2]:
            return None  # 4-4-3 is as likely the end of a card
        return Window("phone", a, b, PHONE_BLOCK if shaped == 1 else PHONE_GROUPS) if shaped else None
    blocks = 1 + sum(d.hard[a + 1 : b])
    if passes:
        issuer = checks.known_issuer(text)
        if blocks == 1:
            return Window("card", a, b, CARD_BLOCK if issuer else CARD_UNKNOWN)
        if issuer and n >= 15:
            return Window("card", a, b, CARD_GROUPS)
    elif n == 15 and blocks == 1 and checks.citizen15_valid(text):
        return Window("id_number", a, b, CARD_UNKNOWN)
    return None


def phone_shaped(d: Digits, a: int, b: int) -> int:
    """Number of groups of a phone in [a, b) when they have an ordinary shape, else 0."""
    sizes = tuple(d.groups(a, b))
    if len(sizes) > 1 and d.text[a : a + sizes[0]] in _COUNTRY:
        sizes = sizes[1:]
    return len(sizes) if len(sizes) == 1 or sizes in PHONE_SHAPES or max(sizes) == 1 else 0


def loose_phone(d: Digits, a: int, b: int) -> int:
    """Start of eleven digits of a mobile phone among stray digits in [a, b), or -1.

    Both edges must be written edges, or lie at most two Chinese digits off one (``…八一直``).
    """
    for start in range(a, b - 10):
        if d.text[start] == "1" and d.text[start + 1] in "3456789" and _edge(d, start) and _edge(d, start + 11):
            return start
    return -1


def _edge(d: Digits, index: int) -> bool:
    if d.first[index]:
        return True
    if not (d.han[index] or d.han[index - 1]):
        return False
    return any(d.first[max(0, index - 2) : index + 3])
