"""The clock: warns at 50, 80 and 100 percent, once each, and escalates; on both kinds of database."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.cases.chores import CaseChores
from bot.cases.model import Case, CaseKind, DeadlineKind, EventKind, Priority
from bot.cases.notices import CaseNotices
from bot.cases.repository import CaseFilter
from bot.errors import StoreUnavailable
from tests.cases.conftest import AGENT, CUSTOMER, SUPERVISOR, Room
from tests.cases.test_procedure import decide, extend


def warnings(room: Room, case: Case) -> list[tuple[EventKind, int]]:
    """Warnings in the timeline."""
    found = room.service.find(case.number)
    assert found is not None
    return [
        (event.kind, event.data["percent"])
        for event in found.timeline
        if event.kind in (EventKind.WARNED, EventKind.ESCALATED)
    ]


def until(room: Room, case: Case, percent: float) -> None:
    """Let ``percent`` of the time for the decision pass."""
    deadline = case.deadlines[0]
    room.clock.time = deadline.started_at + (deadline.due_at - deadline.started_at) * percent / 100


def test_that_each_threshold_is_told_once(room: Room) -> None:
    case = room.filed()
    room.service.assign(case.number, AGENT.id, SUPERVISOR)
    expected: list[tuple[EventKind, int]] = []
    for percent, kind in ((50, EventKind.WARNED), (80, EventKind.WARNED), (100, EventKind.ESCALATED)):
        until(room, case, percent)
        room.clock.forward(seconds=-1)
        room.repository.warn()
        assert warnings(room, case) == expected
        room.clock.forward(seconds=1)
        for _ in range(3):
            room.repository.warn()
        expected.append((kind, percent))
        assert warnings(room, case) == expected
    notices = CaseNotices(room.database)
    texts = [notice.text for notice in notices.for_staff(AGENT.id, ["agent"])]
    assert [text for text in texts if "80%" in text] and len(texts) == 4
    escalated, new = notices.for_staff(SUPERVISOR.id, ["supervisor"])
    assert new.text == f"新的投诉工单 {case.number} 待分派"
    assert escalated.text == f"工单 {case.number}：「处理决定」已于2026年12月11日到期仍未完成，已升级至主管。"
    found = room.service.find(case.number)
    assert found is not None and found.priority is Priority.URGENT and found.version == 2


def test_that_several_servers_warn_once(room: Room, other_room: Room) -> None:
    cases = [room.filed() for _ in range(4)]
    until(room, cases[0], 55)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.repository.warn(), [room, other_room] * 4))
    for case in cases:
        assert warnings(room, case) == [(EventKind.WARNED, 50)]


def test_that_only_the_highest_passed_threshold_is_told(room: Room) -> None:
    case = room.filed()
    until(room, case, 300)
    assert [one.number for one in room.repository.warn()] == [case.number]
    assert warnings(room, case) == [(EventKind.ESCALATED, 100)]
    assert room.repository.warn() == []


def test_that_a_done_case_is_left_alone(room: Room) -> None:
    decided, withdrawn, consulted = room.filed(), room.filed(), room.filed(CaseKind.CONSULTATION)
    room.service.act(decided.number, decide(), AGENT)
    room.service.withdraw(withdrawn.number, CUSTOMER)
    room.service.close(consulted.number, AGENT)
    room.clock.forward(days=90)
    assert room.repository.warn() == []


def test_that_an_extension_begins_to_warn_anew(room: Room) -> None:
    case = room.filed()
    until(room, case, 90)
    room.repository.warn()
    room.service.act(case.number, extend(), SUPERVISOR)
    assert room.repository.warn() == []
    room.clock.forward(days=10)
    room.repository.warn()
    assert warnings(room, case) == [(EventKind.WARNED, 80), (EventKind.WARNED, 50)]


def test_that_a_recheck_is_watched_too(room: Room) -> None:
    case = room.filed()
    room.service.act(case.number, decide(), AGENT)
    room.service.recheck(case.number, "不同意", CUSTOMER)
    room.clock.forward(days=31)
    assert [one.number for one in room.repository.warn()] == [case.number]
    found = room.service.find(case.number)
    assert found is not None and found.timeline[-1].data["deadline"] == DeadlineKind.RECHECK_DECISION.value


def test_that_the_list_finds_overdue_cases(room: Room) -> None:
    case = room.filed()
    assert room.service.search(CaseFilter(overdue=True)).total == 0
    room.clock.time = case.deadlines[0].due_at
    assert [one.number for one in room.service.search(CaseFilter(overdue=True)).cases] == [case.number]


@pytest.mark.asyncio
async def test_that_chores_go_on_after_failures_until_closed() -> None:
    done: list[str] = []
    twice = asyncio.Event()
    loop = asyncio.get_running_loop()

    def failing() -> None:
        done.append("failing")
        raise StoreUnavailable()

    def broken() -> None:
        raise ZeroDivisionError

    def counted() -> None:
        done.append("counted")
        if done.count("counted") == 2:
            loop.call_soon_threadsafe(twice.set)

    chores = CaseChores({"failing": failing, "broken": broken, "counted": counted}, every_s=0.001)
    await chores.start()
    await asyncio.wait_for(twice.wait(), 10)
    await chores.close()
    assert done[:4] == ["failing", "counted", "failing", "counted"]
