"""Cases kept here while the bank's system is away: a receipt at once, forwarded later, each thing exactly once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.cases.access import CaseAccess
from bot.cases.actions import Forward
from bot.cases.bank_system import BankSystem
from bot.cases.chain import verify
from bot.cases.forwarding import Forwarder, ForwardingCaseRepository, pause
from bot.cases.model import Case, CaseDraft, CaseKind, CaseStatus, EventKind
from bot.cases.notices import CaseNotices
from bot.cases.outbox import LEASE, OutboxCaseRepository
from bot.cases.repository import CaseFilter
from bot.cases.rest_repository import RestCaseRepository
from bot.cases.secrecy import Signer
from bot.cases.service import CaseService
from bot.cases.sql_repository import SqlCaseRepository
from bot.cases.wire import to_wire
from bot.errors import CaseActionRefused, CaseSystemUnavailable
from bot.identity.keys import Keys
from bot.store.database import Database
from tests.cases.conftest import AGENT, CUSTOMER, RULES, SECRETS, Clock
from tests.support.bank_system import TOKEN, BankCaseSystem, answering, bank_case_system, gate

AWAY = answering(503)


@dataclass
class Office:
    """One process of ours in front of the bank's system."""

    database: Database
    local: OutboxCaseRepository
    service: CaseService
    forwarder: Forwarder
    clock: Clock

    @classmethod
    def on(cls, database_url: str, bank: BankCaseSystem, clock: Clock) -> Office:
        database = Database(database_url)
        local = OutboxCaseRepository(database, RULES, Keys(*SECRETS), Signer(SECRETS), clock)
        remote = RestCaseRepository(BankSystem(bank.url, TOKEN, 4.0, open_for_s=0))
        service = CaseService(local, CaseAccess(database), ForwardingCaseRepository(local, remote), clock)
        return cls(database, local, service, Forwarder(local, remote), clock)

    def filed(self, key: str = "talk:1", **fields: Any) -> Case:
        values = {"subject": "多扣年费", "customer_ref": CUSTOMER.id, "contact": "13800005678", **fields}
        return self.service.file(CaseDraft(kind=CaseKind.COMPLAINT, **values), key)


@pytest.fixture
def bank(tmp_path: Path, clock: Clock) -> Iterator[BankCaseSystem]:
    with bank_case_system(f"sqlite:///{tmp_path / 'bank.db'}") as system:
        system.repository._clock = clock
        yield system


@pytest.fixture
def office(database_url: str, bank: BankCaseSystem, clock: Clock) -> Iterator[Office]:
    made = Office.on(database_url, bank, clock)
    yield made
    assert verify(made.database, Signer(SECRETS)).problems == ()
    made.database.close()


@pytest.fixture
def other(database_url: str, bank: BankCaseSystem, clock: Clock) -> Iterator[Office]:
    made = Office.on(database_url, bank, clock)
    yield made
    made.database.close()


def kinds(case: Case | None) -> list[EventKind]:
    assert case is not None
    return [event.kind for event in case.timeline]


def test_that_a_complaint_gets_its_receipt_while_the_bank_is_away_and_goes_over_later(
    office: Office, bank: BankCaseSystem
) -> None:
    bank.before = AWAY
    case = office.filed()
    assert office.forwarder.forward() == 0
    office.service.urge(case.number, "快", CUSTOMER)
    office.service.remark(case.number, "补充", CUSTOMER, key="talk:7")
    assert office.service.find(case.number).status is CaseStatus.RECEIVED  # type: ignore[union-attr]
    assert bank.total() == 0
    bank.before = None
    office.clock.forward(minutes=10)
    assert office.forwarder.forward() == 1
    there = bank.repository.find(case.number)
    assert kinds(there) == [EventKind.FILED, EventKind.URGED, EventKind.REMARKED]
    assert bank.repository.contact(case.number) == "13800005678"
    assert kinds(office.local.find(case.number))[-1] is EventKind.FORWARDED
    assert to_wire(office.service.find(case.number)) == to_wire(there)  # type: ignore[arg-type]
    assert [act["at"] for act in bank.acts] == ["2026-11-26T02:00:00+00:00"] * 2
    assert office.forwarder.forward() == 0 and bank.total() == 1


