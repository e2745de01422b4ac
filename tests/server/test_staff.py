"""Staff accounts over HTTP: cookies, CSRF, roles, and attempts to get in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pyotp
import pytest

from bot.identity.staff_demo import DEMO_PASSWORD
from bot.identity.staff_records import ROLES
from tests.support.running import Running, running, settings_for
from tests.support.staff import BY_ROLE, StaffClient

NEW = {"id": "5001", "name": "新人", "password": "first-password-1", "roles": ["agent"]}
OWN = ("agent", "supervisor", "trainer", "auditor", "admin")
LEADS = ("supervisor", "admin")

# method, path, body, roles permitted, status for them
MATRIX: list[tuple[str, str, Any, tuple[str, ...], int]] = [
    ("GET", "/api/staff/me", None, OWN, 200),
    ("POST", "/api/staff/password", {"present": "wrong", "new": "x"}, OWN, 401),
    ("POST", "/api/staff/totp", {"password": "wrong"}, OWN, 401),
    ("POST", "/api/staff/totp/confirm", {"code": "000000"}, OWN, 401),
    ("POST", "/api/staff/totp/remove", {"password": "wrong"}, OWN, 401),
    ("GET", "/api/staff/accounts", None, LEADS, 200),
    ("POST", "/api/staff/accounts", {**NEW, "roles": ["agent"], "password": "short"}, ("admin",), 422),
    ("GET", "/api/staff/accounts/1001", None, LEADS, 200),
    ("GET", "/api/staff/accounts/nobody", None, LEADS, 404),
    ("PATCH", "/api/staff/accounts/1001", {"skills": ["general"]}, LEADS, 200),
    ("PATCH", "/api/staff/accounts/1001", {"name": "王晓梅"}, ("admin",), 200),
    ("PATCH", "/api/staff/accounts/1001", {"roles": ["agent"]}, ("admin",), 200),
    ("PATCH", "/api/staff/accounts/9001", {"skills": []}, ("admin",), 200),
    ("GET", "/api/staff/audit", None, ("auditor", "admin"), 200),
    ("POST", "/api/staff/logout", None, OWN, 204),
]


@pytest.fixture
def office(standin: Any, tmp_path: Path) -> Iterator[Running]:
    """A server of one's own: lock-outs of one test don't reach another."""
    with running(settings_for(tmp_path, standin.url, staff_tries_per_address=1000)) as started:
        yield started


@pytest.fixture(scope="module")
def postgres(_standin: Any, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server on PostgreSQL, which is stricter about text."""
    settings = settings_for(tmp_path_factory.mktemp("postgres"), _standin.url, database_url=postgres_url)
    with running(settings) as started:
        yield started


def code(response: httpx.Response) -> str:
    return str(response.json()["error"]["code"])


