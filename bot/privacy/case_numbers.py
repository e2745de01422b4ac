"""Case numbers are no secrets: whatever letters and digits they hold, nothing in them is read as one.

Only the shape counts (``NY``, a day, letter and five symbols, one more), so that a mistyped number can still be
talked about. In its place the rules see as many full stops: places stay, and nothing is read across it.
"""

from __future__ import annotations

import re

from bot.privacy.normalise import BARRIER

_DAY = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_SEPARATOR = r" ?[-\u2010-\u2015]? ?"
_NUMBER = re.compile(
    rf"(?<![a-z0-9])ny{_SEPARATOR}{_DAY}{_SEPARATOR}[a-z][2-9a-z]{{5}}{_SEPARATOR}[2-9a-z](?![a-z0-9])",
    re.IGNORECASE | re.ASCII,
)
#: Full-width letters, digits and signs, one for one.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def without_case_numbers(text: str) -> str:
    """``text``, equally long, with a barrier in the place of every case number."""
    narrow = text.translate(_HALF_WIDTH)
    parts: list[str] = []
    at = 0
    for found in _NUMBER.finditer(narrow):
        parts += (text[at : found.start()], BARRIER * (found.end() - found.start()))
        at = found.end()
    return "".join((*parts, text[at:])) if parts else text