def test_that_a_status_question_is_answered_honestly(office: Office, bank: BankCaseSystem) -> None:
    over = office.filed()
    office.forwarder.forward()
    bank.before = AWAY
    waiting = office.filed("talk:2", customer_ref=None, conversation_id="talk")
    assert office.service.find(waiting.number) == waiting
    assert office.service.of_conversation("talk") == [waiting]
    for question in (
        lambda: office.service.find(over.number),
        lambda: office.service.of_customer(CUSTOMER.id),
        lambda: office.service.withdraw(over.number, CUSTOMER),
        lambda: office.service.search(),
    ):
        with pytest.raises(CaseSystemUnavailable):
            question()
    assert office.local.find(over.number).status is CaseStatus.RECEIVED  # type: ignore[union-attr]


def test_that_a_lost_answer_to_anything_repeats_nothing(office: Office, bank: BankCaseSystem) -> None:
    bank.before = AWAY
    case = office.filed()
    office.service.remark(case.number, "一", CUSTOMER)
    office.service.remark(case.number, "二", CUSTOMER)
    bank.before = None
    lost: set[str | None] = set()

    async def lose_the_first(request: Request) -> Response | None:
        key = request.headers.get("idempotency-key")
        if key in lost:
            return None
        lost.add(key)
        return Response(status_code=500)

    bank.after = lose_the_first
    for _ in range(5):
        office.clock.forward(hours=1)
        office.forwarder.forward()
    assert len(lost) == 3 and bank.total() == 1
    assert [event.text for event in bank.repository.find(case.number).timeline[1:]] == ["您补充：一", "您补充：二"]  # type: ignore[union-attr]
    assert office.local.find(case.number).forwarded  # type: ignore[union-attr]


def test_that_several_servers_forward_once(office: Office, other: Office, bank: BankCaseSystem) -> None:
    numbers = {office.filed(f"talk:{n}").number for n in range(6)}
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda one: one.forwarder.forward(), [office, other, office, other]))
    office.clock.forward(minutes=2)
    done.append(office.forwarder.forward())
    assert sum(done) == 6 and bank.total() == 6
    assert {case.number for case in office.service.search().cases} == numbers
    sent = [key for method, _path, key in bank.requests if method == "POST"]
    assert sorted(sent) == sorted(numbers)


