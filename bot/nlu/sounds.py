"""How a sentence sounds: the one view that survives homophone typos and typed pinyin.

「卡丢了怎么补班」, 「ka diu le zenme buban」 and 「卡丢了怎么补办」 look different and sound alike.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT

_RUN = re.compile(r"[a-z]+")
_PART = re.compile(r"[a-z]+|[0-9]+")
_LONGEST_SYLLABLE = 6


@lru_cache(maxsize=1)
def _known_syllables() -> frozenset[str]:
    sounds = lazy_pinyin("".join(chr(code) for code in PINYIN_DICT if 0x4E00 <= code <= 0x9FA5), style=Style.NORMAL)
    return frozenset(sound for sound in sounds if _RUN.fullmatch(sound))


def spell(letters: str) -> list[str]:
    """Return the pinyin syllables of a run of letters; the run itself when it is no pinyin."""
    best: list[list[str] | None] = [[]] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            head = best[start]
            if head is None or letters[start:end] not in _known_syllables():
                continue
            found = best[end]
            if found is None or len(head) + 1 < len(found):
                best[end] = [*head, letters[start:end]]
    return best[-1] or [letters]


@lru_cache(maxsize=2048)
def syllables(text: str) -> tuple[str, ...]:
    """Return the sounds of a normalised text, one a character or syllable; other signs are left out.

    In: text without politeness and traditional characters. Out: ``("zhuan", "zhang")`` for 转账.
    """
    sounds: list[str] = []
    for part in lazy_pinyin(text.replace("'", ""), style=Style.NORMAL):
        for run in _PART.findall(part):
            sounds += spell(run) if run.isalpha() else [run]
    return tuple(sounds)


def sound_ngrams(text: str) -> list[str]:
    """Return the 1–3-grams of the syllables of ``text``."""
    sounds = syllables(text)
    return [" ".join(sounds[at : at + size]) for size in (1, 2, 3) for at in range(len(sounds) - size + 1)]
