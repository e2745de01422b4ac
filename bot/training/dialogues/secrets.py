"""Whether a secret that a customer sent still stands somewhere, in whatever spelling.

Secrets are found independently of the masking under test: every longer stretch of digits that is no
amount, date, time, hotline or case number counts, beside what `bot.privacy` recognises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.privacy import mask
from bot.privacy.normalise import BARRIER, fold
from bot.privacy.protect import COUNT, marks

LEAST_DIGITS = 6
"""Shorter stretches of digits are only secrets when words call them so (验证码 4821)."""
CLOSE_WINDOW = 6
"""So many digits in a row give a number away where the customer's own words or the reply stand."""
WIDE_WINDOW = 10
"""In whole databases and logs shorter stretches would meet figures that are there by chance."""
_APART = re.compile(rf"[{BARRIER}\n]|[^0-9]{{17,}}")
_RUN = re.compile(r"[0-9](?:[^0-9a-z\u3400-\u9fff]{0,3}[0-9])*")
_ALONE = re.compile(r"(?<![0-9a-z])[0-9]+(?![0-9a-z])")
_NAMED = re.compile(
    r"(?:密码|口令|验证码|动态码|校验码|安全码|cvv2?|cvn2?|pin|password|pwd)(?:[\s是为叫就我的:=发收到了]){0,8}(?P<value>[!-~]{3,})"
)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Secrets:
    """The secrets of one message.

    Attributes:
        digits: stretches of digits, spelled as ASCII, at least `LEAST_DIGITS` long.
        words: passwords and short codes, in lower case.
    """

    digits: frozenset[str]
    words: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.digits or self.words)


def secrets_of(text: str) -> Secrets:
    """Return what must not be kept of a customer's message."""
    folded = fold(text)
    protected = marks(folded)
    free = "".join(
        "·" if char.isdigit() and protected[index] > COUNT else char for index, char in enumerate(folded.digits)
    )
    streams = {_digits(part) for part in _APART.split(free)}
    words = {match["value"] for match in _NAMED.finditer(folded.digits)}
    for kind, start, end in mask(text).spans:
        found = fold(text[start:end]).digits
        if kind in ("password", "code", "cvv"):
            words.add(found.strip())
        else:
            streams.add(_digits(found))
    return Secrets(
        frozenset(stream for stream in streams if len(stream) >= LEAST_DIGITS),
        frozenset(word for word in words if len(word) >= 3),
    )


def stands_in(secrets: Secrets, text: str) -> bool:
    """Whether a secret stands in the customer's own stored words or in a reply; four digits may."""
    pieces = [part for part in fold(text).digits.split(BARRIER) if part]
    runs = [_digits(piece) for part in pieces for piece in _APART.split(part)]
    if any(window in run for window in _windows(secrets.digits, CLOSE_WINDOW) for run in runs):
        return True
    return not secrets.words.isdisjoint(_words(pieces))


def stands_among(secrets: Secrets, texts: Iterable[str]) -> bool:
    """Whether a secret stands in any of many stored texts or log lines."""
    windows = _windows(secrets.digits, WIDE_WINDOW)
    alone = {word for word in secrets.words if len(word) >= LEAST_DIGITS}
    alone |= {window for window in windows if len(window) == LEAST_DIGITS}
    return any(_stands(windows - alone, alone, text) for text in texts)


def _stands(windows: Iterable[str], alone: set[str], text: str) -> bool:
    digits = fold(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)).digits
    runs = [_digits(run) for run in _RUN.findall(digits)]
    return any(window in run for window in windows for run in runs) or not alone.isdisjoint(_words([digits]))


def _words(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        found.update(re.findall(r"[!-~]+", text), re.findall(r"[0-9a-z]+", text), _ALONE.findall(text))
    return found


def _windows(streams: Iterable[str], size: int) -> frozenset[str]:
    found = set()
    for stream in streams:
        width = min(len(stream), size)
        found |= {stream[at : at + width] for at in range(len(stream) - width + 1)}
    return frozenset(window for window in found if len(set(window)) > 1)


def _digits(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text) if "0" <= char <= "9")
