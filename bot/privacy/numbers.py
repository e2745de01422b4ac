"""Cards, citizen numbers and mobile phones in the stream of digits.

The order is the idea.  A whole run that checks out wins over anything; then numbers written the way
people write them (one block, groups of four, 3-4-4); then numbers a noun names although a digit is
mistyped; then runs broken by filler words; and last, inside what remains, the union of all windows that
pass the Luhn check, so that a card glued to other digits cannot keep its head or tail.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from bot.privacy import checks, cover, windows
from bot.privacy.context import Context
from bot.privacy.normalise import Folded
from bot.privacy.runs import FILLER, SIGNS, WORDS, Digits

#: With this many digits beside it, a card read from written groups is not certain.
_UNEXPLAINED = 7


@dataclass(frozen=True)
class Number:
    """A found number: its kind, folded range [start, end) and last four digits (empty for documents)."""

    kind: str
    start: int
    end: int
    tail: str


@dataclass
class _Claim:
    """Digits [a, b) of the stream and what they are."""

    kind: str
    a: int
    b: int
    tail: str


class _Search:
    def __init__(self, folded: Folded, marks: bytearray) -> None:
        self.folded = folded
        self.d = Digits(folded, marks)
        self.context = Context(folded.plain)
        self.found: list[_Claim] = []

    # -- recording ---------------------------------------------------------------------------------
    def claim(self, kind: str, a: int, b: int, tail: str | None = None) -> None:
        d = self.d
        if tail is None:
            tail = d.text[b - 4 : b] if kind in ("card", "phone") else ""
        d.claim(a, b)
        self.found.append(_Claim(kind, a, b, tail))

    def numbers(self) -> list[Number]:
        """The findings in order, with places in the folded text."""
        d, found = self.d, []
        for one in sorted(self.found, key=lambda claim: claim.a):
            start, end = d.at[one.a], d.at[one.b - 1] + 1
            if one.kind == "id_number":
                end = d.x_end.get(one.b - 1, end)
            if start and self.folded.digits[start - 1] == "+":
                start -= 1
            found.append(Number(one.kind, start, end, one.tail))
        return found

    def noun(self, a: int, b: int) -> str:
        return self.context.kind(self.d.at[a], self.d.at[b - 1] + 1)

    # -- whole runs --------------------------------------------------------------------------------
    def whole(self, a: int, b: int) -> str:
        """The kind of the run [a, b) when all of it is one number, or ``""``."""
        d, n = self.d, b - a
        if not 11 <= n <= 19 or d.excused(a, b):
            return ""
        text = d.text[a:b]
        if n == 18 and checks.citizen_valid(text):
            return "id_number"
        if n == 17 and b - 1 in d.x_end and checks.citizen_valid(text + "x"):
            return "id_number"
        if checks.MOBILE.fullmatch(text):
            return "phone"
        weak = d.protected(a, b) == n
        if n >= checks.CARD_MIN and d.luhn(a, b) and (not weak or checks.known_issuer(text)):
            named = (n == 15 and checks.citizen15_valid(text)) or checks.CITIZEN_START.match(text)
            return "id_number" if named and self.noun(a, b) == "id_number" else "card"
        if n == 15 and not weak and checks.citizen15_valid(text):
            return "id_number"
        return ""

    def whole_runs(self) -> None:
        d = self.d
        for a, b in d.runs(FILLER):  # a card or document read in parts: 6222 然后是 0200 …
            if 11 <= b - a <= 19 and d.spans(a, b, FILLER):
                kind = self.whole(a, b)
                ordinary = checks.known_issuer(d.text[a:b]) or set(d.groups(a, b)) <= {2, 3, 4, 5, 6}
                if kind == "id_number" or (kind == "card" and ordinary):
                    self.claim(kind, a, b)
        for a, b in d.runs(SIGNS):
            kind = self.whole(a, b)
            if kind:
                self.claim(kind, a, b)

    # -- numbers a noun names, with a typing error -----------------------------------------------------
    def mistyped(self, longest: int) -> None:
        """Claim runs of nearly the right length after 卡号, 身份证 …; ``longest`` bounds their digits."""
        d = self.d
        for a, b in d.runs(SIGNS):
            n = b - a
            if not 10 <= n <= longest or 2 * d.protected(a, b) > n:
                continue
            noun, tight = self.noun(a, b), longest < 20
            if noun == "card" and n >= (16 if tight else 13):
                self.claim("card", a, b)
            elif noun == "id_number" and n + (b - 1 in d.x_end) >= (17 if tight else 14):
                self.claim("id_number", a, b)
            elif not tight and noun == "phone" and n <= 13 and d.text[a] == "1" and d.text[a + 1] in "3456789":
                self.claim("phone", a, b)
            elif noun != "ref" and n in (16, 19) and d.text.startswith("62", a) and min(d.groups(a, b)) >= 3:
                self.claim("card", a, b)

    # -- numbers as people write them --------------------------------------------------------------
    def written(self, level: int) -> None:
        """Claim numbers that begin and end with a written group, best first."""
        for a, b in self.d.runs(level, 11):
            candidates = windows.written(self.d, a, b, level)
            candidates.sort(key=lambda c: (-c.rank, c.a - c.b, c.a))
            chosen: list[windows.Window] = []
            taken = bytearray(b - a)
            for one in candidates:
                if not any(taken[one.a - a : one.b - a]):
                    taken[one.a - a : one.b - a] = b"\x01" * (one.b - one.a)
                    chosen.append(one)
            if level == SIGNS and self.ambiguous(a, b, chosen):
                chosen = [one for one in chosen if one.kind != "card"]
            for one in chosen:
                self.claim(one.kind, one.a, one.b)

    def ambiguous(self, a: int, b: int, chosen: list[windows.Window]) -> bool:
        """True when so many digits of [a, b) stay unexplained that a chosen card may be cut wrongly."""
        left = b - a - self.d.protected(a, b)
        for one in chosen:
            left -= one.b - one.a - self.d.protected(one.a, one.b)
        return left >= _UNEXPLAINED

    # -- everything else ---------------------------------------------------------------------------
    def hidden(self, level: int) -> None:
        """Claim every digit that takes part in a passing window inside the remaining runs."""
        d = self.d
        for a, b in d.runs(level, checks.CARD_MIN):
            if level != SIGNS and not d.spans(a, b, level):
                continue
            if self.noun(a, b) == "ref" and not any(d.hard[a + 1 : b]):
                continue
            for one in cover.union(d, a, b, level):
                self.claim(one.kind, one.a, one.b, one.tail)

    def phones(self, level: int) -> None:
        """Claim phones with stray digits around."""
        d = self.d
        for a, b in d.runs(level, 11):
            named = self.noun(a, b) == "phone"
            if b - a <= 15 or named:
                at = windows.loose_phone(d, a, b)
                if at < 0 or d.protected(at, at + 11) > 8:
                    continue
                if level == SIGNS or named or windows.phone_shaped(d, at, at + 11):
                    self.claim("phone", at, at + 11)

    def parts(self, level: int) -> None:
        """Claim what checks out when a whole run with words between is read as one number."""
        d = self.d
        for a, b in d.runs(level):
            kind = self.whole(a, b)
            shaped = kind == "phone" and windows.phone_shaped(d, a, b) > 0
            if shaped or kind == "id_number" or (kind == "card" and level == FILLER):
                self.claim(kind, a, b)

    def sweep(self) -> None:
        """Let findings grow over loose digits that make up a card of a known issuer together with them."""
        d = self.d
        self.found.sort(key=lambda claim: claim.a)
        starts = [claim.a for claim in self.found]
        for a, b in d.stretches(FILLER):
            for one in cover.mixed(d, a, b):
                index = max(0, bisect_right(starts, one.a) - 1)
                for claim in self.found[index : index + 3]:
                    if claim.a < one.b and one.a < claim.b:
                        claim.a, claim.b = d.reach(claim.a, claim.b, one.a, one.b)
                        d.claim(claim.a, claim.b)


def find(folded: Folded, marks: bytearray) -> list[Number]:
    """All cards, citizen numbers and phones of a text.

    In: the folded text and its protection marks.  Out: non-overlapping numbers in order of place.
    """
    search = _Search(folded, marks)
    if len(search.d) < 10:
        return []
    search.whole_runs()
    search.mistyped(19)
    for level in (SIGNS, FILLER, WORDS):
        search.written(level)
    search.whole_runs()
    search.mistyped(30)
    for level in (SIGNS, FILLER):
        search.hidden(level)
        search.phones(level)
        search.parts(level + 1)
    search.sweep()
    return search.numbers()
