"""Cases in the bank's own system: the contract, failures, retries, the circuit breaker. A real HTTP server answers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.cases import actions
from bot.cases.bank_system import FAILURES_TO_OPEN, BankSystem, check_url
from bot.cases.model import Case, CaseKind, CaseStatus, Priority
from bot.cases.repository import CaseFilter, NewCase
from bot.cases.rest_repository import RestCaseRepository
from bot.errors import (
    CaseActionRefused,
    CaseConflict,
    CaseNotFound,
    CaseSystemUnavailable,
    CaseUrgedToday,
    ConfigurationError,
)
from tests.cases.conftest import AGENT, CUSTOMER
from tests.cases.test_procedure import decide, received
from tests.support.bank_system import TOKEN, BankCaseSystem, answering, bank_case_system, gate

NUMBER = "NY261126-K7Q4MX-T"


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[BankCaseSystem]:
    with bank_case_system(f"sqlite:///{tmp_path / 'bank.db'}") as system:
        yield system


def connected(bank: BankCaseSystem, **options: Any) -> RestCaseRepository:
    values = {"token": TOKEN, "timeout_s": 4.0, **options}
    return RestCaseRepository(BankSystem(bank.url, **values))


@pytest.fixture
def remote(bank: BankCaseSystem) -> RestCaseRepository:
    return connected(bank)


def filed(remote: RestCaseRepository, number: str = NUMBER, **changes: Any) -> Case:

    case = replace(received(), number=number, phone_tail="5678", **changes)
    return remote.file(NewCase(case, "13800005678", CUSTOMER), number)


def test_that_a_case_lives_in_the_banks_system(bank: BankCaseSystem, remote: RestCaseRepository) -> None:
    case = filed(remote)
    assert remote.find(NUMBER) == case and case.status is CaseStatus.RECEIVED
    assert remote.contact(NUMBER) == "13800005678"
    assert remote.find(NUMBER[:-1] + "2") is None
    working = remote.act(NUMBER, actions.Advance(status=CaseStatus.IN_PROGRESS), AGENT, case.version)
    assert (working.status, working.responsible) == (CaseStatus.IN_PROGRESS, AGENT.id)
    decided = remote.act(NUMBER, decide(), AGENT, working.version)
    assert decided.decision is not None and len(decided.decision.remedies) == 4
    assert [one.number for one in remote.of_customer(CUSTOMER.id)] == [NUMBER]
    assert remote.of_customer("somebody-else") == []


def test_that_lists_filter_and_page(remote: RestCaseRepository) -> None:
    numbers = ["NY261126-K7Q4MX-T", "NY261126-K7Q4MY-8", "NY261126-K7Q4MZ-N"]
    for number in numbers:
        filed(remote, number)
    everything = remote.search(CaseFilter(), 2, 0)
    assert (len(everything.cases), everything.total) == (2, 3)
    wanted = CaseFilter((CaseKind.COMPLAINT,), (CaseStatus.RECEIVED,), unassigned=True, priority=Priority.NORMAL)
    assert remote.search(wanted, 10, 2).total == 3
    assert remote.search(CaseFilter(text=numbers[1]), 10, 0).total == 1
    assert remote.search(CaseFilter(kinds=(CaseKind.SUGGESTION,)), 10, 0).total == 0


def test_that_the_same_key_does_it_once(bank: BankCaseSystem, remote: RestCaseRepository) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len({case.number for case in pool.map(lambda _: filed(remote), range(8))}) == 1
    for _ in range(3):
        case = remote.act(NUMBER, actions.Remark(text="补充"), CUSTOMER, key="message-1")
    assert bank.total() == 1 and len(case.timeline) == 2


def test_that_one_key_on_two_cases_is_two_wishes(bank: BankCaseSystem, remote: RestCaseRepository) -> None:
    for number in (NUMBER, "NY261126-K7Q4MY-8"):
        filed(remote, number)
        case = remote.act(number, actions.Remark(text="补充"), CUSTOMER, key="m" * 120)
        assert (case.number, len(case.timeline)) == (number, 2)
    keys = [key for _method, path, key in bank.requests if path.endswith("/actions")]
    assert len(set(keys)) == 2 and all(key and len(key) <= 128 for key in keys)


def test_that_refusals_come_as_what_they_are(remote: RestCaseRepository) -> None:
    case = filed(remote)
    remote.act(NUMBER, actions.Urge(), CUSTOMER)
    with pytest.raises(CaseUrgedToday):
        remote.act(NUMBER, actions.Urge(), CUSTOMER)
    with pytest.raises(CaseConflict):
        remote.act(NUMBER, actions.Close(), AGENT, case.version + 7)
    with pytest.raises(CaseActionRefused, match="不能改为"):
        remote.act(NUMBER, actions.Close(), AGENT, case.version)
    with pytest.raises(CaseNotFound):
        remote.act(NUMBER[:-1] + "2", actions.Urge(), CUSTOMER)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_that_passing_trouble_is_retried_with_the_same_key(
    bank: BankCaseSystem, remote: RestCaseRepository, status: int
) -> None:
    bank.before = answering(status, times=2)
    filed(remote)
    assert bank.requests == [("POST", "/api/cases", NUMBER)] * 3
    assert bank.total() == 1


def test_that_a_lost_answer_files_nothing_twice(bank: BankCaseSystem, remote: RestCaseRepository) -> None:
    bank.after = answering(503, times=2)
    filed(remote)
    assert len(bank.requests) == 3 and bank.total() == 1


async def slow_drip(_request: Request) -> Response:
    async def drops() -> Any:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    return StreamingResponse(drops(), media_type="application/json")


async def endless(_request: Request) -> Response:
    async def flood() -> Any:
        while True:
            yield b" " * 100_000

    return StreamingResponse(flood(), media_type="application/json")


@pytest.mark.parametrize(
    "fault",
    [
        answering(500),
        answering(503),
        answering(301),
        answering(401),
        answering(400, b"<html>"),
        answering(422, b"{}"),
        answering(200, b"<html>login</html>"),
        answering(200, b"{}"),
        answering(200, b"null"),
        answering(200, b'{"number": "NY261126-K7Q4MX-T"}'),
        answering(200, b"[" * 100_000),
        answering(200, b"\xff\xfe"),
        slow_drip,
        endless,
    ],
)
def test_that_every_other_answer_is_unavailable_and_soon(bank: BankCaseSystem, fault: Any) -> None:
    remote = connected(bank, timeout_s=0.8)
    bank.before = fault
    started = time.monotonic()
    with pytest.raises(CaseSystemUnavailable) as caught:
        remote.find(NUMBER)
    assert time.monotonic() - started < 3
    assert "138" not in str(caught.value) and caught.value.text.startswith("抱歉")


def test_that_silence_ends_in_time(bank: BankCaseSystem) -> None:
    remote = connected(bank, timeout_s=0.5)
    bank.before, _arrived, opened = gate()
    started = time.monotonic()
    with pytest.raises(CaseSystemUnavailable):
        remote.find(NUMBER)
    assert time.monotonic() - started < 2
    opened.set()


def test_that_a_closed_port_is_unavailable() -> None:
    remote = RestCaseRepository(BankSystem("http://127.0.0.1:9", TOKEN, 1.0))
    with pytest.raises(CaseSystemUnavailable):
        remote.find(NUMBER)


def test_that_somebody_elses_cases_are_never_passed_on(bank: BankCaseSystem, remote: RestCaseRepository) -> None:
    filed(remote)
    page = bank.repository.of_customer
    bank.repository.of_customer = lambda _ref: page(CUSTOMER.id)  # type: ignore[method-assign]
    with pytest.raises(CaseSystemUnavailable):
        remote.of_customer("somebody-else")
    bank.repository.find = lambda _number: page(CUSTOMER.id)[0]  # type: ignore[method-assign]
    with pytest.raises(CaseSystemUnavailable):
        remote.find("NY261126-K7Q4MY-8")


def test_that_a_system_that_is_down_is_left_alone_for_a_while(bank: BankCaseSystem) -> None:
    remote = connected(bank, open_for_s=0.3)
    bank.before = answering(500)
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(CaseSystemUnavailable):
            remote.find(NUMBER)
    asked = len(bank.requests)
    for _ in range(10):
        with pytest.raises(CaseSystemUnavailable):
            remote.find(NUMBER)
    assert len(bank.requests) == asked
    bank.before = None
    end = time.monotonic() + 10
    while True:  # until the breaker tries again
        try:
            assert remote.find(NUMBER) is None
            break
        except CaseSystemUnavailable:
            assert time.monotonic() < end
            threading.Event().wait(0.02)


def test_that_refusals_open_no_breaker(bank: BankCaseSystem, remote: RestCaseRepository) -> None:
    for _ in range(3 * FAILURES_TO_OPEN):
        with pytest.raises(CaseNotFound):
            remote.act(NUMBER, actions.Urge(), CUSTOMER)
    filed(remote)


def test_that_one_slow_call_does_not_hold_up_the_others(bank: BankCaseSystem, remote: RestCaseRepository) -> None:
    filed(remote)
    wait, arrived, opened = gate()

    async def slow(request: Request) -> Response | None:
        if request.url.path.endswith("/contact"):
            await wait(request)
        return None

    bank.before = slow
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(remote.contact, NUMBER)
        assert arrived.wait(5)
        assert remote.find(NUMBER) is not None
        assert not held.done()
        opened.set()
        assert held.result(5) == "13800005678"


@pytest.mark.parametrize(
    ("url", "production", "usable"),
    [
        ("https://cases.bank.example/api", True, True),
        ("http://127.0.0.1:9000/api", True, True),
        ("http://cases.bank.example/api", True, False),
        ("http://cases.bank.example/api", False, True),
        ("https://user:password@cases.bank.example", True, False),
        ("ftp://cases.bank.example", False, False),
        ("cases.bank.example", False, False),
        ("https://", True, False),
    ],
)
def test_that_the_address_is_checked(url: str, production: bool, usable: bool) -> None:
    if usable:
        assert check_url(url, production) == url
    else:
        with pytest.raises(ConfigurationError):
            check_url(url, production)
