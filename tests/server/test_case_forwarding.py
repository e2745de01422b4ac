"""The server is killed between a complaint's receipt and its way to the bank's system: exactly one case gets there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.cases.actions import Advance
from bot.cases.model import Actor, CaseStatus
from tests.processes.children import free_port
from tests.server.case_world import cases_of, filed, remark, upload
from tests.support.bank_system import TOKEN, BankCaseSystem, answering, bank_case_system, gate
from tests.support.files import PNG
from tests.support.running import Customer, running, settings_for
from tests.support.staff import StaffClient

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 90.0
Process = subprocess.Popen[bytes]


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[BankCaseSystem]:
    with bank_case_system(f"sqlite:///{tmp_path / 'bank.db'}") as system:
        yield system


@contextmanager
def server_process(database_url: str, var_dir: Path, bank: BankCaseSystem) -> Iterator[tuple[str, Process]]:
    """A server in a process of its own."""
    port = free_port()
    environment = {
        **os.environ,
        "NUOYAN_DATABASE_URL": database_url,
        "NUOYAN_VAR_DIR": str(var_dir),
        "NUOYAN_PORT": str(port),
        "NUOYAN_CASE_SYSTEM_URL": bank.url,
        "NUOYAN_CASE_SYSTEM_TOKEN": TOKEN,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.server"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _alive(url, process))
        yield url, process
    finally:
        process.kill()
        process.wait(WITHIN_S)


def _alive(url: str, process: Process) -> bool:
    assert process.poll() is None
    try:
        return httpx.get(f"{url}/api/health/live", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition of another process."""
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def complain(url: str) -> tuple[StaffClient, str]:
    """File a complaint; returns its number, which is the receipt."""
    agent = StaffClient(url, "1001")
    body = {"client_id": "desk-1", "kind": "complaint", "subject": "多扣年费", "contact": "13800005678"}
    answer = agent.post("/api/staff/cases", body)
    assert answer.status_code == 201, answer.text
    return agent, str(answer.json()["number"])


def kill(process: Process) -> None:
    """No chance to say good-bye."""
    process.send_signal(signal.SIGKILL)
    process.wait(WITHIN_S)


def test_that_a_kill_before_forwarding_loses_nothing(database_url: str, tmp_path: Path, bank: BankCaseSystem) -> None:
    bank.before = answering(503)
    with server_process(database_url, tmp_path / "var", bank) as (url, process):
        _agent, number = complain(url)
        kill(process)
    assert bank.total() == 0
    bank.before = None
    with server_process(database_url, tmp_path / "var", bank) as (url, _process):
        until(lambda: bank.total() == 1)
        until(lambda: StaffClient(url, "2001").get(f"/api/staff/cases/{number}").json()["version"] == 1)
        _agent, again = complain(url)
        assert again == number
    assert bank.repository.find(number) is not None
    assert bank.repository.contact(number) == "13800005678"
    assert bank.total() == 1


def test_that_a_kill_while_the_bank_is_answering_files_once(
    sqlite_url: str, tmp_path: Path, bank: BankCaseSystem
) -> None:
    bank.after, arrived, opened = gate()
    with server_process(sqlite_url, tmp_path / "var", bank) as (url, process):
        _agent, number = complain(url)
        assert arrived.wait(WITHIN_S)
        kill(process)
    assert bank.total() == 1  # the bank has it, we don't know it
    opened.set()
    bank.after = None
    sent = len([key for method, _path, key in bank.requests if method == "POST"])
    with server_process(sqlite_url, tmp_path / "var", bank) as (_url, _process):
        until(lambda: len([key for method, _path, key in bank.requests if method == "POST"]) > sent)
    assert {key for method, _path, key in bank.requests if method == "POST"} == {number}
    assert bank.total() == 1


def test_that_the_panel_follows_a_case_into_the_banks_system(tmp_path: Path, bank: BankCaseSystem) -> None:
    settings = settings_for(
        tmp_path, "http://127.0.0.1:9", case_system_url=bank.url, case_system_token=TOKEN, case_system_timeout_s=1
    )
    with running(settings) as server:
        customer = Customer.arrives(server.url)
        number = filed(server, customer.conversation_id).number
        until(lambda: bank.total() == 1)
        until(lambda: bool(server.services.cases.service.local.find(number).forwarded))  # type: ignore[union-attr]
        bank.repository.act(number, Advance(status=CaseStatus.IN_PROGRESS, note="已联系您"), Actor.staff("1001"))
        (shown,) = cases_of(customer)
        assert shown["status"] == "处理中"
        assert upload(customer, number, "a.png", PNG).status_code == 201
        assert remark(customer, number, "补充").status_code == 200
        there = bank.repository.find(number)
        assert there is not None and [event.kind.value for event in there.timeline[-2:]] == ["file_added", "remarked"]
        bank.before = answering(503)
        away = httpx.get(f"{customer.path}/cases", headers=customer.headers)
        assert away.status_code == 503
        assert away.json()["error"]["code"] == "case_system_unavailable"
        assert "转人工" in away.json()["error"]["text"]
