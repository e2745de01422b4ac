"""Find topics by a few typed words, without the assistant: n-grams of characters, sounds and initials.

The score of an answer is the share of what was typed that stands in the topic's title and aliases or, at
less weight, in the answer itself; what stands in few topics counts more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from bot.knowledge import grams
from bot.knowledge.compose import ASPECT_TITLES, NEXT_QUESTIONS, told_aspects
from bot.knowledge.model import KnowledgeBase, Topic

LONGEST_QUERY = 100
"""Characters of a query that are looked at; a search box needs no more."""

MOST_HITS = 20

# What a piece weighs by where it stands; in several names of a topic it weighs a little more.
_IN_TITLE, _IN_ALIAS, _IN_ANSWER = 1.0, 0.9, 0.45
_IN_ANOTHER_NAME, _MOST_OTHER_NAMES = 0.02, 5

# What a match counts by the view it was found in; single characters say little.
_SOUND, _SPELLING, _SLIP, _INITIALS, _BEGINNING = 0.86, 0.9, 0.8, 0.8, 0.15
_SINGLE, _UNKNOWN = 0.3, 1.2

_LEAST_OF_BEST = 0.5
_BETTER_THAN_OVERVIEW = 0.04
_STANDARD_BEHIND = 0.06
_POPULAR = 0.03
"""How much being asked often may lift a topic: enough to order equals, not to beat a better match."""

_LONGEST_WITH_SLIP = 14
_LONGEST_SOUND = 6
"""A longer run of Chinese was typed with care, or else it sounds like anything."""
_WELL_SPELT = 0.75


@dataclass(frozen=True)
class Hit:
    """A topic that was found, and which of its answers fits best."""

    topic: str
    title: str
    aspect: str
    short: str
    score: float


@dataclass(frozen=True)
class _Entry:
    topic: Topic
    aspect: str
    short: str


class KnowledgeSearch:
    """An index over everything that may be told on one day.

    Args:
        knowledge: the topics.
        day: as of which rules are told; what is overdue for review is not found.
    """

    def __init__(self, knowledge: KnowledgeBase, day: date) -> None:
        self.day = day
        self._entries = [
            _Entry(topic, aspect, answer.short)
            for topic in knowledge.topics.values()
            if day <= topic.review_by
            for aspect in told_aspects(topic, day)
            if (answer := topic.answer(aspect, day)) is not None
        ]
        self._topics = max(1, len({entry.topic.id for entry in self._entries}))
        self._postings = self._indexed()
        self._worth = {gram: self._worth_of(gram, found) for gram, found in self._postings.items()}

    def _indexed(self) -> dict[str, list[tuple[int, float]]]:
        postings: defaultdict[str, dict[int, float]] = defaultdict(dict)
        names: dict[str, dict[str, float]] = {}
        for place, entry in enumerate(self._entries):
            if entry.topic.id not in names:
                names[entry.topic.id] = _of_names(entry.topic)
            for gram in _of_answer(entry):
                postings[gram][place] = _IN_ANSWER
            for gram, weight in names[entry.topic.id].items():
                postings[gram][place] = weight
        return {gram: list(found.items()) for gram, found in postings.items()}

    def _worth_of(self, gram: str, found: list[tuple[int, float]]) -> float:
        topics = len({self._entries[place].topic.id for place, _weight in found})
        return (_SINGLE if grams.is_single(gram) else 1.0) * math.log(1 + self._topics / topics)

    def find(self, query: str, asked: Mapping[str, int] | None = None, limit: int = MOST_HITS) -> list[Hit]:
        """Return the topics that fit ``query``, best first, each once; none when nothing fits.

        Args:
            query: any text; what is beyond `LONGEST_QUERY` characters is not looked at.
            asked: how often each topic was asked lately; orders what fits equally well.
            limit: how many at most.
        """
        runs = grams.asked_runs(query[:LONGEST_QUERY])
        total = sum(map(len, runs))
        scores: defaultdict[int, float] = defaultdict(float)
        forgiving = sum(not grams.is_chinese(run) for run in runs) == 1
        for run in runs:
            for place, score in self._score(run, forgiving).items():
                scores[place] += score * len(run) / total
        least = max(_least_score(total), _LEAST_OF_BEST * max(scores.values(), default=0.0))
        best: dict[str, Hit] = {}
        for place in sorted(scores):
            entry, score = self._entries[place], scores[place]
            known = best.get(entry.topic.id)
            if score >= least and (known is None or score > known.score + _BETTER_THAN_OVERVIEW):
                best[entry.topic.id] = Hit(entry.topic.id, entry.topic.title, entry.aspect, entry.short, score)
        lift = _lift(asked or {})
        return sorted(best.values(), key=lambda hit: -hit.score - lift.get(hit.topic, 0.0) + _behind(hit))[:limit]

    def first(self, topics: Iterable[str], limit: int = MOST_HITS) -> list[Hit]:
        """Return the first answer of each of ``topics`` that has one, in the given order."""
        first = {entry.topic.id: entry for entry in reversed(self._entries)}
        told = (first[name] for name in topics if name in first)
        return [Hit(e.topic.id, e.topic.title, e.aspect, e.short, 0.0) for e in islice(told, limit)]

    def _score(self, run: str, forgiving: bool) -> dict[int, float]:
        """Return how well each answer covers one run, from 0 to a little above 1.

        ``forgiving``: letters that fit nothing are tried again without a slip of the finger.
        """
        if grams.is_chinese(run):
            written = self._cover(grams.chars(run))
            return _best_of(written, self._cover(grams.sounds(run), _SOUND)) if len(run) <= _LONGEST_SOUND else written
        scores = _best_of(self._cover(grams.chars(run)), self._cover(grams.spelling(run), _SPELLING))
        for place, weight in self._postings.get(grams.INITIALS + run, ()):
            scores[place] = max(scores.get(place, 0.0), _INITIALS * weight)
        for place, weight in self._postings.get(grams.BEGINNING + run, ()):
            scores[place] = max(scores.get(place, 0.0), _INITIALS * weight + _BEGINNING)
        if forgiving and len(run) <= _LONGEST_WITH_SLIP and max(scores.values(), default=0.0) < _WELL_SPELT:
            slips = (self._cover(grams.spelling(meant), _SLIP) for meant in grams.without_a_slip(run))
            scores = _best_of(scores, *slips)
        return scores

    def _cover(self, view: Iterator[str], factor: float = 1.0) -> dict[int, float]:
        """Return the share of a view that each answer holds, rare pieces counting more."""
        worth = {gram: self._worth.get(gram, _UNKNOWN) for gram in set(view)}
        total = sum(worth.values())
        covered: defaultdict[int, float] = defaultdict(float)
        for gram, value in worth.items():
            for place, weight in self._postings.get(gram, ()):
                covered[place] += factor * value * weight / total
        return covered


def by_interest(knowledge: KnowledgeBase, asked: Mapping[str, int]) -> list[str]:
    """Return all topics: the most asked first, then the bank's own choice, then as the taxonomy has them.

    Args:
        knowledge: the topics.
        asked: how often each topic was asked lately.
    """
    usual = dict.fromkeys((*knowledge.popular, *knowledge.known_topics, *knowledge.topics))
    place = {name: at for at, name in enumerate(usual)}
    return sorted(knowledge.topics, key=lambda name: (-asked.get(name, 0), place[name]))


def _best_of(*found: Mapping[int, float]) -> dict[int, float]:
    best: dict[int, float] = {}
    for scores in found:
        for place, score in scores.items():
            if score > best.get(place, 0.0):
                best[place] = score
    return best


def _least_score(length: int) -> float:
    """Return what must be reached: a word must stand there; of a long sentence the gist is enough."""
    return 0.44 - 0.03 * min(max(0, length - 3), 9)


def _of_names(topic: Topic) -> dict[str, float]:
    weights: dict[str, float] = {}
    names: defaultdict[str, int] = defaultdict(int)
    for name in (topic.title, *topic.aliases):
        for gram in set(_of_name(name)):
            names[gram] += 1
            weights.setdefault(gram, _IN_TITLE if name is topic.title else _IN_ALIAS)
    return {g: weight + _IN_ANOTHER_NAME * min(names[g] - 1, _MOST_OTHER_NAMES) for g, weight in weights.items()}


def _of_name(name: str) -> Iterator[str]:
    for run in grams.runs(name):
        yield from grams.chars(run)
        if grams.is_chinese(run):
            yield from grams.sounds(run)
            yield from grams.spelling("".join(grams.syllables(run)))
            yield from grams.initials(run)


def _of_answer(entry: _Entry) -> Iterator[str]:
    words = (ASPECT_TITLES.get(entry.aspect, ""), NEXT_QUESTIONS.get(entry.aspect, ""), entry.short)
    for run in grams.runs(" ".join(words)):
        if len(run) > 1:
            yield from grams.chars(run)
        if grams.is_chinese(run):
            yield from grams.sounds(run)


def _behind(hit: Hit) -> float:
    """Sections of the standard come behind services that fit as well: customers look for services."""
    return _STANDARD_BEHIND if hit.topic.startswith("std.") else 0.0


def _lift(asked: Mapping[str, int]) -> dict[str, float]:
    most = max(asked.values(), default=0)
    return {topic: _POPULAR * count / most for topic, count in asked.items()} if most > 0 else {}
