"""Arithmetic of the numbers themselves: check digits, dates, issuers.  No text, no context.

Sources: ISO/IEC 7812-1 (Luhn, issuer prefixes), GB 11643-1999 (citizen number; check character by
``stdnum.cn.ric``), the numbering of mobile phones (eleven digits, 13 to 19).
"""

from __future__ import annotations

import datetime
import re

from stdnum.cn import ric

CARD_MIN, CARD_MAX = 13, 19

_ISSUER = re.compile(r"[4569]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[4-8]|30|81")
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
MOBILE = re.compile(r"(?:(?:00)?86|0)?(1[3-9][0-9]{9})")

#: Where an 18-character citizen number could begin inside a string of digits (17 digits are enough).
CITIZEN_START = re.compile(r"(?=[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3})")


def luhn_valid(digits: str) -> bool:
    """True when ASCII ``digits`` (any length) pass the Luhn check."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = ord(char) - 48
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def luhn_prefixes(digits: str) -> tuple[bytearray, bytearray]:
    """Running Luhn sums modulo ten, so that any window is checked with one comparison.

    In: ASCII digits.  Out: two tables ``t`` of ``len + 1`` entries; the window [i, j) passes when
    ``t[j % 2][i] == t[j % 2][j]``.
    """
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    even, odd = bytearray(len(digits) + 1), bytearray(len(digits) + 1)
    a = b = 0
    for index, char in enumerate(digits):
        value = ord(char) - 48
        if index % 2:
            a, b = (a + value) % 10, (b + doubled[value]) % 10
        else:
            a, b = (a + doubled[value]) % 10, (b + value) % 10
        even[index + 1] = a
        odd[index + 1] = b
    return even, odd


def known_issuer(digits: str) -> bool:
    """True when the first digits belong to a card issuer range seen in China or abroad."""
    return _ISSUER.match(digits) is not None


def citizen_valid(number: str) -> bool:
    """True for an 18-character citizen number with a real date and the right check character.

    In: 17 digits and a digit or ``x``.  The place code is only checked for its province: places are
    merged and renumbered, and a stale list must not let a real number through.
    """
    number = number.upper()
    if not _PROVINCES.match(number) or ric.calc_check_digit(number) != number[-1]:
        return False
    year = int(number[6:10])
    return 1850 <= year <= 2100 and _date(year, int(number[10:12]), int(number[12:14]))


def citizen15_valid(number: str) -> bool:
    """True for 15 digits that may be an old citizen number: a province and a date of 19yy."""
    return bool(_PROVINCES.match(number)) and _date(1900 + int(number[6:8]), int(number[8:10]), int(number[10:12]))


def _date(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True
