"""Customers sign in and out within an open conversation.

A conversation belongs to one customer for ever: after signing out nobody else can sign in to it, so on a shared
computer the next customer never sees the talk of the one before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from bot.errors import ConversationNotFound, IdentityConflict
from bot.identity.clock import Clock, utc_now
from bot.identity.host_token import HostCustomer, HostTokens
from bot.store.case_tables import case_access
from bot.store.database import Database
from bot.store.tables import conversations

LASTS = timedelta(minutes=60)


class CustomerSignIn:
    """Binds verified customers to conversations.

    Args:
        lasts: so long a sign-in counts; the page renews it with a fresh token.
    """

    def __init__(
        self, database: Database, tokens: HostTokens, clock: Clock = utc_now, lasts: timedelta = LASTS
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._lasts = lasts

    def sign_in(self, conversation_id: str, token: str) -> HostCustomer:
        """Verify the customer of an open conversation, or renew it.

        Raises:
            IdentityRefused, IdentityExpired
            IdentityConflict: the conversation is another customer's.
        """
        customer = self._tokens.check(token)
        with self._database.write() as connection:
            self.bind(connection, conversation_id, customer)
        return customer

    def check(self, token: str) -> HostCustomer:
        """Who a token speaks of, before a conversation is opened; raises as :meth:`sign_in`."""
        return self._tokens.check(token)

    def bind(self, connection: Connection, conversation_id: str, customer: HostCustomer) -> None:
        """As :meth:`sign_in`, in the caller's write transaction."""
        row = _locked(connection, conversation_id)
        if row.customer_ref not in (None, customer.ref):
            raise IdentityConflict()
        self._tokens.use(connection, customer)
        connection.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id)
            .values(
                identity="verified",
                identity_until=self._clock() + self._lasts,
                customer_ref=customer.ref,
                customer_name=customer.name,
                customer_tail=customer.tail,
                elder=row.elder or customer.elder,
            )
        )

    def sign_out(self, conversation_id: str) -> None:
        """Make the customer anonymous; what codes have opened closes, too. Again changes nothing."""
        with self._database.write() as connection:
            _locked(connection, conversation_id)
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(identity="anonymous", identity_until=None, customer_name=None, customer_tail=None)
            )
            connection.execute(delete(case_access).where(case_access.c.conversation_id == conversation_id))


def _locked(connection: Connection, conversation_id: str) -> Any:
    row = connection.execute(
        select(conversations).where(conversations.c.id == conversation_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise ConversationNotFound()
    return row
