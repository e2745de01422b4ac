"""Staff work on cases: roles, conflicts, refusals, and changes pushed to the customer's window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from bot.cases.model import Actor, CaseKind
from bot.cases.wording import REMEDIES_MISSING
from tests.server.case_world import cases_of, filed, upload
from tests.support.files import HTML, PDF, PNG
from tests.support.running import Customer, Running
from tests.support.staff import BY_ROLE, StaffClient

CASES = "/api/staff/cases"
REMEDIES = ["核查", "调解", "仲裁", "诉讼"]


@pytest.fixture(scope="module")
def staff(server: Running) -> Callable[[str], StaffClient]:
    known: dict[str, StaffClient] = {}

    def signed_in(account: str) -> StaffClient:
        account = BY_ROLE.get(account, account)
        return known.setdefault(account, StaffClient(server.url, account)) if account not in known else known[account]

    return signed_in


Staff = Callable[[str], StaffClient]


def change(who: StaffClient, number: str, what: str, **body: Any) -> httpx.Response:
    return who.post(f"{CASES}/{number}/{what}", body)


def test_that_a_complaint_goes_its_whole_way(server: Running, customer: Customer, staff: Staff) -> None:
    agent, lead = staff("1001"), staff("supervisor")
    case = filed(server, customer.conversation_id)
    taken = change(agent, case.number, "assign", to="1001", version=1).json()
    assert (taken["responsible"], taken["version"]) == ("1001", 2)
    working = change(agent, case.number, "advance", status="in_progress", note="已与您联系", version=2).json()
    assert working["status"] == "处理中"
    extended = change(lead, case.number, "extend", reason="需调取凭证", notice="请您谅解", version=3).json()
    received = datetime.now(timezone(timedelta(hours=8))).date()
    assert extended["deadlines"][0]["due_on"] == (received + timedelta(days=30)).isoformat()
    decision = {"outcome": "granted", "text": "退还10元", "reason": "重复扣收"}
    refused = change(agent, case.number, "decide", **decision, remedies=REMEDIES[:2], version=4)
    assert refused.status_code == 422
    assert refused.json()["error"]["text"] == REMEDIES_MISSING.format(missing="仲裁、诉讼")
    decided = change(agent, case.number, "decide", **decision, remedies=REMEDIES, version=4).json()
    assert decided["decision"]["remedies"] == REMEDIES
    closed = change(agent, case.number, "close", version=5).json()
    assert closed["status"] == "已办结"
    (shown,) = cases_of(customer)
    told = "\n".join(entry["text"] for entry in shown["timeline"])
    for words in ("工号 1001", "已与您联系", "延长至", "请您谅解", "退还10元", "核查、调解、仲裁、诉讼", "已办结"):
        assert words in told
    assert shown["can"]["recheck"] is True


def test_that_of_two_at_once_one_wins_and_one_is_told(server: Running, staff: Staff) -> None:
    lead, admin = staff("supervisor"), staff("admin")
    for _ in range(5):
        case = filed(server, None, CaseKind.CONSULTATION)
        with ThreadPoolExecutor(2) as pool:
            both = [
                pool.submit(change, who, case.number, "advance", status=status, version=1)
                for who, status in ((lead, "in_progress"), (admin, "waiting_customer"))
            ]
        answers = sorted((one.result() for one in both), key=lambda answer: answer.status_code)
        assert [answer.status_code for answer in answers] == [200, 409]
        assert answers[1].json()["error"] == {
            "code": "case_conflict",
            "text": "这张工单刚刚被其他人更新过，您的操作没有生效。请刷新后核对最新情况，再决定是否继续。",
        }
        kept = lead.get(f"{CASES}/{case.number}").json()
        assert kept["version"] == 2 and kept["status_code"] == answers[0].json()["status_code"]


@pytest.mark.asyncio
async def test_that_a_change_reaches_the_open_window(server: Running, customer: Customer, staff: Staff) -> None:
    case = filed(server, customer.conversation_id)
    unlocked = filed(server, None)
    server.services.cases.service.access.unlock(customer.conversation_id, unlocked.number)
    other = filed(server, None)
    lead = staff("supervisor")
    async with customer.connected() as socket:
        await socket.until("ready")
        for number in (other.number, case.number, unlocked.number):
            answer = await asyncio.to_thread(change, lead, number, "advance", status="in_progress", version=1)
            assert answer.status_code == 200
        for number in (case.number, unlocked.number):
            assert await socket.until("case") == {"type": "case", "number": number, "status": "处理中"}
    assert other.number not in str(socket.frames)


@pytest.mark.parametrize(
    ("role", "reads", "works", "extends"),
    [
        ("agent", 200, 200, 403),
        ("supervisor", 200, 200, 200),
        ("admin", 200, 200, 200),
        ("auditor", 200, 403, 403),
        ("trainer", 403, 403, 403),
    ],
)
def test_that_roles_are_checked(server: Running, staff: Staff, role: str, reads: int, works: int, extends: int) -> None:
    who = staff(role)
    case = filed(server, None)
    for path in ("", "/options", "/notices", f"/{case.number}"):
        assert who.get(CASES + path).status_code == reads
    assert change(who, case.number, "assign", to="1001", version=1).status_code == works
    version = 2 if works == 200 else 1
    assert change(who, case.number, "extend", reason="复杂", notice="告知", version=version).status_code == extends
    version += extends == 200
    for what, body in (
        ("assign", {"to": "1003", "version": version}),
        ("remarks", {"text": "记录"}),
        ("contact", {}),
    ):
        expected = works
        if role == "agent" and what != "assign":
            expected = 403  # it is with 1003 by now
        assert change(who, case.number, what, **body).status_code == expected, what


def test_that_nobody_gets_in_without_signing_in(server: Running) -> None:
    case = filed(server, None)
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("GET", "/options"),
        ("GET", "/notices"),
        ("POST", "/notices/x/read"),
        ("GET", f"/{case.number}"),
        ("GET", f"/{case.number}/files/{'0' * 32}"),
        *(
            ("POST", f"/{case.number}/{what}")
            for what in (
                "assign", "advance", "extend", "decide", "close", "classify", "remarks", "contact", "files",
            )
        ),
    ):  # fmt: skip
        assert httpx.request(method, server.url + CASES + path).status_code == 401, path


def test_that_a_change_needs_the_csrf_header(server: Running, staff: Staff) -> None:
    case = filed(server, None)
    answer = staff("supervisor").post(f"{CASES}/{case.number}/remarks", {"text": "x"}, headers={})
    assert answer.json()["error"]["code"] == "csrf_missing"


def test_that_agents_leave_each_others_cases_alone(server: Running, staff: Staff) -> None:
    case = filed(server, None)
    assert change(staff("1001"), case.number, "assign", to="1001", version=1).status_code == 200
    for what, body in (
        ("advance", {"status": "in_progress", "version": 2}),
        ("assign", {"to": "1002", "version": 2}),
        ("remarks", {"text": "x"}),
        ("contact", {}),
    ):
        assert change(staff("1002"), case.number, what, **body).status_code == 403
    assert change(staff("1001"), case.number, "assign", to="1002", version=2).status_code == 200


@pytest.mark.parametrize(("to", "status"), [("3001", 422), ("9999", 404), ("<b>", 404), ("2001", 200)])
def test_that_only_people_who_can_work_on_it_get_a_case(server: Running, staff: Staff, to: str, status: int) -> None:
    case = filed(server, None)
    assert change(staff("supervisor"), case.number, "assign", to=to, version=1).status_code == status


def test_that_looking_at_a_contact_leaves_a_trace(server: Running, customer: Customer, staff: Staff) -> None:
    case = filed(server, customer.conversation_id)
    assert change(staff("1001"), case.number, "contact").json() == {"contact": "13800005678"}
    entry = staff("auditor").get(f"{CASES}/{case.number}").json()["timeline"][-1]
    assert (entry["kind"], entry["public"]) == ("contact_viewed", False)
    assert len(cases_of(customer)[0]["timeline"]) == 1


def test_that_the_list_filters_and_pages(server: Running, staff: Staff) -> None:
    lead = staff("supervisor")
    cases = [filed(server, None, CaseKind.SUGGESTION, subject=f"改进%建议{n}") for n in range(5)]
    change(lead, cases[0].number, "assign", to="1002", version=1)

    def listed(**params: Any) -> list[str]:
        answer = lead.get(CASES, params={"q": "改进%建议", **params})
        assert answer.status_code == 200, answer.text
        return [case["number"] for case in answer.json()["cases"]]

    newest_first = [case.number for case in reversed(cases)]
    assert listed() == newest_first
    assert listed(limit=2) + listed(limit=2, offset=2) + listed(limit=2, offset=4) == newest_first
    assert listed(responsible="1002") == [cases[0].number]
    assert listed(unassigned=True) == newest_first[:-1]
    assert listed(kind=["suggestion", "complaint"], status="received") == newest_first
    assert listed(kind="complaint") == listed(overdue=True) == listed(priority="urgent") == []
    assert lead.get(CASES, params={"q": cases[2].number[:14].lower()}).json()["total"] == 1
    assert lead.get(CASES, params={"q": "_改_"}).json()["total"] == 0
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"kind": "x"}, {"q": "x" * 61}):
        assert lead.get(CASES, params=wrong).status_code == 422


def test_that_urging_tells_the_responsible_person(server: Running, customer: Customer, staff: Staff) -> None:
    case = filed(server, customer.conversation_id)
    change(staff("1003"), case.number, "assign", to="1003", version=1)
    server.services.cases.service.urge(case.number, "等了很久", Actor.customer(customer.conversation_id))
    mine = [one for one in staff("1003").get(f"{CASES}/notices").json() if one["case_number"] == case.number]
    assert mine[0]["text"] == f"客户催办工单 {case.number}：等了很久"
    assert staff("1002").post(f"{CASES}/notices/{mine[0]['id']}/read").status_code == 204
    assert mine[0] in staff("1003").get(f"{CASES}/notices").json()
    assert staff("1003").post(f"{CASES}/notices/{mine[0]['id']}/read").status_code == 204
    assert mine[0] not in staff("1003").get(f"{CASES}/notices").json()


def test_that_staff_file_a_case_once(server: Running, customer: Customer, staff: Staff) -> None:
    body = {
        "client_id": "desk-1",
        "kind": "complaint",
        "subject": "柜台排队两小时",
        "conversation_id": customer.conversation_id,
        "contact": "13900001234",
        "channel": "phone",
    }
    first, again = (staff("1001").post(CASES, body) for _ in range(2))
    assert first.status_code == 201 and first.json()["number"] == again.json()["number"]
    assert first.json()["contact"] == "手机尾号1234" and "13900001234" not in first.text
    assert [case["number"] for case in cases_of(customer)] == [first.json()["number"]]
    assert staff("1001").post(CASES, {**body, "client_id": "2", "conversation_id": "nobody"}).status_code == 404
    assert staff("1001").post(CASES, {**body, "client_id": "3", "kind": "other"}).status_code == 422
    assert staff("1001").post(CASES, {**body, "client_id": "4", "subject": "a\x00b"}).status_code == 422


def test_that_files_go_both_ways(server: Running, customer: Customer, staff: Staff) -> None:
    case = filed(server, customer.conversation_id)
    agent = staff("1001")
    mine = upload(customer, case.number, "a.png", PNG).json()["file"]["id"]
    found = agent.get(f"{CASES}/{case.number}/files/{mine}")
    assert found.content == PNG and found.headers["content-disposition"].startswith("attachment")
    answer = agent.request("POST", f"{CASES}/{case.number}/files", files={"file": ("决定书.pdf", PDF)})
    assert answer.status_code == 201
    got = httpx.get(f"{customer.path}/cases/{case.number}/files/{answer.json()['id']}", headers=customer.headers)
    assert got.content == PDF
    assert agent.request("POST", f"{CASES}/{case.number}/files", files={"file": ("a.pdf", HTML)}).status_code == 422
    assert staff("trainer").get(f"{CASES}/{case.number}/files/{mine}").status_code == 403
    assert agent.get(f"{CASES}/{filed(server, None).number}/files/{mine}").status_code == 404


def test_that_illegal_steps_are_refused_in_words(server: Running, staff: Staff) -> None:
    lead = staff("supervisor")
    case = filed(server, None)
    for what, body in (
        ("close", {"version": 1}),
        ("advance", {"status": "closed", "version": 1}),
        ("advance", {"status": "withdrawn", "version": 1}),
        ("classify", {"business": "<script>", "version": 1}),
    ):
        answer = change(lead, case.number, what, **body)
        assert answer.status_code == 422 and answer.json()["error"]["code"] == "case_action_refused"
    for wrong in ({"version": 0, "note": ""}, {"version": "1"}, {}, {"version": 1, "status": "closed"}):
        assert change(lead, case.number, "close", **wrong).status_code == 422
    assert change(lead, "NY261126-AAAAAA-A", "close", version=1).status_code == 404
