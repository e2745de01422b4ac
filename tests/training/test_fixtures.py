"""Cases that conversation tests find already there, however they are described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cases.model import CaseKind, CaseStatus
from bot.cases.service import CaseService
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.training.fixtures import OTHER_TAIL, OWN_TAIL, Fixture, kind_of, plant, status_of


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseService]:
    folder: Path = tmp_path_factory.mktemp("fixtures")
    settings = Settings(var_dir=folder, database_url=f"sqlite:///{folder / 'cases.db'}")
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    yield CaseService.from_settings(settings, database)
    database.close()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (None, CaseKind.COMPLAINT), ("complaint", CaseKind.COMPLAINT), ("loss_report", CaseKind.LOSS_REPORT),
        ("card_application", CaseKind.APPLICATION), ("贷款申请", CaseKind.APPLICATION), ("建议", CaseKind.SUGGESTION),
        ("consultation", CaseKind.CONSULTATION), ("whatever", CaseKind.COMPLAINT),
    ],
)  # fmt: skip
def test_that_kinds_are_understood(text: str | None, kind: CaseKind) -> None:
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (None, CaseStatus.RECEIVED), ("received", CaseStatus.RECEIVED), ("in_progress", CaseStatus.IN_PROGRESS),
        ("处理中", CaseStatus.IN_PROGRESS), ("resolved", CaseStatus.DECIDED), ("closed", CaseStatus.CLOSED),
        ("已办结", CaseStatus.CLOSED), ("withdrawn", CaseStatus.WITHDRAWN),
        ("waiting_customer", CaseStatus.WAITING_CUSTOMER),
        ("in_review", CaseStatus.IN_REVIEW),
    ],
)  # fmt: skip
def test_that_statuses_are_understood_and_reached(service: CaseService, text: str | None, status: CaseStatus) -> None:
    assert status_of(text) is status
    case = plant(service, Fixture(own=True, status=text), None)
    assert case.status is status
    assert case.timeline


@pytest.mark.parametrize("kind", [kind.value for kind in CaseKind])
def test_that_every_kind_can_be_brought_to_any_status_it_knows(service: CaseService, kind: str) -> None:
    for status in CaseStatus:
        case = plant(service, Fixture(own=True, kind=kind, status=status.value), "customer-1")
        assert case.kind.value == kind and case.customer_ref == "customer-1"


def test_that_a_case_of_the_customer_can_be_reached_and_one_of_somebody_else_cannot(service: CaseService) -> None:
    own, other = plant(service, Fixture(own=True), None), plant(service, Fixture(own=False), None)
    assert (own.phone_tail, other.phone_tail) == (OWN_TAIL, OTHER_TAIL)
    assert (service.contact(own.number) or "").endswith(OWN_TAIL)
    assert service.contact(other.number) is None
    assert plant(service, Fixture(own=True, phone_tail="0042", subject="年费"), None).subject == "年费"


def test_that_an_overdue_case_is_overdue(service: CaseService) -> None:
    case = plant(service, Fixture(own=True, status="overdue"), None)
    deadline = case.next_deadline
    assert deadline is not None and deadline.due_at < case.updated_at
