"""The pieces by which a few typed words are compared with titles: characters, sounds, initials.

Someone who types into a search box writes 「挂失」, 「掛失」, 「挂是」, ``guashi`` or ``gs``. Each run of
Chinese is seen as characters and as syllables, each run of letters as itself, as pinyin and as initials.
Every piece begins with a mark of the view that it belongs to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from opencc import OpenCC
from pypinyin import lazy_pinyin

CHARACTER, WORD, SOUND, SPELLING, INITIALS, BEGINNING = "cwspi^"
LONGEST_INITIALS = 8
"""Initials are indexed as whole pieces up to this length; nobody types more."""

_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+")
_IDLE = re.compile(
    r"请问|我想|想问|咨询|一下|怎么样|怎么|如何|是不是|是什么|什么|有没有|能不能|可以|需要|[的了吗呢吧啊呀嘛]+$"
)
"""Words that any question may hold; a run falls apart where they stand."""


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("tw2sp")


def runs(text: str) -> list[str]:
    """Return the runs of Chinese and of letters or digits in ``text``: simplified, half width, lower case."""
    plain = _simplifier().convert(unicodedata.normalize("NFKC", text)).lower().replace("帐", "账")
    return _RUN.findall(plain)


def asked_runs(text: str) -> list[str]:
    """Return the `runs` of a query without idle words, unless nothing else was said."""
    asked = runs(text)
    return [core for run in asked for core in _IDLE.split(run) if core] or asked


def is_chinese(run: str) -> bool:
    """Whether a run of `runs` is Chinese, not letters or digits."""
    return run[0] > "\u33ff"


def is_single(piece: str) -> bool:
    """Whether a piece is one character or one syllable only."""
    return (piece[0] == CHARACTER and len(piece) == 2) or (piece[0] == SOUND and piece.count(" ") == 1)


@lru_cache(maxsize=4096)
def syllables(run: str) -> tuple[str, ...]:
    """Return how a run of Chinese sounds, one syllable a character."""
    return tuple(lazy_pinyin(run))


def chars(run: str) -> Iterator[str]:
    """Yield single characters and pairs of a run of Chinese; of letters, the run itself and its triples."""
    if is_chinese(run):
        yield from _ngrams(run, (1, 2), CHARACTER)
    else:
        yield WORD + run
        yield from _ngrams(run, (3,), WORD)


def sounds(run: str) -> Iterator[str]:
    """Yield single syllables and pairs of a run of Chinese."""
    yield from _ngrams([f"{sound} " for sound in syllables(run)], (1, 2), SOUND)


def spelling(letters: str) -> Iterator[str]:
    """Yield short and longer pieces of written pinyin; the short ones survive a missing letter."""
    yield from _ngrams(letters, (2, 3, 5), SPELLING)


def initials(run: str) -> Iterator[str]:
    """Yield every piece of the initials of a run of Chinese, and again each that stands at its beginning."""
    first = "".join(sound[0] for sound in syllables(run))
    for start in range(len(first)):
        for end in range(start + 1, min(len(first), start + LONGEST_INITIALS) + 1):
            yield INITIALS + first[start:end]
            if start == 0:
                yield BEGINNING + first[:end]


def without_a_slip(letters: str) -> Iterator[str]:
    """Yield what may have been meant: two neighbouring letters swapped back, or one letter too many gone."""
    for at in range(len(letters)):
        yield letters[:at] + letters[at + 1 :]
        if at + 1 < len(letters):
            yield letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]


def _ngrams(items: Sequence[str], sizes: tuple[int, ...], mark: str) -> Iterator[str]:
    for size in sizes:
        for start in range(len(items) - size + 1):
            yield mark + "".join(items[start : start + size])
