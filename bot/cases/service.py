"""What people and programs do with cases. Texts are masked here before they go anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.cases import actions
from bot.cases.access import CaseAccess
from bot.cases.actions import Action
from bot.cases.days import day_of, now
from bot.cases.model import (
    IMPORTABLE,
    Actor,
    Case,
    CaseDraft,
    CaseKind,
    CaseStatus,
    Category,
    Deadline,
    DeadlineKind,
    DeadlineState,
    Outcome,
    Priority,
    Remedy,
)
from bot.cases.number import new_number, parse_number
from bot.cases.procedure import ALL_REMEDIES
from bot.cases.repository import MAX_PAGE, CaseFilter, CasePage, CaseRepository, NewCase
from bot.cases.secrecy import CONTACT, masked_contact, masked_name, phone_tail
from bot.cases.sql_repository import SqlCaseRepository
from bot.errors import CaseNotFound
from bot.privacy import mask
from bot.settings import Settings
from bot.store.database import Database

MAX_SUBJECT = 60
_TEXTS = ("reason", "text", "note", "notice", "name")
#: What begins to count when a case is received.
_FIRST = (DeadlineKind.DECISION, DeadlineKind.WRITTEN, DeadlineKind.REPLY)


class CaseService:
    """The cases room's front door; safe to use from several threads and processes.

    Args:
        local: cases in our own database.
        repository: where cases are really kept; default: ``local``.
        clock: gives the present time; tests put their own here.
    """

    def __init__(
        self,
        local: SqlCaseRepository,
        access: CaseAccess,
        repository: CaseRepository | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.local = local
        self.access = access
        self.repository: CaseRepository = repository or local
        self.rules = local.rules
        self._keys = local.keys
        self._clock = clock

    @classmethod
    def from_settings(cls, settings: Settings, database: Database | None = None) -> CaseService:
        """The case service of an installation, e.g. for the action server.

        Args:
            database: default: connections of its own to ``settings.database_url``.

        Raises:
            ConfigurationError: the files of ``cases_dir`` or a setting can't be used.
        """
        from bot.cases.build import build_cases  # the parts know the service, not the other way round

        return build_cases(settings, database or Database(settings.database_url)).service

    # -- filing and finding ---------------------------------------------------------------------------

    def file(self, draft: CaseDraft, idempotency_key: str, by: Actor | None = None, imported: bool = False) -> Case:
        """File a case and give its receipt; the same key gives the same case.

        Args:
            draft: an imported one may already be worked on or ended (``IMPORTABLE``).
            idempotency_key: a name for this wish to file, e.g. conversation and message; at most 128 characters.
            by: who files; default: the customer.
            imported: the case comes from a list of the bank and not from the customer just now.
        """
        return self.repository.file(self._new(draft, by, imported), idempotency_key)

    def file_within(
        self, connection: Connection, draft: CaseDraft, idempotency_key: str, by: Actor | None = None
    ) -> Case:
        """File a case in the caller's write transaction, so that it stands or falls with what belongs to it.

        It is kept here first, also when cases go over to the bank's own system. The same key gives the same case.
        """
        return self.local.file_within(connection, self._new(draft, by, imported=False), idempotency_key)

    def _new(self, draft: CaseDraft, by: Actor | None, imported: bool) -> NewCase:
        if imported and draft.status not in IMPORTABLE:
            raise ValueError(draft.status)
        present = self._clock()
        moment = draft.received_at or present
        contact = (
            draft.contact or (self._keys.decrypt(CONTACT, draft.sealed_contact) if draft.sealed_contact else None) or ""
        )
        tail = phone_tail(contact) or draft.phone_tail[-4:]
        urgent = draft.kind is CaseKind.LOSS_REPORT
        case = Case(
            number=new_number(day_of(moment)),
            kind=draft.kind,
            status=draft.status if imported else CaseStatus.RECEIVED,
            subject=masked_text(draft.subject)[:MAX_SUBJECT],
            details=masked_text(draft.details),
            demand=masked_text(draft.demand),
            customer_ref=draft.customer_ref,
            conversation_id=draft.conversation_id,
            channel=draft.channel,
            holder=masked_name(draft.holder),
            contact=masked_contact(tail),
            phone_tail=tail,
            unit=draft.unit or self.rules.units[draft.kind],
            responsible=draft.responsible if imported else None,
            responsible_name="",
            category=self._known(draft.category),
            priority=draft.priority or (Priority.URGENT if urgent else Priority.NORMAL),
            version=1,
            received_at=moment,
            updated_at=moment,
            deadlines=self._first_deadlines(draft.kind, moment),
        )
        if case.ended:
            over = tuple(replace(one, state=DeadlineState.ENDED) for one in case.deadlines)
            case = replace(case, ended_at=present, deadlines=over)
        actor = by or Actor.customer(draft.customer_ref or draft.conversation_id or "")
        return NewCase(case, contact, actor, imported)

    def _known(self, category: Category) -> Category:
        return Category() if self.rules.categories.unknown(category) else category

    def _first_deadlines(self, kind: CaseKind, moment: datetime) -> tuple[Deadline, ...]:
        started = (self.rules.start(kind, deadline, moment, moment) for deadline in _FIRST)
        return tuple(deadline for deadline in started if deadline is not None)

    def find(self, number: str) -> Case | None:
        """The case of a number as somebody typed it; None when there is none."""
        canonical = parse_number(number)
        return self.repository.find(canonical) if canonical else None

    def of_customer(self, customer_ref: str) -> list[Case]:
        """All cases of a verified customer, newest first."""
        return self.repository.of_customer(customer_ref)

    def of_conversation(self, conversation_id: str, customer_ref: str | None = None) -> list[Case]:
        """Every case that a conversation may see, newest first: filed in it, unlocked in it, of its customer."""
        filed = self.repository.of_conversation(conversation_id)
        found = {case.number: case for case in filed if _shared(case, customer_ref)}
        for number in self.access.unlocked(conversation_id):
            if number not in found:
                case = self.repository.find(number)
                if case is not None:
                    found[number] = case
        if customer_ref is not None:
            found.update((case.number, case) for case in self.of_customer(customer_ref))
        return sorted(found.values(), key=lambda case: case.received_at, reverse=True)

    def visible(self, number: str, conversation_id: str, customer_ref: str | None = None) -> Case:
        """The case, if the conversation may see it.

        Raises:
            CaseNotFound: no such case, or somebody else's: one answer.
        """
        case = self.find(number)
        if case is None or not (
            (case.conversation_id == conversation_id and _shared(case, customer_ref))
            or (customer_ref is not None and case.customer_ref == customer_ref)
            or case.number in self.access.unlocked(conversation_id)
        ):
            raise CaseNotFound()
        return case

    def contact(self, number: str) -> str | None:
        """The customer's contact in full, e.g. to send a code to; None when there is none."""
        canonical = parse_number(number)
        return self.repository.contact(canonical) if canonical else None

    # -- the customer -----------------------------------------------------------------------------------

    def urge(self, number: str, reason: str, by: Actor, key: str | None = None) -> Case:
        """Ask to hurry; raises ``CaseUrgedToday`` the second time on one day."""
        return self.act(number, actions.Urge(reason=_cut(reason)), by, key=key)

    def withdraw(self, number: str, by: Actor, reason: str = "", key: str | None = None) -> Case:
        """Take a case back: the procedure ends the same day."""
        return self.act(number, actions.Withdraw(reason=_cut(reason)), by, key=key)

    def remark(self, number: str, text: str, by: Actor, public: bool = True, key: str | None = None) -> Case:
        """Add a text (``public`` false: for staff only)."""
        return self.act(number, actions.Remark(text=_cut(text), public=public), by, key=key)

    def recheck(self, number: str, reason: str, by: Actor, key: str | None = None) -> Case:
        """Ask that a decision be looked at again, within the time for it."""
        return self.act(number, actions.Recheck(reason=_cut(reason)), by, key=key)

    # -- staff --------------------------------------------------------------------------------------------

    def search(self, wanted: CaseFilter | None = None, limit: int = MAX_PAGE, offset: int = 0) -> CasePage:
        """A page of cases, newest first, without timelines; a number may be typed in any spelling."""
        wanted = wanted or CaseFilter()
        number = parse_number(wanted.text)
        return self.repository.search(replace(wanted, text=number) if number else wanted, limit, offset)

    def assign(self, number: str, to: str, by: Actor, version: int | None = None, name: str = "") -> Case:
        """Make ``to`` responsible."""
        return self.act(number, actions.Assign(to=to, name=name), by, version)

    def advance(self, number: str, status: CaseStatus, by: Actor, version: int | None = None, note: str = "") -> Case:
        """Go on to a working status."""
        return self.act(number, actions.Advance(status=status, note=_cut(note)), by, version)

    def extend(
        self,
        number: str,
        reason: str,
        notice: str,
        approved_by: str,
        approver: str,
        by: Actor,
        version: int | None = None,
    ) -> Case:
        """Extend the time for the decision: approved by somebody else, and the customer told."""
        action = actions.Extend(reason=_cut(reason), notice=_cut(notice), approved_by=approved_by, approver=approver)
        return self.act(number, action, by, version)

    def decide(
        self,
        number: str,
        outcome: Outcome,
        text: str,
        reason: str,
        by: Actor,
        remedies: Iterable[Remedy] = ALL_REMEDIES,
        version: int | None = None,
    ) -> Case:
        """Decide, with reasons and the remedies the customer is told."""
        action = actions.Decide(outcome=outcome, text=_cut(text), reason=_cut(reason), remedies=tuple(remedies))
        return self.act(number, action, by, version)

    def close(self, number: str, by: Actor, version: int | None = None, note: str = "") -> Case:
        """Nothing more is to be done."""
        return self.act(number, actions.Close(note=_cut(note)), by, version)

    def act(self, number: str, action: Action, by: Actor, version: int | None = None, key: str | None = None) -> Case:
        """Carry out any action on a case; see :meth:`CaseRepository.act`."""
        canonical = parse_number(number)
        if canonical is None:
            raise CaseNotFound()
        return self.repository.act(canonical, masked_action(action), by, version, key)


def _shared(case: Case, customer_ref: str | None) -> bool:
    """Whether a case filed in a conversation may be seen there: not, once another customer has signed in."""
    return case.customer_ref is None or customer_ref is None or case.customer_ref == customer_ref


def masked_text(text: str) -> str:
    """``text`` without secrets; cards, documents and phones may keep their tail."""
    return mask(text).text


def masked_action(action: Action) -> Action:
    """``action`` with every text masked."""
    texts = {name: masked_text(value) for name in _TEXTS if isinstance(value := getattr(action, name, None), str)}
    return action.copy(update=texts) if texts else action


def _cut(text: str) -> str:
    return masked_text(text.strip())[: actions.MAX_TEXT]
