"""What each action does to a case: pure functions from a case to the next one, or a refusal in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import singledispatch
from typing import Any

from bot.cases import actions, wording
from bot.cases.days import chinese_date, day_of, end_of
from bot.cases.model import (
    ENDED,
    Actor,
    ActorKind,
    Case,
    CaseKind,
    CaseStatus,
    Category,
    Deadline,
    DeadlineKind,
    DeadlineState,
    Decision,
    EventKind,
    Priority,
    Remedy,
    transitions,
)
from bot.cases.rules import CaseRules
from bot.errors import CaseActionRefused, CaseUrgedToday

SUPERVISOR = "supervisor"
#: Decisions end with these; a customer must be told all of them (银保监会令2020年第3号第18条).
ALL_REMEDIES = tuple(Remedy)
#: After a re-check only these are left.
FINAL_REMEDIES = (Remedy.MEDIATION, Remedy.ARBITRATION, Remedy.LITIGATION)
#: What the bank itself has to do in time: these are warned about.
WATCHED = frozenset({DeadlineKind.DECISION, DeadlineKind.RECHECK_DECISION, DeadlineKind.REPLY, DeadlineKind.WRITTEN})


@dataclass(frozen=True)
class NewEvent:
    """An entry to be written to the timeline."""

    kind: EventKind
    text: str
    public: bool = True
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """Something staff should see: for one person, or for everybody of a role."""

    text: str
    to_staff: str | None = None
    to_role: str | None = None


@dataclass(frozen=True)
class Change:
    """A case as it becomes, and what is written beside it."""

    case: Case
    event: NewEvent
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Context:
    """By whom, when and under which rules."""

    by: Actor
    now: datetime
    rules: CaseRules


def carry_out(case: Case, action: actions.Action, context: Context) -> Change:
    """Apply ``action`` to ``case``.

    Returns:
        the case as it becomes, the entry for its timeline, notices for staff. The version grows when
        something changed that the next decision may rest on, not with remarks and warnings.

    Raises:
        CaseActionRefused: not possible in this state; the text says why.
        CaseUrgedToday: urged a second time on one day.
    """
    change = _carry_out(action, case, context)
    moved = isinstance(action, actions.NEEDS_VERSION) or change.case.status is not case.status
    changed = replace(change.case, version=case.version + moved, updated_at=context.now)
    if changed.status in ENDED:
        changed = replace(changed, ended_at=changed.ended_at or context.now, deadlines=_all_ended(changed, context.now))
    return replace(change, case=changed)


@singledispatch
def _carry_out(action: actions.Action, case: Case, context: Context) -> Change:
    raise TypeError(type(action))


@_carry_out.register
def _(action: actions.Urge, case: Case, context: Context) -> Change:
    _refuse_ended(case)
    today = day_of(context.now)
    if case.urged_on is not None and today <= case.urged_on:
        raise CaseUrgedToday()
    notice = wording.urged_notice(case.number, action.reason)
    return Change(
        replace(case, urged_on=today),
        NewEvent(EventKind.URGED, wording.urged(action.reason)),
        (_to_responsible(case, notice),),
    )


@_carry_out.register
def _(action: actions.Withdraw, case: Case, context: Context) -> Change:
    _refuse_ended(case)
    if case.kind is CaseKind.LOSS_REPORT:
        raise CaseActionRefused(wording.LOSS_NOT_WITHDRAWN)
    if CaseStatus.WITHDRAWN not in transitions(case.kind, case.status):
        raise CaseActionRefused(wording.NOT_WITHDRAWABLE.format(status=wording.status_name(case)))
    return Change(
        replace(case, status=CaseStatus.WITHDRAWN),
        NewEvent(EventKind.WITHDRAWN, wording.withdrawn(action.reason)),
        (_to_responsible(case, wording.withdrawn_notice(case.number)),),
    )


@_carry_out.register
def _(action: actions.Remark, case: Case, context: Context) -> Change:
    by_customer = context.by.kind is ActorKind.CUSTOMER
    if by_customer:
        _refuse_ended(case)
    resumed = by_customer and case.status is CaseStatus.WAITING_CUSTOMER
    return Change(
        replace(case, status=CaseStatus.IN_PROGRESS) if resumed else case,
        NewEvent(EventKind.REMARKED, wording.remarked(action.text, by_customer), action.public or by_customer),
        (_to_responsible(case, wording.customer_added_notice(case.number)),) if by_customer else (),
    )


@_carry_out.register
def _(action: actions.AddFile, case: Case, context: Context) -> Change:
    by_customer = context.by.kind is ActorKind.CUSTOMER
    _refuse_ended(case)
    return Change(
        case,
        NewEvent(EventKind.FILE_ADDED, wording.file_added(action.name, by_customer), data={"file": action.file_id}),
        (_to_responsible(case, wording.customer_added_notice(case.number)),) if by_customer else (),
    )


@_carry_out.register
def _(action: actions.Recheck, case: Case, context: Context) -> Change:
    if case.rechecked:
        raise CaseActionRefused(wording.RECHECK_USED)
    if case.decision is None or CaseStatus.IN_REVIEW not in transitions(case.kind, case.status):
        raise CaseActionRefused(wording.NO_RECHECK)
    request = case.deadline(DeadlineKind.RECHECK_REQUEST)
    if request is not None and context.now >= request.due_at:
        raise CaseActionRefused(wording.RECHECK_LATE.format(day=chinese_date(request.due_on)))
    begun = context.rules.start(case.kind, DeadlineKind.RECHECK_DECISION, context.now, case.received_at)
    kept = _settled(case, DeadlineKind.RECHECK_REQUEST, context.now)
    return Change(
        replace(
            case,
            status=CaseStatus.IN_REVIEW,
            ended_at=None,
            rechecked=True,
            deadlines=(*kept, *([begun] if begun else [])),
        ),
        NewEvent(EventKind.RECHECK_REQUESTED, wording.recheck_requested(action.reason)),
        (Notice(wording.recheck_notice(case.number), to_role=SUPERVISOR),),
    )


@_carry_out.register
def _(action: actions.Assign, case: Case, context: Context) -> Change:
    _refuse_ended(case)
    if case.responsible == action.to:
        raise CaseActionRefused(wording.SAME_ASSIGNEE.format(to=action.to))
    return Change(
        replace(case, responsible=action.to, responsible_name=action.name),
        NewEvent(EventKind.ASSIGNED, wording.assigned(action.to), data={"from": case.responsible, "to": action.to}),
        (Notice(wording.deadline_notice(case.number, wording.assigned(action.to)), to_staff=action.to),),
    )


@_carry_out.register
def _(action: actions.Advance, case: Case, context: Context) -> Change:
    if action.status not in (CaseStatus.IN_PROGRESS, CaseStatus.WAITING_CUSTOMER):
        _refuse_transition(case, action.status)
    _check_transition(case, action.status)
    return Change(
        replace(_answered_for(case, context.by), status=action.status),
        _moved(case, EventKind.ADVANCED, wording.advanced(action.status, action.note), action.status),
    )


@_carry_out.register
def _(action: actions.Extend, case: Case, context: Context) -> Change:
    deadline = case.deadline(DeadlineKind.DECISION)
    if deadline is None or deadline.state is not DeadlineState.OPEN:
        raise CaseActionRefused(wording.NOTHING_TO_EXTEND)
    term = context.rules.dated(deadline.rule).terms(case.kind)[DeadlineKind.DECISION]
    if deadline.extensions >= len(term.extensions):
        raise CaseActionRefused(wording.NO_MORE_EXTENSION)
    if context.now >= deadline.due_at:
        raise CaseActionRefused(wording.TOO_LATE_TO_EXTEND)
    if action.approved_by == case.responsible:
        raise CaseActionRefused(wording.OWN_APPROVAL)
    due_on = term.due_on(day_of(deadline.started_at), deadline.extensions + 1)
    longer = replace(deadline, due_on=due_on, due_at=end_of(due_on), extensions=deadline.extensions + 1, warned=0)
    return Change(
        replace(case, deadlines=_with(case, longer)),
        NewEvent(
            EventKind.EXTENDED,
            wording.extended(due_on, action.reason, action.notice),
            data={
                "from": deadline.due_on.isoformat(),
                "to": due_on.isoformat(),
                "ground": term.extensions[deadline.extensions].ground,
                "approved_by": action.approved_by,
                "approver": action.approver,
                "told_at": context.now.isoformat(),
            },
        ),
    )


@_carry_out.register
def _(action: actions.Decide, case: Case, context: Context) -> Change:
    recheck = case.status is CaseStatus.IN_REVIEW
    _check_transition(case, CaseStatus.DECIDED)
    needed = FINAL_REMEDIES if recheck else ALL_REMEDIES
    if case.kind is CaseKind.COMPLAINT:
        missing = [one.value for one in needed if one not in action.remedies]
        if missing:
            raise CaseActionRefused(wording.REMEDIES_MISSING.format(missing="、".join(missing)))
    if recheck and context.by.id == case.responsible:
        raise CaseActionRefused(wording.OWN_RECHECK)
    remedies = tuple(one for one in ALL_REMEDIES if one in action.remedies)
    decision = Decision(action.outcome, action.text, action.reason, remedies, context.now)
    if recheck:
        deadlines = _settled(case, DeadlineKind.RECHECK_DECISION, context.now)
    else:
        deadlines = _settled(case, DeadlineKind.DECISION, context.now)
        deadlines = _settled(replace(case, deadlines=deadlines), DeadlineKind.REPLY, context.now)
        request = context.rules.start(case.kind, DeadlineKind.RECHECK_REQUEST, context.now, case.received_at)
        deadlines = (*deadlines, *([request] if request else []))
    told = wording.decided(action.outcome, action.text, action.reason, remedies, recheck)
    kind = EventKind.RECHECK_DECIDED if recheck else EventKind.DECIDED
    data = {"outcome": action.outcome.value, "remedies": [one.value for one in remedies]}
    answered_for = _answered_for(case, context.by)
    return Change(
        replace(answered_for, status=CaseStatus.DECIDED, decision=decision, deadlines=deadlines),
        _moved(case, kind, told, CaseStatus.DECIDED, **data),
    )


@_carry_out.register
def _(action: actions.Close, case: Case, context: Context) -> Change:
    _check_transition(case, CaseStatus.CLOSED)
    settled = case
    for kind in (DeadlineKind.REPLY, DeadlineKind.WRITTEN):
        settled = replace(settled, deadlines=_settled(settled, kind, context.now))
    return Change(
        replace(settled, status=CaseStatus.CLOSED),
        _moved(case, EventKind.CLOSED, wording.closed(action.note), CaseStatus.CLOSED),
    )


@_carry_out.register
def _(action: actions.Classify, case: Case, context: Context) -> Change:
    category = Category(action.channel, action.business, action.reason)
    unknown = context.rules.categories.unknown(category)
    if unknown is not None:
        raise CaseActionRefused(wording.UNKNOWN_CATEGORY.format(part=unknown))
    data = {"channel": category.channel, "business": category.business, "reason": category.reason}
    return Change(
        replace(case, category=category, priority=action.priority or case.priority),
        NewEvent(EventKind.CLASSIFIED, wording.classified(), public=False, data=data),
    )


@_carry_out.register
def _(action: actions.ViewContact, case: Case, context: Context) -> Change:
    return Change(case, NewEvent(EventKind.CONTACT_VIEWED, wording.contact_viewed(), public=False))


@_carry_out.register
def _(action: actions.Forward, case: Case, context: Context) -> Change:
    over = tuple(
        replace(one, state=DeadlineState.ENDED) if one.state is DeadlineState.OPEN else one for one in case.deadlines
    )
    return Change(
        replace(case, forwarded=True, deadlines=over),
        NewEvent(EventKind.FORWARDED, wording.forwarded(), public=False),
    )


@_carry_out.register
def _(action: actions.Warn, case: Case, context: Context) -> Change:
    kind = DeadlineKind(action.deadline)
    deadline = case.deadline(kind)
    if deadline is None or deadline.state is not DeadlineState.OPEN or deadline.warned >= action.percent:
        raise CaseActionRefused(wording.NOT_DUE)
    over = action.percent == 100
    text = wording.escalated(kind, deadline.due_on) if over else wording.warned(kind, action.percent, deadline.due_on)
    notice = wording.deadline_notice(case.number, text)
    notices = [_to_responsible(case, notice)]
    if over:
        notices.append(Notice(notice, to_role=SUPERVISOR))
    return Change(
        replace(
            case,
            deadlines=_with(case, replace(deadline, warned=action.percent)),
            priority=Priority.URGENT if over else case.priority,
        ),
        NewEvent(
            EventKind.ESCALATED if over else EventKind.WARNED,
            text,
            public=False,
            data={"deadline": kind.value, "percent": action.percent},
        ),
        tuple(dict.fromkeys(notices)),
    )


def _moved(case: Case, kind: EventKind, text: str, target: CaseStatus, **data: Any) -> NewEvent:
    return NewEvent(kind, text, data={"from": case.status.value, "to": target.value, **data})


def _refuse_ended(case: Case) -> None:
    if case.ended:
        raise CaseActionRefused(wording.ALREADY_ENDED.format(status=wording.status_name(case)))


def _refuse_transition(case: Case, target: CaseStatus) -> None:
    raise CaseActionRefused(
        wording.NOT_ALLOWED.format(
            kind=wording.kind_name(case), status=wording.status_name(case), target=wording.STATUSES[target]
        )
    )


def _check_transition(case: Case, target: CaseStatus) -> None:
    if target not in transitions(case.kind, case.status):
        _refuse_transition(case, target)


def _answered_for(case: Case, by: Actor) -> Case:
    """Who first takes a case in hand answers for it to the end (首问负责)."""
    if case.responsible or by.kind is not ActorKind.STAFF:
        return case
    return replace(case, responsible=by.id, responsible_name=by.name)


def _to_responsible(case: Case, text: str) -> Notice:
    """For the responsible person; while there is none, for supervisors."""
    return Notice(text, to_staff=case.responsible) if case.responsible else Notice(text, to_role=SUPERVISOR)


def _with(case: Case, deadline: Deadline) -> tuple[Deadline, ...]:
    return tuple(deadline if one.kind is deadline.kind else one for one in case.deadlines)


def _settled(case: Case, kind: DeadlineKind, moment: datetime) -> tuple[Deadline, ...]:
    """All deadlines, the one of ``kind`` met or late at ``moment``."""
    return tuple(
        replace(one, state=DeadlineState.MET if moment < one.due_at else DeadlineState.LATE)
        if one.kind is kind and one.state is DeadlineState.OPEN
        else one
        for one in case.deadlines
    )


def _all_ended(case: Case, moment: datetime) -> tuple[Deadline, ...]:
    """Nothing the bank owes is counted any more; a closed complaint can still be re-checked in time."""
    return tuple(
        replace(one, state=DeadlineState.ENDED)
        if one.state is DeadlineState.OPEN
        and (case.status is CaseStatus.WITHDRAWN or one.kind is not DeadlineKind.RECHECK_REQUEST)
        else one
        for one in case.deadlines
    )
