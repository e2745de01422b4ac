"""The trainers' interface over HTTP: from a misunderstood message to a reviewed example, and who may do what."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.running import running, settings_for
from tests.support.staff import BY_ROLE, StaffClient
from tests.support.standin import StandIn

ROUTES = [
    ("GET", "/labels", "trainer supervisor auditor admin"),
    ("GET", "/inbox", "trainer supervisor auditor admin"),
    ("GET", "/inbox/groups", "trainer supervisor auditor admin"),
    ("POST", "/inbox/dismiss", "trainer admin"),
    ("GET", "/similar?text=x", "trainer supervisor auditor admin"),
    ("GET", "/candidates", "trainer supervisor auditor admin"),
    ("POST", "/candidates", "agent trainer supervisor admin"),
    ("POST", "/candidates/none/review", "trainer supervisor admin"),
    ("POST", "/candidates/none/undo", "trainer supervisor admin"),
    ("GET", "/candidates/none/history", "trainer supervisor auditor admin"),
    ("GET", "/agreement", "trainer supervisor auditor admin"),
    ("GET", "/checks", "trainer supervisor auditor admin"),
    ("GET", "/jobs/latest", "trainer supervisor auditor admin"),
    ("POST", "/jobs", "trainer admin"),
    ("GET", "/versions", "trainer supervisor auditor admin"),
    ("POST", "/versions/none/publish", "trainer admin"),
    ("POST", "/versions/rollback", "trainer admin"),
]
ROOT = "/api/staff/training"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, _standin: StandIn) -> Iterator[str]:
    with running(settings_for(tmp_path_factory.mktemp("training"), _standin.url)) as found:
        yield found.url


@pytest.fixture(scope="module")
def staff(server: str) -> dict[str, StaffClient]:
    return {role: StaffClient(server, account) for role, account in BY_ROLE.items()}


def test_that_every_route_is_in_the_matrix(server: str) -> None:
    paths = httpx.get(server + "/openapi.json").json()["paths"]
    known = {(method, path.split("?")[0].replace("none", "{}")) for method, path, _ in ROUTES}
    for path, methods in paths.items():
        if path.startswith(ROOT):
            plain = path.removeprefix(ROOT).replace("{candidate_id}", "{}").replace("{digest}", "{}")
            assert {(method.upper(), plain) for method in methods} <= known


@pytest.mark.parametrize(("method", "path", "roles"), ROUTES)
def test_that_only_the_roles_meant_get_in(
    server: str, staff: dict[str, StaffClient], method: str, path: str, roles: str
) -> None:
    starts_training = (method, path) == ("POST", "/jobs")
    for role in set(staff) - ({"trainer", "admin"} if starts_training else set()):
        status = staff[role].request(method, ROOT + path, json={} if method == "POST" else None).status_code
        assert (status == 403) is (role not in roles.split()), (role, status)
        assert status < 500
    assert httpx.request(method, server + ROOT + path, json={}).status_code == 401
    if method == "POST":
        without = staff["admin"].request(method, ROOT + path, json={}, headers={})
        assert (without.status_code, without.json()["error"]["code"]) == (403, "csrf_missing")


def test_that_a_bad_answer_becomes_a_reviewed_example(server: str, staff: dict[str, StaffClient]) -> None:
    opened = httpx.post(server + "/api/conversations", json={}).json()
    talk = f"{server}/api/conversations/{opened['conversation_id']}"
    headers = {"Authorization": f"Bearer {opened['token']}"}
    httpx.post(talk + "/messages", headers=headers, json={"client_id": "one", "text": "卡叫狗叼走了咋整"})
    answer = _answer(talk, headers)
    httpx.post(talk + "/feedback", headers=headers, json={"seq": answer["seq"], "value": "down"})

    trainer, other = staff["trainer"], staff["supervisor"]
    items = trainer.get(ROOT + "/inbox", params={"days": 1, "reason": "down"}).json()["items"]
    (item,) = [item for item in items if item["text"] == "卡叫狗叼走了咋整"]
    assert "down" in [reason["id"] for reason in item["reasons"]]
    grouped = trainer.get(ROOT + "/inbox/groups").json()["groups"]
    assert any(entry["text"] == item["text"] for group in grouped for entry in group["items"])

    proposal = {"text": item["text"], "act": "ask", "topic": "card.loss", "aspect": "how", "places": item["places"]}
    made = trainer.post(ROOT + "/candidates", proposal)
    assert made.status_code == 201
    identity = made.json()["id"]
    assert all(left["text"] != item["text"] for left in trainer.get(ROOT + "/inbox").json()["items"])
    own = trainer.post(f"{ROOT}/candidates/{identity}/review", {"approve": True})
    assert (own.status_code, own.json()["error"]["code"]) == (403, "same_person")
    approved = other.post(f"{ROOT}/candidates/{identity}/review", {"approve": True, "comment": "方言,收"})
    assert approved.json()["state"] == "approved"
    steps = trainer.get(f"{ROOT}/candidates/{identity}/history").json()["steps"]
    assert [step["what"] for step in steps] == ["proposed", "approved"]
    assert trainer.get(ROOT + "/agreement").json()["labels"]["card.loss"]["agreement"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "我的手机13800138000"}, "personal_data_found"),
        ({"topic": "card.nothing"}, "unknown_label"),
        ({"text": "两\n行"}, "invalid_request"),
        ({"text": ""}, "invalid_request"),
        ({"more": 1}, "invalid_request"),
    ],
)
def test_that_bad_proposals_are_refused_in_chinese(
    staff: dict[str, StaffClient], change: dict[str, Any], code: str
) -> None:
    good = {"text": "怎么挂失呀", "act": "ask", "topic": "card.loss", "aspect": "how"}
    refused = staff["trainer"].post(ROOT + "/candidates", {**good, **change})
    assert refused.status_code in (409, 422)
    assert refused.json()["error"]["code"] == code
    assert any("\u4e00" <= char <= "\u9fff" for char in refused.json()["error"]["text"])


def test_that_labels_come_with_titles_and_initials(staff: dict[str, StaffClient]) -> None:
    found = staff["trainer"].get(ROOT + "/labels").json()
    assert {"acts", "topics", "aspects", "reasons"} == set(found)
    assert all(entry["title"] and entry["id"] for entries in found.values() for entry in entries)


def test_that_only_administrators_overrule_and_an_unknown_reason_is_refused(staff: dict[str, StaffClient]) -> None:
    refused = staff["trainer"].post(f"{ROOT}/versions/{'0' * 16}/publish", {"overrule_reason": "我说行"})
    assert refused.status_code == 403
    assert staff["admin"].post(f"{ROOT}/versions/{'0' * 16}/publish", {}).status_code in (404, 409)
    assert staff["trainer"].get(ROOT + "/inbox", params={"reason": "nothing"}).status_code == 422


def _answer(talk: str, headers: dict[str, str]) -> dict[str, Any]:
    for _ in range(200):
        page = httpx.get(talk + "/messages", headers=headers, params={"after": 1}).json()["messages"]
        if found := [message for message in page if message["role"] == "bot"]:
            return found[0]
    pytest.fail("no answer")


def test_that_the_server_can_be_imported_without_loading_the_classifiers() -> None:
    code = "import sys, bot.server; print('sklearn' in sys.modules, 'rasa' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-2:] == ["False", "False"]
