"""Phone numbers that customers typed: encrypted, for a day, unless a case takes one over.

The message log shows the tail only. Who files a case hands the encrypted value on; nothing here is ever logged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from bot.identity.clock import Clock, utc_now
from bot.identity.keys import Keys
from bot.store.database import Database
from bot.store.identity_tables import contacts
from bot.tokens import looks_like_id, new_id

#: What contacts are encrypted for, wherever one is kept (``Keys.encrypt(CONTACT, …)``).
CONTACT = "contact"
KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class KeptContact:
    """A kept number: its encrypted value (``CaseDraft.sealed_contact``) and its last four digits."""

    sealed: str
    tail: str


class Contacts:
    """Repository of kept numbers."""

    def __init__(self, database: Database, keys: Keys, clock: Clock = utc_now) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def keep(self, connection: Connection, conversation_id: str, phone: str) -> tuple[str, str]:
        """Keep a number in the caller's transaction; returns its token and its tail."""
        token, at = new_id(), self._clock()
        connection.execute(
            insert(contacts).values(
                token=token,
                conversation_id=conversation_id,
                sealed=self._keys.encrypt(CONTACT, phone),
                tail=phone[-4:],
                created_at=at,
                expires_at=at + KEPT,
            )
        )
        return token, phone[-4:]

    def take(self, token: str, conversation_id: str) -> KeptContact | None:
        """The number behind a token of this conversation; None when it has run out or is another's.

        It stays until it runs out, so that a case that could not be filed at once can be filed again.
        """
        if not looks_like_id(token):
            return None
        with self._database.read() as connection:
            row = connection.execute(
                select(contacts).where(
                    contacts.c.token == token,
                    contacts.c.conversation_id == conversation_id,
                    contacts.c.expires_at > self._clock(),
                )
            ).one_or_none()
        return None if row is None else KeptContact(row.sealed, row.tail)

    def sweep(self) -> int:
        """Delete what has run out; returns how many."""
        with self._database.write() as connection:
            old = delete(contacts).where(contacts.c.expires_at <= self._clock())
            deleted: int = connection.execute(old).rowcount
        return deleted
