"""Kept phone numbers, and the keys that keep them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from bot.identity.build import Identity
from bot.identity.contacts import CONTACT
from bot.identity.keys import Keys
from bot.store.database import Database
from bot.store.identity_tables import contacts
from tests.identity.conftest import MovedClock


def keep(identity: Identity, database: Database, conversation: str, phone: str = "13800005678") -> str:
    with database.write() as connection:
        token, tail = identity.contacts.keep(connection, conversation, phone)
    assert tail == phone[-4:]
    return token


def test_that_a_number_is_kept_encrypted_for_its_conversation_for_a_day(
    identity: Identity, database: Database, conversation: Callable[[], str], clock: MovedClock
) -> None:
    here = conversation()
    token = keep(identity, database, here)
    with database.read() as connection:
        assert "13800005678" not in str(connection.execute(select(contacts)).all())
    taken = identity.contacts.take(token, here)
    assert taken is not None and taken.tail == "5678"
    assert identity.keys.decrypt(CONTACT, taken.sealed) == "13800005678"
    assert identity.contacts.take(token, conversation()) is None
    assert identity.contacts.take("x" * 500, here) is None
    clock.move(hours=24)
    assert identity.contacts.take(token, here) is None
    assert identity.contacts.sweep() == 1


def test_that_a_rotated_secret_still_reads_and_a_lost_one_does_not(
    build: Callable[..., Identity], database: Database, conversation: Callable[[], str]
) -> None:
    here = conversation()
    token = keep(build(secret_key="first"), database, here)
    rotated = build(secret_key="second", old_secret_keys=["first"])
    taken = rotated.contacts.take(token, here)
    assert taken is not None
    assert rotated.keys.decrypt(CONTACT, taken.sealed) == "13800005678"
    assert build(secret_key="second").keys.decrypt(CONTACT, taken.sealed) is None
    newer = rotated.keys.encrypt(CONTACT, "13911114321")
    assert build(secret_key="second").keys.decrypt(CONTACT, newer) == "13911114321", "written with the present key"


def test_that_keys_are_of_one_purpose_and_tampering_shows() -> None:
    keys = Keys("secret")
    sealed = keys.encrypt("contact", "13800005678")
    assert keys.decrypt("other", sealed) is None
    assert keys.decrypt("contact", sealed[:-4] + "AAA=") is None
    assert keys.decrypt("contact", "no token") is None
    assert keys.digest("a", "x") != keys.digest("b", "x") != Keys("other").digest("b", "x")
    assert keys.digest("a", "1", "23") != keys.digest("a", "12", "3")
