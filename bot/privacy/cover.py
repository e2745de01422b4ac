"""The last resort: everything that any passing window covers, so that nothing hides beside other digits."""

from __future__ import annotations

from bot.privacy import checks
from bot.privacy.runs import SIGNS, Digits
from bot.privacy.windows import Window

#: A passing window must hold this many digits that no mark explains.
_OWN_DIGITS = 7
#: Longer stretches are masked as one piece without looking for the best reading.
_READABLE = 80


def union(d: Digits, a: int, b: int, level: int) -> list[Window]:
    """Stretches of [a, b) covered by windows that pass the Luhn or the citizen check.

    In: the stream, a run, its level; above the sign level only cards of known issuers with an edge on one
    side and nearly one on the other.  Out: disjoint windows in order; ``tail`` is of the likeliest card.
    """
    passing = _passing(d, a, b)
    if level != SIGNS:
        passing = [one for one in passing if d.spans(one.a, one.b, level) and _near_edges(d, one)]
    for match in checks.CITIZEN_START.finditer(d.text, a, b):
        start = match.start()
        if start + 16 in d.x_end and checks.citizen_valid(d.text[start : start + 17] + "x"):
            passing.append(Window("id_number", start, start + 17))
        if start + 18 <= b and checks.citizen_valid(d.text[start : start + 18]):
            passing.append(Window("id_number", start, start + 18))
    passing.sort(key=lambda one: one.a)
    clusters: list[list[Window]] = []
    reach = -1
    for one in passing:
        if one.a >= reach:
            clusters.append([])
        clusters[-1].append(one)
        reach = max(reach, one.b)
    found: list[Window] = []
    for cluster in clusters:
        found.extend(_settle(d, cluster))
    return found


def _passing(d: Digits, a: int, b: int) -> list[Window]:
    found: list[Window] = []
    marked = d.protected(a, b)
    low, high = checks.CARD_MIN, checks.CARD_MAX
    for end in range(a + low, b + 1):
        table = d.luhn_tables[end & 1]
        target = table[end]
        start = table.find(target, max(a, end - high), end - low + 1)
        while start >= 0:
            if not marked or _fair(d, start, end):
                found.append(Window("card", start, end))
            start = table.find(target, start + 1, end - low + 1)
    return found


def _near_edges(d: Digits, one: Window) -> bool:
    if not (d.near[one.a] and d.near[one.b]) or not checks.known_issuer(d.text[one.a : one.a + 4]):
        return False
    return d.hard.find(0, one.a + 1, one.b) >= 0  # some group has two digits or more


def _fair(d: Digits, a: int, b: int) -> bool:
    return b - a - d.protected(a, b) >= _OWN_DIGITS and d.may_cut(a) and d.may_cut(b)


def _settle(d: Digits, cluster: list[Window]) -> list[Window]:
    """One cluster of overlapping windows becomes one finding, or a row of cards when it splits exactly."""
    low, high = cluster[0].a, max(one.b for one in cluster)
    if high - low > _READABLE:
        return [Window("card", low, high, tail=d.text[high - 4 : high])]
    if high - low >= 2 * checks.CARD_MIN:
        row = _row(d, cluster, low, high)
        if row:
            return row
    best = max(cluster, key=lambda one: _likeliness(d, one))
    tail = d.text[best.b - 4 : best.b] if best.kind == "card" else ""
    return [Window(best.kind, low, high, tail=tail)]


def _likeliness(d: Digits, one: Window) -> tuple[int, ...]:
    text, n = d.text[one.a : one.b], one.b - one.a
    edges = d.first[one.a] + d.first[one.b]
    if one.kind == "id_number":
        return 2 + edges, n
    return checks.known_issuer(text) + edges + (n in (16, 19)) + text.startswith("62"), n


def _row(d: Digits, cluster: list[Window], low: int, high: int) -> list[Window]:
    """The cluster as cards of known issuers side by side, or nothing."""
    best: dict[int, list[Window]] = {low: []}
    for one in cluster:
        if one.a in best and one.b - one.a >= 15 and (one.kind != "card" or checks.known_issuer(d.text[one.a : one.b])):
            row = [*best[one.a], one]
            if one.b not in best or len(row) < len(best[one.b]):
                best[one.b] = row
    return [
        Window(one.kind, one.a, one.b, tail=d.text[one.b - 4 : one.b] if one.kind == "card" else "")
        for one in best.get(high, [])
    ]


def mixed(d: Digits, a: int, b: int) -> list[Window]:
    """Cards of known issuers in [a, b) between written edges that hold claimed and free digits."""
    found: list[Window] = []
    edges = [k for k in range(a, b) if d.hard[k]]
    edges.append(b)
    for index, start in enumerate(edges):
        if not checks.known_issuer(d.text[start : start + 4]):
            continue
        for place in range(index + 1, min(index + checks.CARD_MAX + 1, len(edges))):
            end = edges[place]
            if end - start > checks.CARD_MAX:
                break
            passes = end - start >= checks.CARD_MIN and d.luhn(start, end) and _fair(d, start, end)
            if passes and d.claimed(start, end) and not d.all_claimed(start, end):
                found.append(Window("card", start, end))
    return found