def test_that_the_cookie_is_out_of_reach(office: Running) -> None:
    answer = httpx.post(f"{office.url}/api/staff/login", json={"account": "1001", "password": DEMO_PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    token = next(iter(answer.cookies.values()))
    assert token not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_that_production_cookies_are_secure_and_bound_to_the_host(standin: Any, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, standin.url, env="production", secret_key="a-key-of-the-bank")
    with running(settings) as live:
        live.services.identity.accounts.add(
            "boss", "行长", "a-good-long-password", ["admin"], by="cli", must_change_password=False
        )
        refused = httpx.post(f"{live.url}/api/staff/login", json={"account": "9001", "password": DEMO_PASSWORD})
        assert (refused.status_code, code(refused)) == (401, "login_refused")
        answer = httpx.post(f"{live.url}/api/staff/login", json={"account": "boss", "password": "a-good-long-password"})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-nuoyan_staff=") and "Secure" in cookie


@pytest.mark.parametrize("role", [None, *ROLES])
def test_that_each_role_reaches_what_it_may_and_nothing_else(office: Running, role: str | None) -> None:
    for method, path, body, permitted, status in MATRIX:
        if role is None:
            answer = httpx.request(method, office.url + path, json=body)
            assert (answer.status_code, code(answer)) == (401, "not_signed_in"), (method, path)
            continue
        caller = StaffClient(office.url, BY_ROLE[role])
        answer = caller.request(method, path, json=body)
        expected = status if role in permitted else 403
        assert answer.status_code == expected, (method, path, answer.text)


def test_that_the_matrix_is_complete(office: Running) -> None:
    paths = httpx.get(f"{office.url}/openapi.json").json()["paths"]
    described = {
        (method.upper(), path)
        for path, methods in paths.items()
        if path.startswith(("/api/staff/me", "/api/staff/password", "/api/staff/totp", "/api/staff/accounts"))
        or path in ("/api/staff/audit", "/api/staff/logout")
        for method in methods
    }
    tried = {(method, path.replace("/1001", "/{account}")) for method, path, *_ in MATRIX}
    assert described <= tried


def test_that_no_change_is_made_without_the_csrf_token(office: Running) -> None:
    admin, other = StaffClient(office.url, "9001"), StaffClient(office.url, "9001")
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": other.csrf}, {"X-CSRF-Token": "é".encode()}):
        for method, path, body, *_ in MATRIX:
            if method != "GET":
                answer = admin.request(method, path, json=body, headers=headers)
                assert (answer.status_code, code(answer)) == (403, "csrf_missing"), (method, path)
    assert admin.get("/api/staff/me").json()["csrf_token"] == admin.csrf, "still signed in"
    assert admin.post("/api/staff/accounts", NEW).status_code == 201


def test_that_a_foreign_page_cannot_sign_anybody_in(office: Running) -> None:
    body = {"account": "1001", "password": DEMO_PASSWORD}
    for origin in ("https://evil.example", "null", "https://bank.example"):
        answer = httpx.post(f"{office.url}/api/staff/login", json=body, headers={"Origin": origin})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    form = httpx.post(f"{office.url}/api/staff/login", data=body)
    assert form.status_code == 422
    assert httpx.post(f"{office.url}/api/staff/login", json=body, headers={"Origin": office.url}).status_code == 200


def test_that_a_planted_cookie_is_not_adopted(office: Running) -> None:
    attacker = StaffClient(office.url, "1001")
    planted = attacker.http.cookies["nuoyan_staff"]
    victim = httpx.Client(base_url=office.url, cookies={"nuoyan_staff": planted})
    answer = victim.post("/api/staff/login", json={"account": "9001", "password": DEMO_PASSWORD})
    assert answer.status_code == 200
    assert planted not in answer.headers["set-cookie"]
    assert attacker.get("/api/staff/me").status_code == 401, "the planted session is gone, not promoted"


def test_that_a_session_is_over_after_signing_out(office: Running) -> None:
    agent = StaffClient(office.url, "1001")
    token = agent.http.cookies["nuoyan_staff"]
    assert agent.post("/api/staff/logout").status_code == 204
    assert "nuoyan_staff" not in agent.http.cookies
    assert httpx.get(f"{office.url}/api/staff/me", cookies={"nuoyan_staff": token}).status_code == 401


def test_the_way_of_a_new_account(office: Running) -> None:
    admin = StaffClient(office.url, "9001")
    assert admin.post("/api/staff/accounts", {**NEW, "roles": ["supervisor"]}).status_code == 201
    assert code(admin.post("/api/staff/accounts", NEW)) == "account_exists"
    new = StaffClient(office.url, "5001", NEW["password"])
    assert new.me["must_change_password"] is True
    assert code(new.get("/api/staff/accounts")) == "password_change_required"
    change = {"present": NEW["password"], "new": "second-password-2"}
    assert new.post("/api/staff/password", change).status_code == 204
    assert new.get("/api/staff/accounts").status_code == 200
    assert code(new.patch("/api/staff/accounts/1001", {"skills": ["card"], "name": "x"})) == "not_permitted"
    assert new.patch("/api/staff/accounts/1001", {"skills": ["card"]}).json()["skills"] == ["card"]
    assert new.patch("/api/staff/accounts/5001", {"max_chats": 9}).status_code == 403, "agents only"
    entries = admin.get("/api/staff/audit").json()
    assert {"account_added", "password_changed", "account_changed"} <= {entry["action"] for entry in entries}
    assert NEW["password"] not in str(entries)
    page = admin.get("/api/staff/audit", params={"before": entries[0]["id"], "limit": 1}).json()
    assert [entry["id"] for entry in page] == [entries[1]["id"]]


def test_the_second_factor_over_http(office: Running) -> None:
    agent = StaffClient(office.url, "1002")
    secret = agent.post("/api/staff/totp", {"password": DEMO_PASSWORD}).json()["secret"]
    assert agent.post("/api/staff/totp/confirm", {"code": pyotp.TOTP(secret).now()}).status_code == 204
    login = {"account": "1002", "password": DEMO_PASSWORD}
    wanted = httpx.post(f"{office.url}/api/staff/login", json=login)
    assert (wanted.status_code, code(wanted)) == (401, "totp_required")
    used = httpx.post(f"{office.url}/api/staff/login", json={**login, "totp": pyotp.TOTP(secret).now()})
    assert (used.status_code, code(used)) == (401, "login_refused")
    assert agent.post("/api/staff/totp/remove", {"password": DEMO_PASSWORD}).status_code == 204
    assert httpx.post(f"{office.url}/api/staff/login", json=login).status_code == 200


def test_that_guessing_is_answered_with_a_wait(office: Running) -> None:
    answers = [
        httpx.post(f"{office.url}/api/staff/login", json={"account": account, "password": "guess"})
        for account in ["1003"] * 6 + ["nobody"] * 6
    ]
    assert [answer.status_code for answer in answers] == [*[401] * 5, 429] * 2
    assert answers[0].text == answers[6].text
    assert (code(answers[5]), code(answers[11])) == ("locked_out", "locked_out")
    assert 0 < int(answers[5].headers["retry-after"]) <= 900


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"account": "1001"},
        {"account": 1001, "password": "x"},
        {"account": "a", "password": "x", "role": "admin"},
    ],
)
def test_that_what_is_no_sign_in_is_refused(office: Running, body: Any) -> None:
    assert httpx.post(f"{office.url}/api/staff/login", json=body).status_code == 422


