"""Proving that a case is one's own: number, tail, code; and everything one can try instead."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases.number import new_number, parse_number
from bot.errors import SmsFailed, StoreUnavailable
from bot.identity.build import Identity
from bot.identity.sms import NoSms
from bot.identity.verification import Begun, CaseVerification
from bot.store.case_tables import case_access
from bot.store.database import Database
from bot.store.identity_tables import lockouts, one_time_codes
from bot.store.tables import conversations
from tests.identity.conftest import MovedClock

MINE, OTHERS, NOBODYS, NO_PHONE = (new_number(date(2026, 11, 26)) for _ in range(4))
PHONES = {MINE: "13800005678", OTHERS: "13911114321"}
_addresses = itertools.count()


class Phone:
    """Receives messages."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str]] = []

    def send(self, phone: str, code: str) -> None:
        self.received.append((phone, code))


class World:
    """One server process, a customer's phone and the cases above."""

    def __init__(self, identity: Identity, database: Database, phone: Any = None) -> None:
        self.identity = identity
        self.database = database
        self.phone = phone or Phone()
        self.verification = CaseVerification(
            identity.lockouts,
            identity.codes,
            self.phone,
            identity.keys,
            PHONES.get,
            parse_number,
            sleep=lambda seconds: None,
        )

    def begin(self, conversation: str, number: str = MINE, tail: str = "5678", origin: str = "here") -> str:
        return self.verification.begin(conversation, origin, number, tail).outcome

    def typed(self, conversation: str, code: str, origin: str = "here") -> str | None:
        """What the server does with a code in a message."""
        with self.database.write() as connection:
            challenge = self.identity.codes.challenge(connection, conversation)
            return self.identity.codes.check(connection, challenge, code, origin) if challenge else None

    def wrong(self, nth: int = 0) -> str:
        """A code that isn't the one last sent."""
        return f"{(int(self.phone.received[-1][1]) + 1 + nth) % 10**6:06d}"

    def unlocked(self) -> set[tuple[str, str]]:
        with self.database.read() as connection:
            rows = connection.execute(select(case_access.c.conversation_id, case_access.c.case_number))
            return {tuple(row) for row in rows}


@pytest.fixture
def world(identity: Identity, database: Database) -> World:
    return World(identity, database)


def test_that_the_owner_gets_to_the_case(world: World, conversation: Callable[[], str], database: Database) -> None:
    here = conversation()
    assert world.verification.begin(here, "here", MINE.lower().replace("-", " "), "尾号5678") == Begun("sent", MINE)
    ((phone, code),) = world.phone.received
    assert phone == PHONES[MINE] and len(code) == 6
    assert world.unlocked() == set()
    assert world.typed(here, code) == "accepted"
    assert world.unlocked() == {(here, MINE)}
    with database.read() as connection:
        assert connection.execute(select(conversations.c.identity)).scalar_one() == "code"
    assert world.typed(here, code) is None, "used up: six digits are just digits again"


def test_that_codes_and_numbers_are_not_kept_readable(
    build: Callable[..., Identity], database: Database, conversation: Callable[[], str]
) -> None:
    live = World(build(env="production", rasa_token="own", secret_key="own"), database)
    here = conversation()
    assert live.begin(here) == "sent"
    code = live.phone.received[0][1]
    with database.read() as connection:
        kept = str([connection.execute(select(table)).all() for table in (one_time_codes, lockouts)])
    assert code not in kept and PHONES[MINE] not in kept and "here'" not in kept.replace(here, "")
    assert live.identity.codes.shown(here) is None


def test_that_developers_can_read_the_code(world: World, conversation: Callable[[], str]) -> None:
    here, known = conversation(), set[str]()
    assert world.identity.codes.shown(here) is None
    world.begin(here)
    assert world.identity.codes.shown(here) == world.phone.received[0][1]
    assert world.identity.codes.newest_shown(known) == [(MINE, world.phone.received[0][1])]
    assert world.identity.codes.newest_shown(known) == []
    world.typed(here, world.phone.received[0][1])
    assert world.identity.codes.shown(here) is None


