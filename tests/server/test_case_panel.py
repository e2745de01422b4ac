"""The customer's progress panel: own cases, remarks, files, and nothing of anybody else."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import httpx
import pytest

from bot.cases.files import MAX_BYTES
from bot.cases.model import Actor, CaseKind, CaseStatus, Outcome
from bot.cases.number import new_number
from tests.server.case_world import act, cases_of, filed, remark, signed_in, upload
from tests.support.files import HTML, PDF, PNG
from tests.support.running import Customer, Running
from tests.support.standin import StandIn

AGENT = Actor.staff("1001", "李明")
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def stranger(server: Running, standin: StandIn) -> Customer:
    return Customer.arrives(server.url)


def test_that_a_new_customer_has_no_cases(customer: Customer) -> None:
    assert cases_of(customer) == []


def test_that_a_filed_case_is_shown_with_deadline_and_next_step(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id)
    filed(server, None)
    (shown,) = cases_of(customer)
    assert (shown["number"], shown["kind_name"], shown["status"]) == (case.number, "投诉", "已登记")
    assert "前作出处理决定并告知您" in shown["deadline"] and shown["next"]
    assert shown["can"] == {"remark": True, "upload": True, "urge": True, "withdraw": True, "recheck": False}
    assert "13800005678" not in str(shown) and "王小明" not in str(shown)


def test_that_internal_entries_are_not_shown(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id)
    server.services.cases.service.remark(case.number, "内部备注", AGENT, public=False)
    server.services.cases.service.remark(case.number, "请耐心等待", AGENT)
    texts = [entry["text"] for entry in cases_of(customer)[0]["timeline"]]
    assert texts == ["您的投诉已登记，由消费者权益保护部首问负责。", "工作人员说明：请耐心等待"]


def test_that_a_remark_is_masked_kept_once_and_stays_text(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id, subject=SCRIPT)
    for _ in range(2):
        response = remark(customer, case.number, f"{SCRIPT} 卡号6222020200112236")
        assert response.status_code == 200, response.text
    shown = response.json()
    assert shown["subject"] == SCRIPT[:60]
    assert shown["timeline"][-1]["text"] == f"您补充：{SCRIPT} 卡号〔卡号尾号2236〕"
    assert len(shown["timeline"]) == 2
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("text", ["", "   ", "字" * 2001, None])
def test_that_a_remark_is_a_text_of_reasonable_length(server: Running, customer: Customer, text: str | None) -> None:
    case = filed(server, customer.conversation_id)
    response = httpx.post(
        f"{customer.path}/cases/{case.number}/remarks",
        json={"client_id": "x", "text": text},
        headers=customer.headers,
    )
    assert response.status_code == 422


def test_that_a_file_comes_back_as_an_attachment(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id)
    response = upload(customer, case.number, "账单截图.html", PNG, "text/html")
    assert response.status_code == 201, response.text
    file = response.json()["file"]
    assert (file["name"], file["media_type"]) == ("账单截图.html.png", "image/png")
    found = httpx.get(f"{customer.path}/cases/{case.number}/files/{file['id']}", headers=customer.headers)
    assert found.content == PNG
    assert found.headers["content-disposition"].startswith("attachment;")
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-type"] == "image/png"
    assert found.headers["cache-control"] == "no-store"


def test_that_files_lie_where_nothing_is_served(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id)
    upload(customer, case.number, "a.png", PNG)
    (stored,) = [path for path in (server.settings.var_dir / "files").rglob("*") if path.is_file()][-1:]
    web = Path(server.settings.web_dir).resolve()
    assert not stored.resolve().is_relative_to(web)
    assert httpx.get(f"{server.url}/files/{stored.parent.name}/{stored.name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.png", HTML, 422),
        ("a.png", b"", 422),
        ("a.pdf", PDF + b" " * (MAX_BYTES - len(PDF)), 201),
        ("a.pdf", PDF + b" " * (MAX_BYTES - len(PDF) + 1), 413),
        ("a.pdf", PDF + b" " * (2 * MAX_BYTES), 413),
    ],
)
def test_that_type_and_size_are_checked(
    server: Running, customer: Customer, name: str, content: bytes, status: int
) -> None:
    case = filed(server, customer.conversation_id)
    response = upload(customer, case.number, name, content)
    assert response.status_code == status
    if status != 201:
        assert response.json()["error"]["text"]
        assert cases_of(customer)[0]["files"] == []


def test_that_large_bodies_are_taken_nowhere_else(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id)
    response = httpx.post(
        f"{customer.path}/cases/{case.number}/remarks", content=b" " * 300_000, headers=customer.headers
    )
    assert response.status_code == 413


def test_that_somebody_elses_case_does_not_exist(server: Running, customer: Customer, stranger: Customer) -> None:
    case = filed(server, customer.conversation_id)
    file_id = upload(customer, case.number, "a.png", PNG).json()["file"]["id"]
    unknown = new_number(date(2026, 11, 26))
    own = filed(server, stranger.conversation_id)
    answers = []
    for number in (case.number, unknown, "../../etc/passwd", "NY"):
        for response in (
            remark(stranger, number, "我的"),
            upload(stranger, number, "a.png", PNG),
            httpx.get(f"{stranger.path}/cases/{number}/files/{file_id}", headers=stranger.headers),
        ):
            assert response.status_code in (404, 405)
            if number in (case.number, unknown):
                answers.append(response.json())
    assert len({str(answer) for answer in answers}) == 1
    elsewhere = httpx.get(f"{stranger.path}/cases/{own.number}/files/{file_id}", headers=stranger.headers)
    assert elsewhere.status_code == 404
    assert len(server.services.cases.service.find(case.number).timeline) == 2  # type: ignore[union-attr]
    assert [shown["number"] for shown in cases_of(stranger)] == [own.number]


def test_that_a_token_is_needed(server: Running, customer: Customer, stranger: Customer) -> None:
    case = filed(server, customer.conversation_id)
    for headers in ({}, stranger.headers, {"Authorization": "Bearer x"}):
        for method, path in (
            ("GET", "cases"),
            ("POST", f"cases/{case.number}/remarks"),
            ("POST", f"cases/{case.number}/files"),
            ("GET", f"cases/{case.number}/files/{'0' * 32}"),
        ):
            body = {"json": {"client_id": "x", "text": "x"}} if path.endswith("remarks") else {}
            if path.endswith("files"):
                body = {"files": {"file": ("a.png", PNG)}}
            response = httpx.request(method, f"{customer.path}/{path}", headers=headers, **body)
            assert response.status_code == 404
            assert response.json()["error"]["code"] == "conversation_not_found"


def test_that_an_unlocked_case_is_shown(server: Running, customer: Customer) -> None:
    case = filed(server, None)
    assert cases_of(customer) == []
    server.services.cases.service.access.unlock(customer.conversation_id, case.number)
    assert [shown["number"] for shown in cases_of(customer)] == [case.number]
    assert remark(customer, case.number, "补充").status_code == 200


def test_that_an_ended_case_takes_nothing_more(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id, CaseKind.CONSULTATION)
    server.services.cases.service.close(case.number, AGENT)
    (shown,) = cases_of(customer)
    assert shown["status_code"] == CaseStatus.CLOSED and "deadline" not in shown
    assert not any(shown["can"].values())
    assert remark(customer, case.number, "还有").json()["error"]["code"] == "case_action_refused"
    assert upload(customer, case.number, "a.png", PNG).status_code == 422


def test_that_a_signed_in_customer_sees_own_cases_in_every_conversation(
    server: Running, customer: Customer, stranger: Customer
) -> None:
    mine = filed(server, stranger.conversation_id, customer_ref="ref-1")
    theirs = filed(server, None, customer_ref="ref-2")
    signed_in(server, customer, "ref-1")
    assert [shown["number"] for shown in cases_of(customer)] == [mine.number]
    assert remark(customer, mine.number, "补充").status_code == 200
    for response in (
        remark(customer, theirs.number, "补充"),
        upload(customer, theirs.number, "a.png", PNG),
        act(customer, theirs.number, "withdraw"),
    ):
        assert response.status_code == 404
    signed_in(server, stranger, "ref-2")
    assert [shown["number"] for shown in cases_of(stranger)] == [theirs.number]
    assert act(stranger, mine.number, "withdraw").status_code == 404
    signed_in(server, customer, "ref-1", for_s=-1)
    assert cases_of(customer) == []


@pytest.mark.asyncio
async def test_that_a_signed_in_window_hears_of_its_cases_until_it_runs_out(
    server: Running, customer: Customer, stranger: Customer
) -> None:
    case = filed(server, None, customer_ref="ref-3")
    signed_in(server, customer, "ref-3")
    signed_in(server, stranger, "ref-3", for_s=-1)
    async with customer.connected() as socket, stranger.connected() as other:
        await socket.until("ready")
        await other.until("ready")
        answer = await asyncio.to_thread(remark, customer, case.number, "补充")
        assert answer.status_code == 200
        await socket.until("case", number=case.number)
        await other.send(type="ping")
        await other.until("pong")
    assert [frame for frame in other.frames if frame["type"] == "case"] == []


def test_that_urging_and_withdrawing_work_from_the_panel(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id)
    urged = act(customer, case.number, "urge", reason="卡号6222020200112236 等了很久")
    assert urged.status_code == 200 and urged.json()["can"]["urge"] is False
    assert "〔卡号尾号2236〕" in urged.json()["timeline"][-1]["text"]
    assert act(customer, case.number, "urge").status_code == 200  # the same wish, sent again
    again = act(customer, case.number, "urge", client_id="a2")
    assert again.status_code == 409 and again.json()["error"]["code"] == "case_urged_today"
    assert act(customer, case.number, "recheck", client_id="a3").status_code == 422
    assert act(customer, case.number, "recheck", client_id="a4", reason="不同意").json()["error"]["code"] == (
        "case_action_refused"
    )
    assert act(customer, case.number, "close", client_id="a5").status_code == 422
    withdrawn = act(customer, case.number, "withdraw", client_id="a6")
    assert withdrawn.json()["status"] == "已撤回" and "deadline" not in withdrawn.json()


def test_that_a_decision_can_be_rechecked_from_the_panel(server: Running, customer: Customer) -> None:
    case = filed(server, customer.conversation_id)
    server.services.cases.service.decide(case.number, Outcome.DECLINED, "不予退还", "符合约定", AGENT)
    (shown,) = cases_of(customer)
    assert shown["can"]["recheck"] is True and "申请核查" in shown["deadline"]
    rechecked = act(customer, case.number, "recheck", reason="没有收到过约定").json()
    assert rechecked["status"] == "核查中" and "作出核查决定" in rechecked["deadline"]
