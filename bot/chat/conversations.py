"""Conversations: opening one, the customer's token, the lock. Who owns one changes in `bot.desk.ownership` only."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from bot.chat.records import Channel, Conversation
from bot.errors import ConversationNotFound
from bot.store import tables
from bot.store.database import Database
from bot.tokens import hash_token, looks_like_id, new_id, new_token, token_matches

_NO_HASH = hash_token("")

# Built once: on every message SQLAlchemy would spend longer on building such a statement than SQLite on running it.
_BY_ID = select(tables.conversations).where(tables.conversations.c.id == bindparam("id"))
_LOCKED = _BY_ID.with_for_update()


def now() -> datetime:
    """The present time in UTC."""
    return datetime.now(timezone.utc)


def conversation_from(row: Any) -> Conversation:
    """A record from a row of ``conversations``; an identity that has run out is none."""
    live = row.identity_until is None or row.identity_until > now()
    identity = row.identity if live else "anonymous"
    verified = identity == "verified"
    return Conversation(
        id=row.id,
        channel=row.channel,
        elder=row.elder,
        identity=identity,
        owner=row.owner,
        epoch=row.epoch,
        last_seq=row.last_seq,
        customer_ref=row.customer_ref if verified else None,
        customer_name=row.customer_name if verified else None,
        customer_tail=row.customer_tail if verified else None,
    )


def lock_conversation(connection: Connection, conversation_id: str) -> Any:
    """Read a conversation's row and keep it locked to the end of the transaction.

    Everything that writes to a conversation begins with this, so writers queue up in one order.

    Raises:
        ConversationNotFound: there is none.
    """
    row = connection.execute(_LOCKED, {"id": conversation_id}).one_or_none()
    if row is None:
        raise ConversationNotFound()
    return row


class Conversations:
    """Repository of conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, connection: Connection, channel: Channel, elder: bool) -> tuple[Conversation, str]:
        """Open a conversation within the caller's write transaction; returns it and its token."""
        token, time = new_token(), now()
        conversation = Conversation(
            id=new_id(), channel=channel, elder=elder, identity="anonymous", owner="bot", epoch=0, last_seq=0
        )
        connection.execute(
            insert(tables.conversations).values(
                id=conversation.id,
                token_hash=hash_token(token),
                channel=channel,
                elder=elder,
                identity=conversation.identity,
                owner=conversation.owner,
                epoch=conversation.epoch,
                last_seq=0,
                failures=0,
                created_at=time,
                updated_at=time,
            )
        )
        return conversation, token

    def authenticate(self, conversation_id: str, token: str) -> Conversation:
        """The conversation that ``token`` opens.

        Raises:
            ConversationNotFound: unknown conversation or wrong token, without telling which.
        """
        if not looks_like_id(conversation_id):
            raise ConversationNotFound()
        with self._database.read() as connection:
            row = connection.execute(_BY_ID, {"id": conversation_id}).one_or_none()
        if not token_matches(token, row.token_hash if row is not None else _NO_HASH) or row is None:
            raise ConversationNotFound()
        return conversation_from(row)

    def get(self, conversation_id: str) -> Conversation:
        """A conversation by its id (for the server's own use).

        Raises:
            ConversationNotFound: there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(_BY_ID, {"id": conversation_id}).one_or_none()
        if row is None:
            raise ConversationNotFound()
        return conversation_from(row)

    def set_elder(self, conversation_id: str, elder: bool) -> None:
        """Note whether the customer reads in large type; answers that come from now on know it."""
        table = tables.conversations
        with self._database.write() as connection:
            connection.execute(update(table).where(table.c.id == conversation_id).values(elder=elder))