@pytest.mark.parametrize(
    ("number", "tail"),
    [
        (MINE, "0000"),
        (MINE, ""),
        (MINE, "678"),
        (MINE, "没有"),
        (OTHERS, "5678"),
        (NOBODYS, "5678"),
        (NO_PHONE, ""),
        ("NY000000-AAAAAA-A", "5678"),
        ("", ""),
        ("' OR 1=1 --", "5678"),
        ("\ud800", "\ud800"),
    ],
)
def test_that_every_wrong_answer_is_refused_alike(
    world: World, conversation: Callable[[], str], number: str, tail: str
) -> None:
    here = conversation()
    assert [world.verification.begin(here, "here", number, tail) for _ in range(5)] == [Begun("refused")] * 5
    assert world.verification.begin(here, "here", number, tail) == Begun("locked", minutes=15)
    assert world.phone.received == []
    assert world.typed(here, "123456") is None


def test_that_refusals_take_the_same_time(
    identity: Identity, database: Database, conversation: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.identity.verification.REFUSED_AFTER_S", 0.3)  # far above the work, also on a busy machine
    kinds = {
        "wrong tail": (MINE, "0000"),
        "another's": (OTHERS, "5678"),
        "none": (NOBODYS, "5678"),
        "no number": ("x", ""),
    }
    slow_for_existing = {MINE: 0.02, OTHERS: 0.02}

    def phone_of(number: str) -> str | None:
        time.sleep(slow_for_existing.get(number, 0))  # a look-up that betrays what exists
        return PHONES.get(number)

    verification = CaseVerification(identity.lockouts, identity.codes, Phone(), identity.keys, phone_of, parse_number)
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    here = conversation()
    for _ in range(7):
        for kind, (number, tail) in kinds.items():
            with database.write() as connection:
                connection.execute(lockouts.delete())
            started = time.perf_counter()
            assert verification.begin(here, f"address {next(_addresses)}", number, tail).outcome == "refused"
            taken[kind].append(time.perf_counter() - started)
    medians = [statistics.median(times) for times in taken.values()]
    assert max(medians) - min(medians) < 0.015, taken


def test_that_tries_are_counted_by_case_conversation_and_address(
    build: Callable[..., Identity], database: Database, conversation: Callable[[], str]
) -> None:
    servers = [World(build(), database), World(build(), database)]
    for n in range(5):  # one case, from everywhere
        assert servers[n % 2].begin(conversation(), tail="0000", origin=f"a{n}") == "refused"
    assert {server.begin(conversation(), origin="fresh") for server in servers} == {"locked"}, (
        "even with the right tail"
    )
    for n in range(5):  # one address, at many cases
        assert servers[n % 2].begin(conversation(), f"NY26112{n}-AAAAAA-A", origin="b") == "refused"
    assert {server.begin(conversation(), OTHERS, "4321", origin="b") for server in servers} == {"locked"}
    same = conversation()
    for n in range(5):  # one conversation, from many addresses
        assert servers[n % 2].begin(same, f"NY26111{n}-AAAAAA-A", origin=f"c{n}") == "refused"
    assert {server.begin(same, OTHERS, "4321", origin=f"d{n}") for n, server in enumerate(servers)} == {"locked"}
    assert servers[0].begin(conversation(), OTHERS, "4321", origin="e") == "sent", "others are not disturbed"


def test_that_spelling_a_number_differently_gives_no_more_tries(world: World, conversation: Callable[[], str]) -> None:
    spellings = [MINE, MINE.lower(), MINE.replace("-", ""), MINE.replace("1", "I", 1), f" {MINE} "]
    for n, spelling in enumerate(spellings):
        assert world.begin(conversation(), spelling, "0000", origin=f"a{n}") == "refused"
    assert world.begin(conversation(), MINE, origin="fresh") == "locked"


def test_that_wrong_codes_lock_and_kill_the_code(
    world: World, conversation: Callable[[], str], clock: MovedClock
) -> None:
    here = conversation()
    world.begin(here)
    right = world.phone.received[0][1]
    assert [world.typed(here, world.wrong(n), f"a{n}") for n in range(5)] == ["wrong"] * 4 + ["locked"]
    assert world.typed(here, right) == "locked"
    assert world.begin(here, origin="elsewhere") == "locked"
    assert world.unlocked() == set()
    clock.move(minutes=15)
    assert world.typed(here, right) == "expired"
    assert world.begin(here) == "sent"
    assert world.typed(here, world.phone.received[-1][1]) == "accepted"


def test_that_knowing_number_and_tail_gives_no_fresh_tries(world: World, conversation: Callable[[], str]) -> None:
    here, outcomes = conversation(), []
    for _ in range(3):
        outcomes.append(world.begin(here))
        outcomes += [world.typed(here, world.wrong(n)) for n in range(2)]
    assert outcomes == ["sent", "wrong", "wrong"] * 2 + ["sent", "locked", "locked"]


def test_that_ones_own_case_gives_no_fresh_tries_at_anothers(world: World, conversation: Callable[[], str]) -> None:
    here = conversation()
    for _ in range(4):
        assert world.begin(here, OTHERS, "0000") == "refused"
    world.begin(here)
    assert world.typed(here, world.phone.received[-1][1]) == "accepted"
    assert world.begin(here, OTHERS, "1111") == "refused"
    assert world.begin(here, OTHERS, "4321") == "locked"


def test_that_a_code_runs_out_and_a_new_one_replaces_it(
    world: World, conversation: Callable[[], str], clock: MovedClock
) -> None:
    here = conversation()
    world.begin(here)
    clock.move(minutes=5)
    assert world.typed(here, world.phone.received[0][1]) == "expired"
    world.begin(here)
    world.begin(here)
    first, second = (code for _phone, code in world.phone.received[1:])
    assert world.typed(here, first) == ("wrong" if first != second else "accepted")
    assert world.typed(here, second) == "accepted"
    clock.move(minutes=30)
    assert world.typed(here, second) is None
    assert world.identity.codes.sweep() == 3


def test_that_a_code_opens_nothing_elsewhere(world: World, conversation: Callable[[], str]) -> None:
    here, there = conversation(), conversation()
    world.begin(here)
    code = world.phone.received[0][1]
    assert world.typed(there, code) is None
    world.begin(there, OTHERS, "4321", "there")
    if world.phone.received[1][1] != code:
        assert world.typed(there, code, "there") == "wrong"
    assert world.unlocked() == set()


def test_that_phones_are_not_flooded(world: World, conversation: Callable[[], str], clock: MovedClock) -> None:
    outcomes = [world.begin(conversation(), origin=f"a{n}") for n in range(5)]
    assert outcomes == ["sent"] * 3 + ["locked"] * 2
    assert len(world.phone.received) == 3
    clock.move(minutes=15)
    assert world.begin(conversation()) == "sent"


def test_that_an_absent_message_service_is_said(
    identity: Identity, database: Database, conversation: Callable[[], str]
) -> None:
    world, here = World(identity, database, NoSms()), conversation()
    assert world.verification.begin(here, "here", MINE, "5678") == Begun("failed", MINE)
    assert world.typed(here, "123456") == "expired"
    with pytest.raises(SmsFailed):
        NoSms().send("13800005678", "123456")


def test_that_a_failed_look_up_counts_as_no_try(identity: Identity, conversation: Callable[[], str]) -> None:
    def away(number: str) -> str | None:
        raise StoreUnavailable()

    verification = CaseVerification(identity.lockouts, identity.codes, Phone(), identity.keys, away, parse_number)
    here = conversation()
    for _ in range(7):
        with pytest.raises(StoreUnavailable):
            verification.begin(here, "here", MINE, "5678")
