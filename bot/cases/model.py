"""What a case is: kinds, statuses, legal transitions, deadlines, and the events of its timeline.

Plain frozen records; times are aware, days are days of the Chinese calendar (Asia/Shanghai).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any


class CaseKind(str, Enum):
    """What the customer wants of the bank."""

    COMPLAINT = "complaint"
    CONSULTATION = "consultation"
    APPLICATION = "application"
    LOSS_REPORT = "loss_report"
    SUGGESTION = "suggestion"


class CaseStatus(str, Enum):
    """Where a case stands."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    DECIDED = "decided"
    IN_REVIEW = "in_review"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Priority(str, Enum):
    """How soon somebody looks at it."""

    URGENT = "urgent"
    NORMAL = "normal"


class DeadlineKind(str, Enum):
    """What has to happen in time."""

    DECISION = "decision"
    RECHECK_REQUEST = "recheck_request"
    RECHECK_DECISION = "recheck_decision"
    WRITTEN = "written"
    REPLY = "reply"


class DeadlineState(str, Enum):
    """Open; kept in time; done too late; or no longer needed."""

    OPEN = "open"
    MET = "met"
    LATE = "late"
    ENDED = "ended"


class EventKind(str, Enum):
    """What happened to a case."""

    FILED = "filed"
    IMPORTED = "imported"
    ASSIGNED = "assigned"
    CLASSIFIED = "classified"
    ADVANCED = "advanced"
    EXTENDED = "extended"
    DECIDED = "decided"
    RECHECK_REQUESTED = "recheck_requested"
    RECHECK_DECIDED = "recheck_decided"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    URGED = "urged"
    REMARKED = "remarked"
    FILE_ADDED = "file_added"
    WARNED = "warned"
    ESCALATED = "escalated"
    FORWARDED = "forwarded"
    CONTACT_VIEWED = "contact_viewed"


class ActorKind(str, Enum):
    """Who did it."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


class Remedy(str, Enum):
    """Ways open to a customer who disagrees (银保监会令2020年第3号第18条)."""

    RECHECK = "核查"
    MEDIATION = "调解"
    ARBITRATION = "仲裁"
    LITIGATION = "诉讼"


class Outcome(str, Enum):
    """What a decision says to the customer's request."""

    GRANTED = "granted"
    PARTLY = "partly"
    DECLINED = "declined"


ENDED = frozenset({CaseStatus.CLOSED, CaseStatus.WITHDRAWN})
#: Where an imported case may stand: a decision can't come from a list, it is made here.
IMPORTABLE = frozenset({CaseStatus.RECEIVED, CaseStatus.IN_PROGRESS, CaseStatus.WAITING_CUSTOMER, *ENDED})
#: Kinds that end with a decision which the customer is told.
DECIDED_KINDS = frozenset({CaseKind.COMPLAINT, CaseKind.APPLICATION})

_ACTIVE = (CaseStatus.IN_PROGRESS, CaseStatus.WAITING_CUSTOMER)
_COMMON: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.RECEIVED: frozenset({*_ACTIVE, CaseStatus.WITHDRAWN}),
    CaseStatus.IN_PROGRESS: frozenset({CaseStatus.WAITING_CUSTOMER, CaseStatus.WITHDRAWN}),
    CaseStatus.WAITING_CUSTOMER: frozenset({CaseStatus.IN_PROGRESS, CaseStatus.WITHDRAWN}),
    CaseStatus.DECIDED: frozenset(),
    CaseStatus.IN_REVIEW: frozenset(),
    CaseStatus.CLOSED: frozenset(),
    CaseStatus.WITHDRAWN: frozenset(),
}
_COMPLAINT_MORE: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.DECIDED: frozenset({CaseStatus.IN_REVIEW}),
    CaseStatus.IN_REVIEW: frozenset({CaseStatus.DECIDED, CaseStatus.WITHDRAWN}),
    CaseStatus.CLOSED: frozenset({CaseStatus.IN_REVIEW}),
}


def transitions(kind: CaseKind, status: CaseStatus) -> frozenset[CaseStatus]:
    """Every status that a case of ``kind`` in ``status`` may go to, and no other.

    A complaint or an application is closed only after its decision; a complaint's decision can be
    re-checked once it is made; a reported loss is undone at the counter, never by withdrawal.
    """
    found = set(_COMMON[status])
    if kind in DECIDED_KINDS:
        if status in (CaseStatus.RECEIVED, *_ACTIVE):
            found.add(CaseStatus.DECIDED)
        if status is CaseStatus.DECIDED:
            found.add(CaseStatus.CLOSED)
    elif status in (CaseStatus.RECEIVED, *_ACTIVE):
        found.add(CaseStatus.CLOSED)
    if kind is CaseKind.COMPLAINT:
        found |= _COMPLAINT_MORE.get(status, frozenset())
    if kind is CaseKind.LOSS_REPORT:
        found.discard(CaseStatus.WITHDRAWN)
    return frozenset(found)