def test_that_a_crash_between_answer_and_note_files_nothing_twice(
    office: Office, other: Office, bank: BankCaseSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.filed()

    def crash(_entry: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(office.local, "sent", crash)
    with pytest.raises(KeyboardInterrupt):
        office.forwarder.forward()
    assert bank.total() == 1
    assert other.forwarder.forward() == 0  # the lease is still running
    other.clock.time += LEASE
    assert other.forwarder.forward() == 1
    assert bank.total() == 1 and other.local.find(case.number).forwarded  # type: ignore[union-attr]


def test_that_what_the_customer_does_meanwhile_goes_over_too(office: Office, bank: BankCaseSystem) -> None:
    case = office.filed()
    bank.before, arrived, opened = gate()
    with ThreadPoolExecutor(1) as pool:
        forwarding = pool.submit(office.forwarder.forward)
        assert arrived.wait(10)
        assert office.service.withdraw(case.number, CUSTOMER).status is CaseStatus.WITHDRAWN
        opened.set()
        assert forwarding.result(10) == 0
    assert not office.local.find(case.number).forwarded  # type: ignore[union-attr]
    assert office.forwarder.forward() == 1
    assert bank.repository.find(case.number).status is CaseStatus.WITHDRAWN  # type: ignore[union-attr]


def test_that_after_going_over_everything_is_done_there(office: Office, bank: BankCaseSystem) -> None:
    case = office.filed()
    office.service.remark(case.number, "一", CUSTOMER, key="talk:9")
    office.forwarder.forward()
    again = office.service.remark(case.number, "一", CUSTOMER, key="talk:9")
    assert len(again.timeline) == 2
    office.service.advance(case.number, CaseStatus.IN_PROGRESS, AGENT, again.version)
    assert bank.repository.find(case.number).status is CaseStatus.IN_PROGRESS  # type: ignore[union-attr]
    assert office.local.find(case.number).status is CaseStatus.RECEIVED  # type: ignore[union-attr]
    assert office.service.contact(case.number) == "13800005678"
    office.clock.forward(days=90)
    assert office.local.warn() == []


async def refuses(request: Request) -> Response | None:
    return JSONResponse({"error": {"code": "refused", "text": "不受理"}}, 422)


def test_that_a_refused_case_stays_here_and_a_person_is_told(office: Office, bank: BankCaseSystem) -> None:
    bank.before = refuses
    case = office.filed()
    office.service.remark(case.number, "补充", CUSTOMER)
    assert office.forwarder.forward() == 0
    bank.before = None
    office.clock.forward(days=1)
    assert office.forwarder.forward() == 0 and bank.total() == 0
    notices = [one.text for one in CaseNotices(office.database).for_staff("2001", ["supervisor"])]
    assert f"工单 {case.number} 未能转入本行工单系统，请人工处理：不受理" in notices
    assert office.service.withdraw(case.number, CUSTOMER).status is CaseStatus.WITHDRAWN


def test_that_a_refused_action_does_not_keep_the_case(office: Office, bank: BankCaseSystem) -> None:
    bank.before = AWAY
    case = office.filed()
    office.service.urge(case.number, "快", CUSTOMER)

    async def refuses_actions(request: Request) -> Response | None:
        return await refuses(request) if request.url.path.endswith("/actions") else None

    bank.before = refuses_actions
    assert office.forwarder.forward() == 1
    bank.before = None
    assert kinds(office.service.find(case.number)) == [EventKind.FILED]
    assert any("不受理" in one.text for one in CaseNotices(office.database).for_staff("2001", ["supervisor"]))


def test_that_waiting_cases_are_still_watched(office: Office, bank: BankCaseSystem) -> None:
    bank.before = AWAY
    case = office.filed()
    office.forwarder.forward()
    office.clock.forward(days=20)
    assert [one.number for one in office.local.warn()] == [case.number]
    bank.before = None
    assert office.forwarder.forward() == 1


def test_that_pauses_grow_to_a_limit() -> None:
    for attempts, seconds in ((0, 2), (1, 4), (5, 64), (7, 256), (8, 300), (1000, 300)):
        for _ in range(20):
            assert 0.7 * seconds <= pause(attempts).total_seconds() <= 1.3 * seconds


def test_that_a_case_is_left_alone_during_its_pause(office: Office, bank: BankCaseSystem) -> None:
    bank.before = AWAY
    office.filed()
    asked = []
    for _ in range(3):
        office.forwarder.forward()
        asked.append(len(bank.requests))
        office.forwarder.forward()
        assert len(bank.requests) == asked[-1]
        office.clock.forward(seconds=11)  # more than the third pause at its longest
    assert asked[0] < asked[1] < asked[2]


def test_that_lists_show_what_waits_here_first(office: Office, bank: BankCaseSystem) -> None:
    over = [office.filed(f"talk:{n}") for n in range(3)]
    office.forwarder.forward()
    waiting = []
    for n in range(3, 5):
        office.clock.forward(seconds=1)
        waiting.insert(0, office.filed(f"talk:{n}"))
    pages = [office.service.search(CaseFilter(), 2, offset) for offset in (0, 2, 4)]
    assert [page.total for page in pages] == [5, 5, 5]
    numbers = [case.number for page in pages for case in page.cases]
    assert numbers[:2] == [case.number for case in waiting]
    assert sorted(numbers[2:]) == sorted(case.number for case in over)


def test_that_older_cases_of_ours_stay_ours(office: Office, bank: BankCaseSystem) -> None:
    before = SqlCaseRepository(office.database, RULES, Keys(*SECRETS), Signer(SECRETS), office.clock)
    case = CaseService(before, CaseAccess(office.database), clock=office.clock).file(
        CaseDraft(CaseKind.COMPLAINT, "旧工单"), "old"
    )
    assert office.forwarder.forward() == 0
    assert office.service.remark(case.number, "补充", CUSTOMER).timeline[-1].kind is EventKind.REMARKED
    assert office.forwarder.forward() == 0 and bank.total() == 0


def test_that_nothing_can_call_a_waiting_case_forwarded(office: Office, bank: BankCaseSystem) -> None:
    bank.before = AWAY
    case = office.filed()
    with pytest.raises(CaseActionRefused):
        office.local.act(case.number, Forward(), AGENT)


def test_that_filing_does_not_wait_for_the_bank(office: Office, bank: BankCaseSystem) -> None:
    bank.before, arrived, opened = gate()
    filed = threading.Event()

    def file() -> None:
        office.filed()
        filed.set()

    thread = threading.Thread(target=file)
    thread.start()
    assert filed.wait(10) and not arrived.is_set()
    opened.set()
    thread.join()
