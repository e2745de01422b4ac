"""Case numbers: readable, not guessable, and a typing error is noticed.

``NY261126-K7Q4MX-T``: ``NY``, the day of receipt, six random symbols, a check symbol. The alphabet has 31
symbols (a prime) without look-alikes; weighted sums modulo a prime find every single wrong symbol and
every swap of neighbours within a group. The first random symbol is a letter, so that a number never holds a
run of digits long enough to be taken for a card or a phone.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PREFIX = "NY"
RANDOM_SYMBOLS = 6

_LETTERS = ALPHABET[8:]
_PLAIN = re.compile(rf"{PREFIX}([0-9OIL]{{6}})([{_LETTERS}][{ALPHABET}]{{{RANDOM_SYMBOLS - 1}}})([{ALPHABET}])")
_SEPARATORS = re.compile(r"[\s\-‐-―−_.·]+")


def _check_symbol(day: str, symbols: str) -> str:
    values = [int(digit) for digit in day] + [ALPHABET.index(symbol) for symbol in symbols]
    return ALPHABET[sum(weight * value for weight, value in enumerate(values, start=2)) % len(ALPHABET)]


def new_number(day: date) -> str:
    """A fresh number for a case received on ``day`` (Chinese calendar day)."""
    written = day.strftime("%y%m%d")
    symbols = secrets.choice(_LETTERS) + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS - 1))
    return f"{PREFIX}{written}-{symbols}-{_check_symbol(written, symbols)}"


def parse_number(text: str) -> str | None:
    """The canonical form of a number as somebody typed it, or None when it can't be one.

    Any case, full-width forms, with or without dashes and spaces; ``O``, ``I`` and ``L`` in the date are digits.
    """
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    match = _PLAIN.fullmatch(plain)
    if match is None:
        return None
    day = match.group(1).translate(str.maketrans("OIL", "011"))
    symbols, check = match.group(2), match.group(3)
    return f"{PREFIX}{day}-{symbols}-{check}" if check == _check_symbol(day, symbols) else None
