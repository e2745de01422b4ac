"""Staff accounts without HTTP: sign-in, lock-out, sessions, second factor, administration."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from bot.errors import (
    AccountExists,
    AccountNotFound,
    InvalidRequest,
    LastAdmin,
    LockedOut,
    LoginRefused,
    NotSignedIn,
    PasswordWeak,
    TotpRequired,
)
from bot.identity.build import Identity, prepare
from bot.identity.staff import Changes
from bot.identity.staff_demo import DEMO_PASSWORD, DEMO_STAFF
from bot.settings import Settings
from bot.store.database import Database
from bot.store.identity_tables import lockouts, staff, staff_sessions
from tests.identity.conftest import MovedClock

PASSWORD = "a-good-long-password"
HERE = "192.0.2.1"


@pytest.fixture
def agent(identity: Identity) -> str:
    identity.accounts.add("a77", "坐席七", PASSWORD, ["agent"], ["card"], by="cli", must_change_password=False)
    return "a77"


def sign_in(identity: Identity, account: str, password: str = PASSWORD, code: str | None = None, at: str = HERE) -> str:
    return identity.login.sign_in(account, password, code, at)[0]


def test_that_a_member_signs_in_and_out(identity: Identity, agent: str) -> None:
    token, session = identity.login.sign_in(agent, PASSWORD, None, HERE)
    assert identity.sessions.find(token) == session
    assert (session.member.id, session.member.roles, session.member.skills) == (agent, ("agent",), ("card",))
    identity.login.sign_out(token, HERE)
    with pytest.raises(NotSignedIn):
        identity.sessions.find(token)
    assert [entry.action for entry in identity.audit.read()] == ["signed_out", "signed_in", "account_added"]


@pytest.mark.parametrize("token", [None, "", "x", "é" * 50, "' OR 1=1 --"])
def test_that_no_invented_token_opens_a_session(identity: Identity, agent: str, token: str | None) -> None:
    with pytest.raises(NotSignedIn):
        identity.sessions.find(token)


def test_that_secrets_are_not_kept(identity: Identity, agent: str, database: Database) -> None:
    token, session = identity.login.sign_in(agent, PASSWORD, None, HERE)
    secret, _uri = identity.totp.begin(agent)
    with pytest.raises(LoginRefused):
        sign_in(identity, "my-password-typed-as-name", "x")
    with database.read() as connection:
        kept = str([connection.execute(select(table)).all() for table in (staff, staff_sessions, lockouts)])
    kept += str(identity.audit.read())
    for word in (PASSWORD, token, session.csrf_token, secret, "my-password-typed-as-name"):
        assert word not in kept
    assert "$argon2id$" in kept


def test_that_a_session_ends_when_unused_and_at_the_latest_after_twelve_hours(
    identity: Identity, agent: str, clock: MovedClock
) -> None:
    idle = sign_in(identity, agent)
    clock.move(minutes=29)
    identity.sessions.find(idle)
    clock.move(minutes=29)
    identity.sessions.find(idle)
    clock.move(minutes=30)
    with pytest.raises(NotSignedIn):
        identity.sessions.find(idle)
    busy = sign_in(identity, agent)
    for _ in range(35):
        clock.move(minutes=20)
        identity.sessions.find(busy)
    clock.move(minutes=20)
    with pytest.raises(NotSignedIn):
        identity.sessions.find(busy)


def test_that_signing_in_again_never_takes_over_a_given_session(identity: Identity, agent: str) -> None:
    planted = sign_in(identity, agent)
    identity.accounts.add("a88", "坐席八", PASSWORD, ["agent"], by="cli", must_change_password=False)
    token, session = identity.login.sign_in("a88", PASSWORD, None, HERE, old_token=planted)
    assert token != planted
    assert session.member.id == "a88"
    with pytest.raises(NotSignedIn):
        identity.sessions.find(planted)


def outcome(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except (LoginRefused, LockedOut) as error:
        return f"{error.code.value}: {error.text}"
    return "in"


def test_that_known_and_unknown_accounts_are_refused_and_locked_alike(identity: Identity, agent: str) -> None:
    seen = {}
    for number, account in enumerate((agent, agent.upper(), "nobody", "", "x" * 64)):
        seen[account] = [
            outcome(lambda account=account, n=number: sign_in(identity, account, "wrong", at=f"198.51.100.{n}"))
            for _ in range(7)
        ]
    assert [line.split(":")[0] for line in seen["nobody"]] == ["login_refused"] * 5 + ["locked_out"] * 2
    assert seen[agent] == seen["nobody"] == seen[""] == seen["x" * 64]
    assert {line.split(":")[0] for line in seen[agent.upper()]} == {"locked_out"}, "one name, however it is written"


def test_that_a_locked_account_opens_after_a_quarter_of_an_hour(
    identity: Identity, agent: str, clock: MovedClock
) -> None:
    for n in range(5):
        assert outcome(lambda n=n: sign_in(identity, agent, "wrong", at=f"198.51.100.{n}")).startswith("login_refused")
    assert "15 分钟" in outcome(lambda: sign_in(identity, agent, at="198.51.100.99")), "the right password, too"
    clock.move(minutes=14, seconds=59)
    assert outcome(lambda: sign_in(identity, agent)).startswith("locked_out")
    clock.move(seconds=1)
    assert outcome(lambda: sign_in(identity, agent)) == "in"


def test_that_an_address_is_locked_across_accounts_and_servers(build: Callable[..., Identity], agent: str) -> None:
    servers = [build(), build()]
    for n in range(5):
        assert outcome(lambda n=n: sign_in(servers[n % 2], f"guess{n}", "wrong")).startswith("login_refused")
    for server in servers:
        assert outcome(lambda server=server: sign_in(server, agent)).startswith("locked_out")
        assert outcome(lambda server=server: sign_in(server, agent, at="198.51.100.7")) == "in"


def test_that_ones_own_success_forgives_ones_own_errors_only(identity: Identity, agent: str) -> None:
    for _ in range(2):
        for _ in range(2):
            outcome(lambda: sign_in(identity, agent, "typing error"))
        assert outcome(lambda: sign_in(identity, agent)) == "in"
    for n in range(5):
        assert outcome(lambda n=n: sign_in(identity, f"guess{n}", "wrong")).startswith("login_refused")
        if n < 4:
            assert outcome(lambda: sign_in(identity, agent)) == "in"
    assert outcome(lambda: sign_in(identity, agent)).startswith("locked_out")


def test_that_old_errors_are_forgotten(identity: Identity, agent: str, clock: MovedClock) -> None:
    for _ in range(3):
        for _ in range(4):
            assert outcome(lambda: sign_in(identity, agent, "wrong")).startswith("login_refused")
        clock.move(minutes=15)
    assert identity.lockouts.sweep() == 2


def test_that_many_guesses_at_once_are_no_more_than_five(build: Callable[..., Identity], agent: str) -> None:
    servers = [build(staff_tries_per_address=1000) for _ in range(4)]
    outcomes: list[str] = []
    start = threading.Barrier(16)

    def guess(n: int) -> None:
        start.wait()
        outcomes.append(outcome(lambda: sign_in(servers[n % 4], agent, f"guess-{n}")).split(":")[0])

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["locked_out"] * 11 + ["login_refused"] * 5


def test_that_a_second_factor_is_demanded_and_counts_once(identity: Identity, agent: str, clock: MovedClock) -> None:
    secret, uri = identity.totp.begin(agent)
    assert uri.startswith("otpauth://totp/") and agent in uri
    totp = pyotp.TOTP(secret)
    assert outcome(lambda: sign_in(identity, agent)) == "in", "not in force before it is confirmed"
    with pytest.raises(LoginRefused):
        identity.totp.confirm(agent, "000000" if totp.at(clock()) != "000000" else "111111")
    identity.totp.confirm(agent, totp.at(clock()))
    with pytest.raises(TotpRequired):
        sign_in(identity, agent)
    with pytest.raises(LoginRefused):
        sign_in(identity, agent, code=totp.at(clock()))  # the code that confirmed it
    clock.move(seconds=30)
    assert sign_in(identity, agent, code=totp.at(clock()))
    assert outcome(lambda: sign_in(identity, agent, code=totp.at(clock()))).startswith("login_refused")
    clock.move(seconds=90)
    stale = totp.at(clock.time.timestamp() - 60)
    assert outcome(lambda: sign_in(identity, agent, code=stale)).startswith("login_refused")
    identity.accounts.change(agent, Changes(totp_off=True), by="admin")
    assert outcome(lambda: sign_in(identity, agent)) == "in"


def test_that_the_second_factor_survives_a_new_secret_key(build: Callable[..., Identity], clock: MovedClock) -> None:
    first, second = {"secret_key": "first"}, {"secret_key": "second"}
    build(**first).accounts.add("a77", "坐席七", PASSWORD, ["agent"], by="cli", must_change_password=False)
    secret, _uri = build(**first).totp.begin("a77")
    build(**first).totp.confirm("a77", pyotp.TOTP(secret).at(clock()))
    clock.move(seconds=30)
    assert sign_in(build(**second, old_secret_keys=["first"]), "a77", code=pyotp.TOTP(secret).at(clock()))
    clock.move(seconds=30)
    assert sign_in(build(**second), "a77", code=pyotp.TOTP(secret).at(clock())), "written anew with the present key"


def test_that_totp_codes_cannot_be_guessed(identity: Identity, agent: str, clock: MovedClock) -> None:
    secret, _uri = identity.totp.begin(agent)
    identity.totp.confirm(agent, pyotp.TOTP(secret).at(clock()))
    clock.move(seconds=30)
    wrong = next(code for code in ("000000", "111111") if code != pyotp.TOTP(secret).at(clock()))
    for _ in range(5):
        assert outcome(lambda: sign_in(identity, agent, code=wrong)).startswith("login_refused")
    assert outcome(lambda: sign_in(identity, agent, code=pyotp.TOTP(secret).at(clock()))).startswith("locked_out")


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaa", "abababababab", "xx-a77-password", "y" * 129])
def test_that_weak_passwords_are_refused(identity: Identity, agent: str, weak: str) -> None:
    with pytest.raises(PasswordWeak):
        identity.accounts.change(agent, Changes(password=weak), by="admin")
    session = identity.login.sign_in(agent, PASSWORD, None, HERE)[1]
    with pytest.raises(PasswordWeak):
        identity.login.change_password(session, PASSWORD, weak, HERE)


def test_that_a_new_password_ends_the_other_sessions(identity: Identity, agent: str) -> None:
    other = sign_in(identity, agent)
    token, session = identity.login.sign_in(agent, PASSWORD, None, HERE)
    with pytest.raises(LoginRefused):
        identity.login.change_password(session, "not the present one", "another-long-password", HERE)
    identity.login.change_password(session, PASSWORD, "another-long-password", HERE)
    identity.sessions.find(token)
    with pytest.raises(NotSignedIn):
        identity.sessions.find(other)
    assert outcome(lambda: sign_in(identity, agent)).startswith("login_refused")
    assert sign_in(identity, agent, "another-long-password")


@pytest.mark.parametrize(
    "changes", [Changes(active=False), Changes(roles=["trainer"]), Changes(password="given-by-the-admin")]
)
def test_that_what_an_administrator_changes_ends_sessions(identity: Identity, agent: str, changes: Changes) -> None:
    token = sign_in(identity, agent)
    identity.accounts.change(agent, changes, by="9001")
    with pytest.raises(NotSignedIn):
        identity.sessions.find(token)
    if changes.active is False:
        assert outcome(lambda: sign_in(identity, agent)).startswith("login_refused")
    if changes.password:
        assert identity.login.sign_in(agent, "given-by-the-admin", None, HERE)[1].member.must_change_password
    entry = next(entry for entry in identity.audit.read() if entry.action == "account_changed")
    assert (entry.actor, entry.subject) == ("9001", agent)
    assert "given-by-the-admin" not in str(entry)


def test_that_an_administrator_always_remains(identity: Identity, agent: str) -> None:
    for account in ("boss", "deputy"):
        identity.accounts.add(account, account, PASSWORD, ["admin"], by="cli")
    identity.accounts.change("deputy", Changes(roles=["auditor"]), by="boss")
    for changes in (Changes(active=False), Changes(roles=["agent"])):
        with pytest.raises(LastAdmin):
            identity.accounts.change("boss", changes, by="boss")
    assert identity.accounts.get("boss").roles == ("admin",)


def test_that_two_administrators_cannot_remove_each_other(build: Callable[..., Identity]) -> None:
    servers = [build(), build()]
    for account in ("boss", "deputy"):
        servers[0].accounts.add(account, account, PASSWORD, ["admin"], by="cli")
    start = threading.Barrier(2)
    refused: list[str] = []

    def remove(server: Identity, account: str) -> None:
        start.wait()
        try:
            server.accounts.change(account, Changes(active=False), by="cli")
        except LastAdmin:
            refused.append(account)

    threads = [threading.Thread(target=remove, args=one) for one in zip(servers, ("boss", "deputy"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert [one.id for one in servers[0].accounts.all() if one.active] == refused


def test_that_impossible_accounts_are_refused(identity: Identity, agent: str) -> None:
    with pytest.raises(AccountExists):
        identity.accounts.add(agent, "又一个", PASSWORD, ["agent"], by="cli")
    with pytest.raises(AccountNotFound):
        identity.accounts.change("nobody", Changes(name="x"), by="cli")
    for bad in (
        {"account": "a b c"},
        {"account": "ab"},
        {"name": " "},
        {"name": "换\n行"},
        {"roles": []},
        {"roles": ["root"]},
        {"skills": ["magic"]},
        {"max_chats": 21},
    ):
        given = {"account": "new1", "name": "新人", "password": PASSWORD, "roles": ["agent"], **bad}
        with pytest.raises(InvalidRequest):
            identity.accounts.add(**given, by="cli")


def test_that_demo_accounts_are_of_development_only(
    build: Callable[..., Identity], database: Database, database_url: str
) -> None:
    production = {"env": "production", "rasa_token": "own", "secret_key": "own"}
    prepare(Settings(database_url=database_url, **production), database)
    assert build().accounts.all() == []
    for _ in range(2):
        prepare(Settings(database_url=database_url), database)
    assert [one.id for one in build().accounts.all()] == [one[0] for one in DEMO_STAFF]
    token = sign_in(build(), "9001", DEMO_PASSWORD)
    live = build(**production)
    with pytest.raises(NotSignedIn):
        live.sessions.find(token)
    assert outcome(lambda: sign_in(live, "9001", DEMO_PASSWORD)).startswith("login_refused")
    live.accounts.add("boss", "行长", PASSWORD, ["admin"], by="cli")
    with pytest.raises(LastAdmin):
        live.accounts.change("boss", Changes(active=False), by="boss")


def test_that_refusals_take_the_same_time_for_known_and_unknown_accounts(
    build: Callable[..., Identity], agent: str, database: Database
) -> None:
    server = build(staff_tries_per_address=10_000)
    taken: dict[str, list[float]] = {agent: [], "nobody": []}
    for _ in range(20):
        for account, times in taken.items():
            with database.write() as connection:
                connection.execute(lockouts.delete())
            started = time.perf_counter()
            with pytest.raises(LoginRefused):
                sign_in(server, account, "wrong")
            times.append(time.perf_counter() - started)
    known, unknown = (statistics.median(times) for times in taken.values())
    assert 0.6 < known / unknown < 1.67, taken
