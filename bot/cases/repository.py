"""Where cases are kept: one interface for our own database and for the bank's case system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.cases.actions import Action
from bot.cases.model import Actor, Case, CaseKind, CaseStatus, Priority

MAX_PAGE = 100


@dataclass(frozen=True)
class NewCase:
    """A case about to be filed: its first state and the contact, still readable."""

    case: Case
    contact: str
    by: Actor
    imported: bool = False


@dataclass(frozen=True)
class CaseFilter:
    """Which cases; an empty field doesn't matter.

    Attributes:
        text: part of a number or of a subject.
        unassigned: only cases without a responsible person.
        overdue: only cases with an open deadline that has passed.
        kept: only cases that have not gone over to the bank's own system.
    """

    kinds: tuple[CaseKind, ...] = ()
    statuses: tuple[CaseStatus, ...] = ()
    responsible: str = ""
    unassigned: bool = False
    priority: Priority | None = None
    overdue: bool = False
    kept: bool = False
    text: str = ""


@dataclass(frozen=True)
class CasePage:
    """Part of a list, newest first, without timelines; ``total`` counts all."""

    cases: tuple[Case, ...]
    total: int


class CaseRepository(Protocol):
    """Keeps cases. Every method may raise ``StoreUnavailable`` or ``CaseSystemUnavailable``."""

    def file(self, new: NewCase, idempotency_key: str) -> Case:
        """Keep a new case; the same key gives the case that was kept first."""

    def find(self, number: str) -> Case | None:
        """The case with its timeline; ``number`` is canonical."""

    def of_customer(self, customer_ref: str) -> list[Case]:
        """All cases of a customer with their timelines, newest first."""

    def of_conversation(self, conversation_id: str) -> list[Case]:
        """All cases filed in a conversation with their timelines, newest first."""

    def contact(self, number: str) -> str | None:
        """The customer's contact in full; None when there is none."""

    def act(self, number: str, action: Action, by: Actor, version: int | None = None, key: str | None = None) -> Case:
        """Carry out an action.

        Args:
            version: what the case's version was when the person decided; None: whatever it is.
            key: the same key twice does it once.

        Raises:
            CaseNotFound: no such case.
            CaseConflict: the version is another by now.
            CaseActionRefused, CaseUrgedToday: not possible as the case stands.
        """

    def search(self, wanted: CaseFilter, limit: int, offset: int) -> CasePage:
        """A page of the cases that fit, newest first."""
