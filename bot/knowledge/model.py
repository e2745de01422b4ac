"""What the knowledge base is made of: sources, citations, answers, topics."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Certainty = Literal["H", "M", "L", "R", "B"]
"""How sure a fact is: read in the law (H), a sound secondary source (M), a weak or
contradictory one (L), recalled without a source (R), this bank's own choice (B)."""

CERTAINTIES: tuple[Certainty, ...] = ("H", "M", "B", "L", "R")
UNCERTAIN: frozenset[Certainty] = frozenset({"L", "R"})
LIST_KEYS = ("steps", "points", "materials")


@dataclass(frozen=True)
class Source:
    """A law, standard or rule that answers cite."""

    id: str
    title: str
    number: str | None = None
    date: str | None = None
    kind: str = "rule"


@dataclass(frozen=True)
class Citation:
    """One place in one source, as a customer reads it."""

    source: Source
    clause: str
    certainty: Certainty


@dataclass(frozen=True)
class Answer:
    """What is said about one aspect of one topic while it is valid."""

    short: str
    certainty: Certainty
    citations: tuple[Citation, ...]
    steps: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def valid_on(self, day: date) -> bool:
        """Return whether this answer may be given on ``day`` (both ends inclusive)."""
        after_start = self.valid_from is None or day >= self.valid_from
        return after_start and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True)
class Promise:
    """What the software itself must do because of a section of the standard."""

    text: str
    clause: str


@dataclass(frozen=True)
class Topic:
    """A service or a section of the standard with its answers, one list of variants an aspect."""

    id: str
    title: str
    aliases: tuple[str, ...]
    review_by: date
    related: tuple[str, ...]
    answers: dict[str, tuple[Answer, ...]]
    promises: tuple[Promise, ...] = ()

    @property
    def is_standard(self) -> bool:
        """Whether this is a section of the bank's own standard."""
        return self.id.startswith("std.")

    def answer(self, aspect: str, day: date) -> Answer | None:
        """Return what may be said about ``aspect`` on ``day``; None when there is nothing."""
        return next((answer for answer in self.answers.get(aspect, ()) if answer.valid_on(day)), None)


@dataclass(frozen=True)
class KnowledgeBase:
    """All topics, the names of everything, and this bank's own values."""

    topics: dict[str, Topic]
    sources: dict[str, Source]
    bank: dict[str, Any]
    aspects: dict[str, str] = field(default_factory=dict)
    acts: dict[str, str] = field(default_factory=dict)
    known_topics: dict[str, str] = field(default_factory=dict)
    popular: tuple[str, ...] = ()

    def bank_value(self, key: str) -> str:
        """Return a value of ``bank.yml`` such as ``bank.hotline``.

        Raises:
            KeyError: there is no such value.
        """
        group, _, name = key.partition(".")
        return str(self.bank[group][name])
