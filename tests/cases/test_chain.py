"""The audit chain: whatever is changed, removed, inserted or cut off is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.cases.chain import verify
from bot.cases.model import CaseStatus
from bot.cases.secrecy import Signer
from tests.cases.conftest import AGENT, CUSTOMER, SECRETS, Clock, Room


@pytest.fixture
def busy(room: Room) -> Room:
    """Two cases with a history."""
    first, second = room.filed(), room.filed()
    room.service.remark(first.number, "补充", CUSTOMER)
    room.service.advance(second.number, CaseStatus.IN_PROGRESS, AGENT, note="已联系")
    room.service.urge(second.number, "快", CUSTOMER)
    return room


def _problems(room: Room) -> tuple[str, ...]:
    return verify(room.database, room.signer).problems


def _execute(room: Room, statement: str) -> None:
    with room.database.write() as connection:
        assert connection.execute(text(statement)).rowcount > 0


def test_that_an_untouched_chain_is_whole(busy: Room) -> None:
    verdict = verify(busy.database, busy.signer)
    assert (verdict.entries, verdict.problems) == (5, ())
    assert verify(busy.database, busy.signer, (verdict.entries, verdict.head)).problems == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_events SET text = '已补偿' WHERE position = 3",
        "UPDATE case_events SET at = '2026-01-01 00:00:00+00:00' WHERE position = 3",
        "UPDATE case_events SET actor = '1003' WHERE position = 4",
        "UPDATE case_events SET data = '{}' WHERE position = 4",
        "UPDATE case_events SET public = NOT public WHERE position = 1",
        "UPDATE case_events SET key = 'other' WHERE position = 2",
        "DELETE FROM case_events WHERE position = 3",
        "DELETE FROM case_events WHERE position = 5",
        "DELETE FROM case_events",
        "DELETE FROM chain_heads",
        "UPDATE chain_heads SET position = 4, digest = (SELECT digest FROM case_events WHERE position = 4)",
        "INSERT INTO case_events SELECT 6, case_number, 9, at, kind, actor_kind, actor, actor_name, '补', public,"
        " data, 'x', digest, digest, key_id FROM case_events WHERE position = 5",
        "UPDATE cases SET status = 'closed'",
        "UPDATE cases SET responsible = '1003'",
        "UPDATE case_deadlines SET due_on = '2027-01-01'",
        "DELETE FROM case_deadlines",
        "UPDATE cases SET event_count = event_count - 1",
    ],
)
def test_that_every_change_is_detected(busy: Room, statement: str) -> None:
    _execute(busy, statement)
    assert _problems(busy)


def test_that_cutting_off_the_end_is_detected_against_a_noted_head(busy: Room) -> None:
    noted = verify(busy.database, busy.signer)
    with busy.database.write() as connection:
        for table in ("case_events", "case_deadlines", "case_notices", "cases", "chain_heads"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert _problems(busy) == ()
    assert verify(busy.database, busy.signer, (noted.entries, noted.head)).problems


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE chain_heads SET position = 3",
        "UPDATE chain_heads SET seal = 'x'",
        "DELETE FROM chain_heads",
        "DELETE FROM case_events WHERE position = 5",
        "DELETE FROM case_events",
    ],
)
def test_that_a_break_keeps_nobody_from_filing_and_stays_provable(busy: Room, statement: str) -> None:
    _execute(busy, statement)
    case = busy.filed()
    busy.service.remark(case.number, "补充", CUSTOMER)
    assert busy.service.find(case.number) is not None
    assert any("写入时" in problem for problem in _problems(busy))


def test_that_rolling_back_the_end_is_noted_by_the_next_entry(busy: Room) -> None:
    with busy.database.write() as connection:
        head = connection.execute(text("SELECT position, digest, seal, key_id FROM chain_heads")).one()
    before = busy.filed()
    with busy.database.write() as connection:
        for table in ("case_events", "case_deadlines", "case_notices"):
            connection.execute(text(f"DELETE FROM {table} WHERE case_number = :number"), {"number": before.number})
        connection.execute(text("DELETE FROM cases WHERE number = :number"), {"number": before.number})
        connection.execute(text("UPDATE chain_heads SET position = :p"), {"p": head.position})
    busy.filed()
    assert any("写入时" in problem for problem in _problems(busy))


def test_that_another_secret_can_not_sign(busy: Room) -> None:
    assert verify(busy.database, Signer(["somebody-else"])).problems


def test_that_keys_may_change(busy: Room, database_url: str, clock: Clock) -> None:
    later = Room.on(database_url, clock, ("the-next-secret", *SECRETS))
    number = busy.service.search().cases[0].number
    later.service.remark(number, "换密钥之后", CUSTOMER)
    assert later.service.contact(number) == "13800005678"
    assert _problems(later) == ()
    later.database.close()
