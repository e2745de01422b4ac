"""Words of dialects and English scraps, said again the way the examples say them.

「點解轉唔到賬」 and 「为什么转不到账」 are one question; so are 「login 密码忘了」 and 「登录密码忘了」.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from bot.settings import PROJECT_ROOT

WORDS = PROJECT_ROOT / "data" / "lexicon" / "spoken.txt"

_CANTONESE = re.compile("[嘅喺唔咗哋佢冇嚟畀睇攞搵揾嗰咁噉啲乜咩喇㗎啱嘢谂]|边度|几耐|点解|点样|点算|几多钱|系咪")
_ENGLISH = re.compile(r"[a-z]+(?: [a-z]+)*")
_SCRAP = 3
"""Words of English in a row that are a scrap; more are a sentence, which the encoder reads as such."""
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


@lru_cache(maxsize=1)
def _tables() -> dict[str, tuple[re.Pattern[str], Mapping[str, str]]]:
    tables: dict[str, dict[str, str]] = {}
    section = ""
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            said, _, meant = line.rpartition(" ")
            tables.setdefault(section, {})[said] = meant
    return {name: (_pattern(name, words), words) for name, words in tables.items()}


def _pattern(name: str, words: Mapping[str, str]) -> re.Pattern[str]:
    choices = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![a-z])(?:{choices})s?(?![a-z])" if name == "english" else choices)


def plain(text: str) -> str:
    """Return ``text`` with words of dialects and English beside Chinese in standard Chinese.

    In: simplified, lower-case text. Out: the same where nothing of that kind is in it.
    """
    if _CANTONESE.search(text):
        text = _replaced("cantonese", text)
    text = _replaced("dialect", text)
    return _ENGLISH.sub(_in_chinese, text) if _CHINESE.search(text) else text


def _in_chinese(run: re.Match[str]) -> str:
    return _replaced("english", run.group()) if run.group().count(" ") < _SCRAP else run.group()


def _replaced(name: str, text: str) -> str:
    pattern, words = _tables()[name]
    return pattern.sub(lambda found: words.get(found.group(), words.get(found.group().removesuffix("s"), "")), text)
