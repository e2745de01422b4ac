"""Deadlines by dated rules: right over months, years and midnight; texts name the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.cases.days import SHANGHAI, add_working_days, day_of, end_of, is_working_day
from bot.cases.model import CaseKind, DeadlineKind
from bot.cases.rules import CaseRules, RuleSet, load_case_rules
from bot.cases.wording import deadline_text
from bot.errors import ConfigurationError
from tests.cases.conftest import RULES

DATA = Path(__file__).resolve().parents[2] / "data"
MOMENTS = st.datetimes(datetime(2020, 3, 2), datetime(2035, 12, 31)).map(lambda time: time.replace(tzinfo=timezone.utc))


def due(kind: CaseKind, deadline: DeadlineKind, moment: datetime) -> date:
    """The last day of a deadline that begins at ``moment``."""
    started = RULES.start(kind, deadline, moment, moment)
    assert started is not None
    return started.due_on


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        ("2026-11-26T10:00+08:00", "2026-12-11"),
        ("2026-12-20T23:59+08:00", "2027-01-04"),
        ("2026-12-21T00:00+08:00", "2027-01-05"),
        ("2026-12-20T16:30+00:00", "2027-01-05"),
        ("2027-02-20T12:00+08:00", "2027-03-07"),
        ("2028-02-20T12:00+08:00", "2028-03-06"),
    ],
)
def test_that_a_complaint_is_decided_within_fifteen_days(received: str, last_day: str) -> None:
    assert due(CaseKind.COMPLAINT, DeadlineKind.DECISION, datetime.fromisoformat(received)).isoformat() == last_day


@given(MOMENTS)
def test_that_the_day_of_receipt_is_not_counted_and_the_last_day_is_whole(moment: datetime) -> None:
    for days, kind, deadline in (
        (15, CaseKind.COMPLAINT, DeadlineKind.DECISION),
        (30, CaseKind.COMPLAINT, DeadlineKind.RECHECK_REQUEST),
        (5, CaseKind.LOSS_REPORT, DeadlineKind.WRITTEN),
    ):
        started = RULES.start(kind, deadline, moment, moment)
        assert started is not None
        assert started.due_on - moment.astimezone(SHANGHAI).date() == timedelta(days=days)
        assert day_of(started.due_at - timedelta(microseconds=1)) == started.due_on
        assert day_of(started.due_at) == started.due_on + timedelta(days=1)
        assert timedelta(days=days) < started.due_at - moment <= timedelta(days=days + 1)


@given(MOMENTS)
def test_that_extensions_count_from_receipt(moment: datetime) -> None:
    term = RULES.on(day_of(moment)).complaint[DeadlineKind.DECISION]
    lengths = [term.due_on(day_of(moment), count) - day_of(moment) for count in range(3)]
    assert lengths == [timedelta(days=15), timedelta(days=30), timedelta(days=60)]


@given(st.dates(date(2005, 1, 1), date(2040, 1, 1)), st.integers(1, 30))
def test_that_working_days_are_working_days(day: date, count: int) -> None:
    last = add_working_days(day, count)
    between = [day + timedelta(days=offset) for offset in range(1, (last - day).days + 1)]
    assert is_working_day(last) and sum(map(is_working_day, between)) == count


def test_that_holidays_are_not_counted_and_the_unannounced_year_has_weekends() -> None:
    assert add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert add_working_days(date(2040, 1, 6), 1) == date(2040, 1, 9)


def _later(days: int) -> CaseRules:
    first = RULES.sets[0]
    decision = first.complaint[DeadlineKind.DECISION].copy(update={"days": days})
    changed = first.copy(
        update={"effective": date(2027, 1, 1), "complaint": {**first.complaint, DeadlineKind.DECISION: decision}}
    )
    return replace(RULES, sets=(*RULES.sets, changed))


@given(st.datetimes(datetime(2026, 12, 1), datetime(2027, 2, 1)))
def test_that_a_new_rule_counts_from_its_day_on_and_an_old_case_keeps_its_rule(time: datetime) -> None:
    rules, moment = _later(10), time.replace(tzinfo=timezone.utc)
    started = rules.start(CaseKind.COMPLAINT, DeadlineKind.DECISION, moment, moment)
    assert started is not None
    new = day_of(moment) >= date(2027, 1, 1)
    assert started.due_on - day_of(moment) == timedelta(days=10 if new else 15)
    assert rules.dated(started.rule).terms(CaseKind.COMPLAINT)[DeadlineKind.DECISION].days == (10 if new else 15)


def test_that_every_term_names_its_source() -> None:
    for rules in RULES.sets:
        for kind in CaseKind:
            for term in rules.terms(kind).values():
                assert term.source and term.certainty in "HMLRB"


def test_that_the_knowledge_promises_the_same_days() -> None:
    bank = YAML(typ="safe").load((DATA / "knowledge" / "bank.yml").read_text(encoding="utf-8"))
    decision = RULES.sets[-1].complaint[DeadlineKind.DECISION]
    told = [bank["deadlines"][f"complaint_{name}"] for name in ("days", "extended_days", "max_days")]
    assert told == [str(decision.days), *(str(one.until_day) for one in decision.extensions)]
    recheck = RULES.sets[-1].complaint[DeadlineKind.RECHECK_REQUEST].days
    assert bank["complaint"]["review_apply_days"] == f"{recheck} 日内"


def test_that_a_broken_promise_is_said_to_be_broken() -> None:
    started = RULES.start(
        CaseKind.COMPLAINT, DeadlineKind.DECISION, *[datetime(2026, 11, 26, 2, tzinfo=timezone.utc)] * 2
    )
    assert started is not None
    assert deadline_text(started, date(2026, 12, 11)) == "2026年12月11日（含当日）前作出处理决定并告知您"
    assert "已超过期限" in deadline_text(started, date(2026, 12, 12))


@pytest.mark.parametrize(
    "change",
    [
        "[]",
        "- {effective: 2020-03-01}",
        "nonsense: [",
        "- effective: 2020-03-01\n  complaint: {decision: {days: 15, working_days: 3, source: x, certainty: H}}",
    ],
)
def test_that_wrong_rules_stop_the_start(tmp_path: Path, change: str) -> None:
    for name in ("responsibility.yml", "categories.yml"):
        (tmp_path / name).write_text((DATA / "cases" / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "deadlines.yml").write_text(change, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_case_rules(tmp_path)
    assert "deadlines.yml" in refused.value.text


def test_that_a_term_has_one_measure_and_growing_extensions() -> None:
    term = {"source": "x", "certainty": "H"}
    for wrong in (
        {**term},
        {**term, "days": 15, "extensions": [{"until_day": 10, "ground": "x"}]},
        {**term, "working_days": 5, "extensions": [{"until_day": 10, "ground": "x"}]},
    ):
        with pytest.raises(ValueError):
            RuleSet(
                effective=date(2020, 1, 1),
                complaint={
                    "decision": wrong,
                    "recheck_request": {**term, "days": 1},
                    "recheck_decision": {**term, "days": 1},
                },
                loss_report={},
                consultation={},
                application={},
                suggestion={},
            )


def test_that_a_day_ends_at_midnight_in_china() -> None:
    assert end_of(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, tzinfo=timezone.utc)
