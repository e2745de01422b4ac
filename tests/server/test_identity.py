"""Customers signed in by the bank's page, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.cases.model import CaseDraft, CaseKind
from bot.cases.service import CaseService
from tests.support.running import Customer, Running
from tests.support.standin import StandIn


def token(server: Running, customer: str = "demo-1") -> str:
    answer = httpx.get(f"{server.url}/api/bench/token", params={"customer": customer})
    assert answer.status_code == 200
    return str(answer.json()["token"])


def told(standin: StandIn) -> dict[str, Any]:
    return dict(standin.asked.get(timeout=15)["metadata"])


def test_that_a_customer_arrives_signed_in(server: Running, standin: StandIn) -> None:
    customer = Customer.arrives(server.url, identity_token=token(server, "demo-2"))
    customer.say("我的投诉到哪一步了")
    metadata = told(standin)
    assert (metadata["identity"], metadata["customer"], metadata["elder"]) == ("verified", "demo-2", True)
    assert (metadata["customer_name"], metadata["customer_tail"]) == ("何**", "4321")
    assert "何国强" not in str(standin.questions)


def test_that_a_bad_token_is_said_and_the_customer_goes_on_without(server: Running) -> None:
    used = token(server)
    Customer.arrives(server.url, identity_token=used)
    for bad in (used, used[:-3], "x", ""):
        answer = httpx.post(f"{server.url}/api/conversations", json={"identity_token": bad})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "identity_refused")
        assert "不登录" in answer.json()["error"]["text"]
    assert httpx.post(f"{server.url}/api/conversations", json={}).json()["identity"] == "anonymous"


@pytest.mark.parametrize("bad", [5, ["x"], {"a": 1}, True])
def test_that_what_is_no_token_is_refused(server: Running, bad: Any) -> None:
    assert httpx.post(f"{server.url}/api/conversations", json={"identity_token": bad}).status_code == 422


def test_signing_in_and_out_within_a_conversation(server: Running, customer: Customer, standin: StandIn) -> None:
    answer = customer.post("identity", identity_token=token(server))
    assert (answer.status_code, answer.json()) == (200, {"identity": "verified", "name": "林**", "elder": False})
    customer.say("在吗")
    assert told(standin)["customer"] == "demo-1"
    assert customer.post("identity", identity_token=None).json()["identity"] == "anonymous"
    customer.say("在吗")
    metadata = told(standin)
    assert (metadata["identity"], metadata["customer"]) == ("anonymous", None)
    other = customer.post("identity", identity_token=token(server, "demo-2"))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "identity_conflict")
    assert customer.post("identity").status_code == 422, "signing out must be said"


def test_that_nobody_signs_in_to_anothers_conversation(server: Running, customer: Customer) -> None:
    other = Customer.arrives(server.url)
    for headers in ({}, other.headers):
        body = {"identity_token": token(server)}
        assert httpx.post(f"{customer.path}/identity", json=body, headers=headers).status_code == 404
    assert server.services.conversations.get(customer.conversation_id).identity == "anonymous"


def test_that_a_customer_sees_their_own_cases_only(server: Running) -> None:
    cases = CaseService.from_settings(server.settings, server.services.database)
    mine, theirs = (
        cases.file(CaseDraft(kind=CaseKind.COMPLAINT, subject="收费不明", customer_ref=ref), f"own-{ref}").number
        for ref in ("demo-1", "demo-2")
    )
    customer = Customer.arrives(server.url, identity_token=token(server, "demo-1"))
    here = server.services.conversations.get(customer.conversation_id)
    assert [case.number for case in cases.of_conversation(here.id, here.customer_ref)] == [mine]
    customer.post("identity", identity_token=None)
    here = server.services.conversations.get(customer.conversation_id)
    assert cases.of_conversation(here.id, here.customer_ref) == []
    assert theirs != mine


def test_that_the_bench_lists_demo_customers_for_this_machine_only(server: Running) -> None:
    assert [one["ref"] for one in httpx.get(f"{server.url}/api/bench/customers").json()] == ["demo-1", "demo-2"]
    for path in ("customers", "token?customer=demo-1"):
        proxied = httpx.get(f"{server.url}/api/bench/{path}", headers={"X-Forwarded-For": "192.0.2.1"})
        assert proxied.status_code == 403
    assert httpx.get(f"{server.url}/api/bench/token", params={"customer": "a b"}).status_code == 422
