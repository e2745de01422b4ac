"""The status machine, whatever is tried in whatever order: property tests over the pure procedure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.cases import actions
from bot.cases.days import SHANGHAI, day_of, end_of
from bot.cases.model import (
    ENDED,
    Actor,
    Case,
    CaseKind,
    CaseStatus,
    Category,
    DeadlineKind,
    DeadlineState,
    Outcome,
    Priority,
    Remedy,
    transitions,
)
from bot.cases.procedure import ALL_REMEDIES, FINAL_REMEDIES, Context, carry_out
from bot.errors import CaseActionRefused, CaseError, CaseUrgedToday
from tests.cases.conftest import AGENT, CUSTOMER, OTHER_AGENT, RULES, SUPERVISOR

START = datetime(2026, 11, 26, 2, 0, tzinfo=timezone.utc)
FIRST = (DeadlineKind.DECISION, DeadlineKind.WRITTEN, DeadlineKind.REPLY)


def received(kind: CaseKind = CaseKind.COMPLAINT, at: datetime = START) -> Case:
    """A case that has just come in."""
    started = [RULES.start(kind, deadline, at, at) for deadline in FIRST]
    return Case(
        number="NY261126-K7Q4MX-T",
        kind=kind,
        status=CaseStatus.RECEIVED,
        subject="多扣年费",
        details="",
        demand="",
        customer_ref=CUSTOMER.id,
        conversation_id=None,
        channel="web",
        holder="",
        contact="",
        phone_tail="",
        unit=RULES.units[kind],
        responsible=None,
        responsible_name="",
        category=Category(),
        priority=Priority.NORMAL,
        version=1,
        received_at=at,
        updated_at=at,
        deadlines=tuple(one for one in started if one is not None),
    )


def do(case: Case, action: actions.Action, by: Actor = AGENT, at: datetime = START) -> Case:
    """The case after an action."""
    return carry_out(case, action, Context(by, at, RULES)).case


def decide(remedies: tuple[Remedy, ...] = ALL_REMEDIES) -> actions.Decide:
    """A decision."""
    return actions.Decide(outcome=Outcome.GRANTED, text="退还年费10元", reason="重复扣收", remedies=remedies)


def extend(approved_by: str = SUPERVISOR.id) -> actions.Extend:
    """An approved extension."""
    return actions.Extend(reason="需调取凭证", approved_by=approved_by, approver="赵主管", notice="请您谅解")


ACTIONS = st.sampled_from(
    [
        actions.Urge(reason="快"),
        actions.Withdraw(),
        actions.Remark(text="补充"),
        actions.Recheck(reason="不同意"),
        actions.AddFile(file_id="f", name="凭证.pdf"),
        actions.Assign(to="1001"),
        actions.Assign(to="1002"),
        *(actions.Advance(status=status) for status in CaseStatus),
        extend(),
        decide(),
        decide(FINAL_REMEDIES),
        actions.Close(),
        actions.Classify(business="debit_card"),
        *(actions.Warn(deadline=kind.value, percent=50) for kind in DeadlineKind),
    ]
)
ACTORS = st.sampled_from([CUSTOMER, AGENT, OTHER_AGENT, SUPERVISOR])


class CaseMachine(RuleBasedStateMachine):
    """Any action by anybody at any time."""

    @initialize(kind=st.sampled_from(CaseKind))
    def begin(self, kind: CaseKind) -> None:
        self.case, self.time = received(kind), START
        self.statuses = [self.case.status]
        self.decided = False

    @rule(action=ACTIONS, by=ACTORS, pause=st.integers(0, 40 * 24 * 60))
    def act(self, action: actions.Action, by: Actor, pause: int) -> None:
        self.time += timedelta(minutes=pause)
        before = self.case
        try:
            self.case = do(before, action, by, self.time)
        except CaseError as refused:
            assert refused.text and "{" not in refused.text
            return
        if self.case.status is not before.status:
            assert self.case.status in transitions(before.kind, before.status)
            self.statuses.append(self.case.status)
        assert self.case.version == before.version + 1 or (
            self.case.version == before.version and self.case.status is before.status
        )
        self.decided = self.decided or isinstance(action, actions.Decide)

    @invariant()
    def ended_cases_owe_nothing(self) -> None:
        if self.case.status in ENDED:
            assert self.case.ended_at is not None
            waiting = {one.kind for one in self.case.deadlines if one.state is DeadlineState.OPEN}
            assert waiting <= {DeadlineKind.RECHECK_REQUEST}
        else:
            assert self.case.ended_at is None

    @invariant()
    def complaints_are_closed_only_with_a_decision(self) -> None:
        if self.case.kind is CaseKind.COMPLAINT and self.case.status is CaseStatus.CLOSED:
            assert self.decided and self.case.decision is not None
            assert set(FINAL_REMEDIES) <= set(self.case.decision.remedies)

    @invariant()
    def an_open_complaint_always_has_a_deadline_of_the_bank(self) -> None:
        working = (CaseStatus.RECEIVED, CaseStatus.IN_PROGRESS, CaseStatus.WAITING_CUSTOMER)
        if self.case.kind is CaseKind.COMPLAINT and self.case.status in working:
            deadline = self.case.deadline(DeadlineKind.DECISION)
            assert deadline is not None and deadline.state is DeadlineState.OPEN
            assert deadline.due_on - day_of(deadline.started_at) <= timedelta(days=60)
        if self.case.status is CaseStatus.IN_REVIEW:
            deadline = self.case.deadline(DeadlineKind.RECHECK_DECISION)
            assert deadline is not None and deadline.state is DeadlineState.OPEN

    @invariant()
    def nobody_checks_their_own_decision(self) -> None:
        assert self.statuses.count(CaseStatus.IN_REVIEW) <= 1


TestCaseMachine = CaseMachine.TestCase


@given(st.sampled_from(CaseKind), st.sampled_from(CaseStatus), ACTIONS, ACTORS)
def test_that_an_action_never_leaves_the_graph(
    kind: CaseKind, status: CaseStatus, action: actions.Action, by: Actor
) -> None:
    before = replace(received(kind), status=status)
    try:
        after = do(before, action, by)
    except CaseError:
        return
    assert after.status is status or after.status in transitions(kind, status)


@pytest.mark.parametrize("missing", Remedy)
def test_that_a_decision_must_name_every_remedy(missing: Remedy) -> None:
    left = tuple(one for one in ALL_REMEDIES if one is not missing)
    with pytest.raises(CaseActionRefused, match=missing.value):
        do(received(), decide(left))


def test_that_a_recheck_has_its_own_person_term_and_end() -> None:
    case = do(do(received(), actions.Assign(to=AGENT.id)), decide())
    request = case.deadline(DeadlineKind.RECHECK_REQUEST)
    assert request is not None and request.due_on.isoformat() == "2026-12-26"
    case = do(case, actions.Close())
    with pytest.raises(CaseActionRefused, match="12月26日"):
        do(case, actions.Recheck(reason="不同意"), CUSTOMER, request.due_at)
    checked = do(case, actions.Recheck(reason="不同意"), CUSTOMER, request.due_at - timedelta(seconds=1))
    assert checked.status is CaseStatus.IN_REVIEW and checked.ended_at is None
    due = checked.deadline(DeadlineKind.RECHECK_DECISION)
    assert due is not None and due.due_on.isoformat() == "2027-01-25"
    with pytest.raises(CaseActionRefused, match="以外的人员"):
        do(checked, decide(FINAL_REMEDIES), AGENT)
    final = do(checked, decide(FINAL_REMEDIES), OTHER_AGENT)
    with pytest.raises(CaseActionRefused, match="已经核查过"):
        do(final, actions.Recheck(reason="还是不同意"), CUSTOMER)


def test_that_extensions_need_another_person_and_end_at_sixty_days() -> None:
    case = do(received(), actions.Assign(to=AGENT.id))
    with pytest.raises(CaseActionRefused, match="以外"):
        do(case, extend(AGENT.id))
    dues = []
    for _ in range(2):
        case = do(case, extend(), SUPERVISOR)
        deadline = case.deadline(DeadlineKind.DECISION)
        assert deadline is not None
        dues.append(deadline.due_on.isoformat())
    assert dues == ["2026-12-26", "2027-01-25"]
    with pytest.raises(CaseActionRefused, match="最长"):
        do(case, extend(), SUPERVISOR)


def test_that_nothing_is_extended_after_its_end() -> None:
    case = received()
    due = case.deadlines[0].due_at
    assert do(case, extend(), SUPERVISOR, due - timedelta(seconds=1)).deadlines[0].extensions == 1
    with pytest.raises(CaseActionRefused, match="已过"):
        do(case, extend(), SUPERVISOR, due)


def test_that_an_extension_records_approval_and_notice() -> None:
    event = carry_out(received(), extend(), Context(SUPERVISOR, START, RULES)).event
    assert {"approved_by": "2001", "approver": "赵主管", "ground": "情况复杂"}.items() <= event.data.items()
    assert event.public and "请您谅解" in event.text and "2026年12月26日" in event.text


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1))
)
def test_that_urging_works_once_a_calendar_day(first: datetime, second: datetime) -> None:
    first, second = sorted(time.replace(tzinfo=timezone.utc) for time in (first, second))
    urged = do(received(at=first), actions.Urge(), CUSTOMER, first)
    if first.astimezone(SHANGHAI).date() == second.astimezone(SHANGHAI).date():
        with pytest.raises(CaseUrgedToday):
            do(urged, actions.Urge(), CUSTOMER, second)
    else:
        do(urged, actions.Urge(), CUSTOMER, second)


@given(st.integers(0, 20 * 24 * 60))
def test_that_late_is_late(minutes: int) -> None:
    at = START + timedelta(minutes=minutes)
    decided = do(received(), decide(), AGENT, at)
    state = decided.deadlines[0].state
    assert state is (DeadlineState.MET if at < end_of(decided.deadlines[0].due_on) else DeadlineState.LATE)
