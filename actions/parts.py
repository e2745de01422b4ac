"""Cut a message into the questions it may hold; pure functions on text.

Cuts only lie where punctuation or a connective stands and where both sides sound like questions;
whether they are different questions is for the scores to say (`bot.nlu.decision.decide_parts`).
"""

from __future__ import annotations

import re

MOST_PARTS = 6

_BETWEEN = re.compile(
    r"[。.！!？?;；\n]+|[,，、~…]+|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])|"
    r"(?=(?:另外|此外|还有就是|还有一个|还有个|还有|顺便|顺带|对了|以及|再一个|再就是|其次|同时|再问|还想问|还要问|再请问))"
)
_SENTENCE = re.compile(r"[。！!？?;；\n]+")
_CONNECTIVE = re.compile(
    r"^(?:另外|此外|还有就是|还有一个|还有个|还有|顺便|顺带|对了|以及|再一个|再就是|其次|同时|那么|那|然后)+[，,、:：\s]*"
    r"(?:(?:我)?(?:想|再|还想|也想)?问(?:一下|下|个)?[，,、:：\s]*)?"
)
_QUESTION = re.compile(
    r"吗|嘛|呢|么$|怎么|怎样|咋|如何|多少|多久|多长|多大|几[天日号点个年月次块]|什么|啥|哪|谁|能不能|可不可以|是不是|要不要|"
    r"有没有|会不会|行不行|能否|是否|为何|不$|收费不|告诉我|说说|讲讲|介绍|查一?下|问一?下|想问|想了解|想知道|想咨询|请问|[?？]"
)
_SAYS = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")


def questions_in(text: str) -> list[str]:
    """Return the pieces of ``text`` that each end with something like a question; one piece when it is but one."""
    found: list[str] = []
    rest = ""
    for piece in _pieces(text):
        rest = f"{rest}，{piece}" if rest else piece
        if sounds_like_question(piece):
            found.append(_without_connective(rest))
            rest = ""
    if rest and found:
        found[-1] += f"，{rest}"
    return [piece for piece in found or [text] if piece][:MOST_PARTS]


def sentences_in(text: str) -> list[str]:
    """Return the sentences of ``text``, at most `MOST_PARTS`."""
    parts = (part.strip("，,、 ") for part in _SENTENCE.split(text))
    return [_without_connective(part) for part in parts if _SAYS.search(part)][:MOST_PARTS]


def clauses_in(text: str) -> list[str]:
    """Return the clauses of ``text``, at most `MOST_PARTS`."""
    return [_without_connective(piece) for piece in _pieces(text)][:MOST_PARTS]


def sounds_like_question(text: str) -> bool:
    """Whether ``text`` holds a word that questions and requests to know are made with."""
    return _QUESTION.search(text.strip(" ,，、")) is not None


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    for match in _BETWEEN.finditer(text):
        asked = match.group().strip().startswith(("?", "？"))
        pieces.append(text[start : match.start()] + ("？" if asked else ""))
        start = match.end()
    pieces.append(text[start:])
    said = [piece.strip() for piece in pieces]
    return ["".join(piece) for piece in said if _SAYS.search(piece)]


def _without_connective(text: str) -> str:
    shorter = _CONNECTIVE.sub("", text.strip("，,、 "))
    return shorter if _SAYS.search(shorter) else text
