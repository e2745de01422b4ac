"""How a sentence sounds: the one view that survives homophone typos and typed pinyin.

「卡丢了怎么补班」, 「ka diu le zenme buban」 and 「卡丢了怎么补办」 look different and sound alike.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, pinyin
from pypinyin.constants import PINYIN_DICT

from bot.nlu.lexicon import read_lexicon
from bot.settings import PROJECT_ROOT

_RUN = re.compile(r"[a-z]+")
_PART = re.compile(r"[a-z]+|[0-9]+")
_LONGEST_SYLLABLE = 6
_LONGEST_WORD = 6
LEXICONS = ("data/lexicon/everyday.txt", "data/lexicon/banking.txt")


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


@lru_cache(maxsize=1)
def _words_by_sound() -> dict[tuple[str, ...], str]:
    words = [word for name in LEXICONS for word in read_lexicon(PROJECT_ROOT / name)]
    by_sound: dict[tuple[str, ...], str] = {}
    for word in words:
        readings = pinyin(word, style=Style.NORMAL, heteronym=len(word) == 1)
        for sounds in [tuple(syllable[0] for syllable in readings)] if len(word) > 1 else zip(readings[0]):
            if all(sound in _known_syllables() for sound in sounds):
                by_sound.setdefault(sounds, word)
    return by_sound


def from_pinyin(letters: str) -> str | None:
    """Return the Chinese words that a run of pinyin spells; None when it spells none.

    In: letters with single spaces or apostrophes, such as ``yinhangka diu le``. Out: 银行卡丢了.
    """
    sounds = [sound for run in _RUN.findall(letters) for sound in spell(run)]
    known, words, at = _words_by_sound(), [], 0
    while at < len(sounds):
        size = next((n for n in range(_LONGEST_WORD, 0, -1) if tuple(sounds[at : at + n]) in known), 0)
        if size == 0:
            return None
        words.append(known[tuple(sounds[at : at + size])])
        at += size
    return "".join(words) if len(sounds) > 1 else None


@lru_cache(maxsize=2048)
def syllables(text: str) -> tuple[str, ...]:
    """Return the sounds of a normalised text, one a character or syllable; other signs are left out.

    In: text without politeness and traditional characters. Out: ``("zhuan", "zhang")`` for 转账.
    """
    sounds: list[str] = []
    for part in lazy_pinyin(text, style=Style.NORMAL):
        for run in _PART.findall(part):
            sounds += spell(run) if run.isalpha() else [run]
    return tuple(sounds)


def sound_ngrams(text: str) -> list[str]:
    """Return the 1–3-grams of the syllables of ``text``."""
    sounds = syllables(text)
    return [" ".join(sounds[at : at + size]) for size in (1, 2, 3) for at in range(len(sounds) - size + 1)]