def test_that_administrators_change_their_own_password_like_everybody(office: Running) -> None:
    admin = StaffClient(office.url, "9001")
    for change in ({"password": "another-long-password"}, {"totp_off": True}):
        assert admin.patch("/api/staff/accounts/9001", change).status_code == 403
    assert admin.patch("/api/staff/accounts/1001", {"password": "another-long-password"}).status_code == 200
    entry = next(one for one in admin.get("/api/staff/audit").json() if one["action"] == "account_changed")
    assert (entry["actor"], entry["subject"], entry["address"]) == ("9001", "1001", "127.0.0.1")


@pytest.mark.parametrize("account", ["\x00", "a\x00b", "' OR 1=1 --", "1001 ", "👵", "x" * 64])
def test_that_odd_accounts_are_just_unknown(postgres: Running, account: str) -> None:
    with postgres.services.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM lockouts")
    body = {"account": account, "password": "\x00" + account}
    answer = httpx.post(f"{postgres.url}/api/staff/login", json=body)
    assert (answer.status_code, code(answer)) == (401, "login_refused")
    admin = StaffClient(postgres.url, "9001")
    path = f"/api/staff/accounts/{quote(account, safe='')}"
    assert admin.get(path).status_code == 404
    assert admin.patch(path, {"name": "新名"}).status_code == 404
    assert admin.post("/api/staff/accounts", {**NEW, "name": "名\x00"}).status_code == 422
    assert admin.get("/api/staff/audit", params={"actor": account}).status_code == 422


def test_that_broken_text_is_refused(office: Running) -> None:
    raw = b'{"account": "\\ud800", "password": "\\ud800"}'
    answer = httpx.post(f"{office.url}/api/staff/login", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_that_the_bench_is_absent_in_production(standin: Any, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, standin.url, env="production", secret_key="a-key-of-the-bank")
    with running(settings) as live:
        for path in ("token?customer=demo-1", "customers", "conversations/x/code"):
            assert httpx.get(f"{live.url}/api/bench/{path}").status_code == 404