@dataclass(frozen=True)
class Actor:
    """Who acts: ``id`` is opaque (a customer reference, a conversation, a staff number)."""

    kind: ActorKind
    id: str
    name: str = ""

    @classmethod
    def customer(cls, ref: str) -> Actor:
        """A customer, by reference or by conversation."""
        return cls(ActorKind.CUSTOMER, ref)

    @classmethod
    def staff(cls, id: str, name: str = "") -> Actor:
        """One of the bank's people."""
        return cls(ActorKind.STAFF, id, name)

    @classmethod
    def system(cls, name: str) -> Actor:
        """This program itself, e.g. its clock."""
        return cls(ActorKind.SYSTEM, name)


@dataclass(frozen=True)
class Event:
    """One entry of a timeline; ``public`` entries are shown to the customer. ``text`` is masked."""

    seq: int
    at: datetime
    kind: EventKind
    actor: Actor
    text: str
    public: bool
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Deadline:
    """Something due before ``due_at``, the end of the day ``due_on``.

    Attributes:
        rule: first day on which the rule counted that set this deadline.
        extensions: how often it was extended.
        warned: the highest warning given so far, in percent of the time (0, 50, 80, 100).
    """

    kind: DeadlineKind
    started_at: datetime
    due_on: date
    due_at: datetime
    rule: date
    state: DeadlineState = DeadlineState.OPEN
    extensions: int = 0
    warned: int = 0


@dataclass(frozen=True)
class Category:
    """Codes of the complaint statistics after JR/T 0169-2018: channel, business, reason."""

    channel: str = ""
    business: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    """What was decided, why, and which remedies the customer was told."""

    outcome: Outcome
    text: str
    reason: str
    remedies: tuple[Remedy, ...]
    decided_at: datetime


@dataclass(frozen=True)
class Case:
    """A case as it stands; texts, name and contact are masked (the contact itself stays sealed elsewhere).

    ``forwarded``: the bank's own case system has it now; what stands here is how it was then.
    """

    number: str
    kind: CaseKind
    status: CaseStatus
    subject: str
    details: str
    demand: str
    customer_ref: str | None
    conversation_id: str | None
    channel: str
    holder: str
    contact: str
    phone_tail: str
    unit: str
    responsible: str | None
    responsible_name: str
    category: Category
    priority: Priority
    version: int
    received_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    urged_on: date | None = None
    decision: Decision | None = None
    rechecked: bool = False
    forwarded: bool = False
    deadlines: tuple[Deadline, ...] = ()
    timeline: tuple[Event, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be done."""
        return self.status in ENDED

    def deadline(self, kind: DeadlineKind) -> Deadline | None:
        """The deadline of ``kind``, if there is one."""
        return next((one for one in self.deadlines if one.kind is kind), None)

    @property
    def next_deadline(self) -> Deadline | None:
        """The bank's or the customer's earliest open deadline."""
        waiting = [one for one in self.deadlines if one.state is DeadlineState.OPEN]
        return min(waiting, key=lambda one: one.due_at, default=None)


@dataclass(frozen=True)
class CaseDraft:
    """A case to be filed.

    Attributes:
        contact: a phone number as the customer gave it (sealed at once, only its tail stays readable), or
            ``sealed_contact``, encrypted earlier (``Keys.encrypt(CONTACT, …)``).
        holder: the customer's name; only its first character stays.
        unit: who answers for it first; default: as ``data/cases/responsibility.yml`` says.
        received_at: default: now.
        status, responsible: where an imported case stands and who works on it; a new one is always received.
    """

    kind: CaseKind
    subject: str
    details: str = ""
    demand: str = ""
    customer_ref: str | None = None
    conversation_id: str | None = None
    channel: str = "web"
    contact: str = ""
    sealed_contact: str | None = None
    phone_tail: str = ""
    holder: str = ""
    unit: str = ""
    category: Category = Category()
    priority: Priority | None = None
    received_at: datetime | None = None
    status: CaseStatus = CaseStatus.RECEIVED
    responsible: str | None = None
