"""What the server takes out of a message before masking: codes, phone numbers, the caller's address."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from bot.cases.model import CaseDraft, CaseKind
from bot.cases.number import parse_number
from bot.cases.service import CaseService
from bot.identity.contacts import CONTACT
from bot.store import tables
from tests.support.running import Customer, Running, texts
from tests.support.standin import StandIn

PHONE = "13800005678"


@pytest.fixture(scope="module")
def cases(server: Running) -> CaseService:
    return CaseService.from_settings(server.settings, server.services.database)


@pytest.fixture
def number(cases: CaseService, request: pytest.FixtureRequest) -> str:
    draft = CaseDraft(kind=CaseKind.COMPLAINT, subject="收费不明", contact=PHONE)
    return cases.file(draft, idempotency_key=request.node.name[:120]).number


def asked_for_a_code(server: Running, cases: CaseService, customer: Customer, number: str) -> str:
    """What the assistant does when number and tail were given; returns the code on the phone."""
    verification = server.services.identity.verification(cases.contact, parse_number)
    origin = server.services.identity.origin("127.0.0.1")
    assert verification.begin(customer.conversation_id, origin, number, "5678").outcome == "sent"
    return str(httpx.get(f"{server.url}/api/bench/conversations/{customer.conversation_id}/code").json()["code"])


def told(standin: StandIn) -> dict[str, Any]:
    """The metadata of the next question that reaches the assistant."""
    question = standin.asked.get(timeout=15)
    return {**question["metadata"], "said": question["text"]}


def everything_stored(server: Running) -> str:
    with server.services.database.read() as connection:
        return str(
            [
                connection.execute(text(f"SELECT * FROM {table.name}")).all()
                for table in tables.metadata.sorted_tables
                if table.name != "alembic_version"
            ]
        )


def test_that_the_assistant_learns_the_outcome_and_nobody_the_code(
    server: Running, customer: Customer, standin: StandIn, cases: CaseService, number: str
) -> None:
    code = asked_for_a_code(server, cases, customer, number)
    spoken = "".join("零一二三四五六七八九"[int(digit)] for digit in code)
    sent = customer.post("messages", client_id="otp", text=f"收到了,是{spoken}")
    assert sent.json()["masked"] == [], "it was asked for: no secret that should not have been sent"
    metadata = told(standin)
    assert (metadata["otp"], metadata["otp_case"], metadata["identity"]) == ("accepted", number, "code")
    assert metadata["said"] == "收到了,是〔验证码〕"
    assert [texts(message) for message in customer.log(1) if message["role"] == "customer"] == ["收到了,是〔验证码〕"]
    assert code not in everything_stored(server) and spoken not in everything_stored(server)
    assert [case.number for case in cases.of_conversation(customer.conversation_id)] == [number]


def test_that_a_retry_does_not_use_a_second_try(
    server: Running, customer: Customer, standin: StandIn, cases: CaseService, number: str
) -> None:
    code = asked_for_a_code(server, cases, customer, number)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(8):
        assert customer.post("messages", client_id="same", text=wrong).status_code == 202
    assert told(standin)["otp"] == "wrong"
    for _ in range(3):
        customer.post("messages", client_id="right", text=code)
    metadata = told(standin)
    assert (metadata["otp"], metadata["otp_case"]) == ("accepted", number)
    customer.say(code)
    assert "otp" not in told(standin), "answered: six digits are six digits again"


def test_that_guessing_ends_after_five(
    server: Running, customer: Customer, standin: StandIn, cases: CaseService, number: str
) -> None:
    code = asked_for_a_code(server, cases, customer, number)
    outcomes = []
    for step in range(1, 6):
        customer.say(f"{(int(code) + step) % 10**6:06d}")
        outcomes.append(told(standin)["otp"])
    customer.say(code)
    assert [*outcomes, told(standin)["otp"]] == ["wrong"] * 4 + ["locked"] * 2
    assert cases.of_conversation(customer.conversation_id) == []
    with server.services.database.write() as connection:  # the address is that of every test here
        connection.execute(text("DELETE FROM lockouts"))


def test_that_six_digits_nobody_asked_for_are_just_text(customer: Customer, standin: StandIn) -> None:
    customer.say("邮编100031的网点在哪")
    metadata = told(standin)
    assert "otp" not in metadata and metadata["said"] == "邮编100031的网点在哪"
    assert len(metadata["origin"]) == 64


def test_that_a_phone_number_is_kept_sealed(server: Running, customer: Customer, standin: StandIn) -> None:
    customer.say("请打我手机 138-0000-5678")
    metadata = told(standin)
    assert metadata["said"] == "请打我手机 〔手机号尾号5678〕"
    assert metadata["contact"]["tail"] == "5678"
    kept = server.services.identity.contacts.take(metadata["contact"]["token"], customer.conversation_id)
    assert kept is not None and server.services.identity.keys.decrypt(CONTACT, kept.sealed) == PHONE
    stored = everything_stored(server)
    assert PHONE not in stored and "0000-5678" not in stored


def test_that_a_message_that_is_refused_checks_no_code(
    server: Running, customer: Customer, standin: StandIn, cases: CaseService, number: str
) -> None:
    code = asked_for_a_code(server, cases, customer, number)
    gate = standin.gate()
    for _ in range(10):
        customer.say("在吗")
    assert customer.post("messages", client_id="late", text=code).status_code == 429
    gate.set()
    for _ in range(10):
        told(standin)
    standin_answers = customer.post("messages", client_id="late", text=code)
    assert standin_answers.status_code in (202, 429)
    while standin_answers.status_code == 429:
        standin_answers = customer.post("messages", client_id="late", text=code)
    assert told(standin)["otp"] == "accepted"


def test_that_the_bench_is_for_this_machine_in_development(server: Running, customer: Customer) -> None:
    path = f"{server.url}/api/bench/conversations/{customer.conversation_id}/code"
    assert httpx.get(path).status_code == 404
    assert httpx.get(path, headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403


def test_that_identity_runs_out(server: Running, customer: Customer, standin: StandIn) -> None:
    table = tables.conversations
    mine = table.c.id == customer.conversation_id
    with server.services.database.write() as connection:
        values = {"identity": "verified", "customer_ref": "c-1"}
        connection.execute(table.update().where(mine).values(**values))
    customer.say("在吗")
    metadata = told(standin)
    assert (metadata["identity"], metadata["customer"]) == ("verified", "c-1")
    past = server.services.conversations.get(customer.conversation_id)
    assert past.customer_ref == "c-1"
    with server.services.database.write() as connection:
        created = connection.execute(select(table.c.created_at).where(mine)).scalar_one()
        connection.execute(table.update().where(mine).values(identity_until=created))
    customer.say("在吗")
    metadata = told(standin)
    assert (metadata["identity"], metadata["customer"]) == ("anonymous", None)
