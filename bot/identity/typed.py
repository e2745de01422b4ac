"""Reading codes and phone numbers out of what a customer typed, in whatever spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.privacy import Masked
from bot.privacy.normalise import fold
from bot.privacy.protect import COUNT, marks

CODE_LABEL = "〔验证码〕"

_SIX = re.compile(r"(?<![0-9])(?<![0-9][\s\-.·,])[0-9](?:[\s\-._·,、/]{0,3}[0-9]){5}(?![\s\-.·,]?[0-9])")
_CASE_NUMBER = re.compile(r"ny[\s\-_.·]*[0-9oil]{6}(?:[\s\-_.·]*[0-9a-z]){0,7}")
_MOBILE = re.compile(r"(?:0?0?86)?(1[0-9]{10})")


@dataclass(frozen=True)
class TypedCode:
    """A text with every six-digit code in it replaced by a placeholder, and the last of those codes."""

    code: str
    text: str


def typed_code(text: str) -> TypedCode | None:
    """The one-time code in a text, or None: six digits in any spelling, neither an amount nor a case number.

    ``１２３ ４５６``, ``一二三四五六``, ``①②③④⑤⑥`` and ``验证码是123-456哦`` are codes; ``100000元`` is none.
    """
    folded = fold(text)
    protected = marks(folded)
    digits = _CASE_NUMBER.sub(lambda match: "·" * len(match.group()), folded.digits)
    found = [
        (match.start(), match.end())
        for match in _SIX.finditer(digits)
        if not any(protected[at] > COUNT for at in range(match.start(), match.end()))
        and not _in_a_word(digits, match.start(), match.end())
    ]
    if not found:
        return None
    start, end = found[-1]
    code = "".join(char for char in digits[start:end] if char.isdigit())
    for start, end in reversed(found):
        text = text[: folded.starts[start]] + CODE_LABEL + text[folded.ends[end - 1] :]
    return TypedCode(code, text)


def _in_a_word(digits: str, start: int, end: int) -> bool:
    around = digits[max(0, start - 1) : start] + digits[end : end + 1]
    return any("a" <= char <= "z" for char in around)


def typed_phone(text: str, masked: Masked) -> str | None:
    """The first mobile number in a text as eleven digits, or None; ``masked`` is what masking found in it."""
    for kind, start, end in masked.spans:
        if kind == "phone":
            digits = "".join(char for char in fold(text[start:end]).digits if char.isdigit())
            match = _MOBILE.fullmatch(digits)
            if match is not None:
                return match.group(1)
    return None
