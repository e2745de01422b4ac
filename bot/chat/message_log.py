"""The durable message log: gapless sequence numbers, idempotent sending, reading on from any point.

A sequence number is taken from the conversation's row while that row is locked, in the transaction
that writes the message. So numbers have no gaps, and a message becomes visible only after all before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Integer, bindparam, func, insert, select, update
from sqlalchemy.engine import Connection

from bot.blocks import Offered, Published, Reply, public
from bot.chat.conversations import Conversations, conversation_from, lock_conversation, now
from bot.chat.desk_port import DeskPort
from bot.chat.records import Ack, Channel, Conversation, CustomerText, Message, Role
from bot.errors import ConversationNotFound, TooManyPending, UnknownButton
from bot.store import tables
from bot.store.database import Database
from bot.tokens import looks_like_id, new_id

MAX_PENDING = 10
MAX_PAGE = 200

# Built once: on every message SQLAlchemy would spend longer on building such a statement than SQLite on running it.
_log, _conversations = tables.messages, tables.conversations
_NEXT_SEQ = (
    update(_conversations)
    .where(_conversations.c.id == bindparam("conversation"))
    .values(last_seq=_conversations.c.last_seq + 1, updated_at=bindparam("at"))
)
_LAST_SEQ = select(_conversations.c.last_seq).where(_conversations.c.id == bindparam("conversation"))
_NEW_MESSAGE = insert(_log)
_PAGE = (
    select(_log)
    .where(_log.c.conversation_id == bindparam("conversation"), _log.c.seq > bindparam("after"))
    .order_by(_log.c.seq)
    .limit(bindparam("most", type_=Integer))
)
_SENT = select(_log.c.seq, _log.c.masked).where(
    _log.c.conversation_id == bindparam("conversation"), _log.c.client_id == bindparam("client")
)
_PENDING = (
    select(func.count()).select_from(_log).where(_log.c.conversation_id == bindparam("conversation"), tables.is_open)
)


def message_from(row: Any) -> Message:
    """A record from a row of ``messages``."""
    return Message(
        seq=row.seq,
        role=row.role,
        blocks=row.blocks,
        created_at=row.created_at,
        client_id=row.client_id,
        masked=row.masked or [],
        routing=row.routing,
        author=row.author,
    )


def append(connection: Connection, conversation_id: str, role: Role, published: Published, **columns: Any) -> Message:
    """Write one message with the next sequence number, within a transaction that holds the lock.

    Args:
        published: blocks as a client may see them, and the buttons they offer.
        columns: further columns of ``messages``.
    """
    connection.execute(_NEXT_SEQ, {"conversation": conversation_id, "at": now()})
    seq: int = connection.execute(_LAST_SEQ, {"conversation": conversation_id}).scalar_one()
    values: dict[str, Any] = {"attempts": 0, "created_at": now(), **columns}
    connection.execute(
        _NEW_MESSAGE,
        {"conversation_id": conversation_id, "seq": seq, "role": role, "blocks": published.blocks, **values},
    )
    if published.offered:
        connection.execute(
            insert(tables.buttons),
            [
                {
                    "id": button.id,
                    "conversation_id": conversation_id,
                    "seq": seq,
                    "title": button.title,
                    "payload": button.payload,
                }
                for button in published.offered
            ],
        )
    return Message(
        seq=seq,
        role=role,
        blocks=published.blocks,
        created_at=values["created_at"],
        client_id=values.get("client_id"),
        masked=values.get("masked") or [],
        routing=values.get("routing"),
        author=values.get("author"),
    )


def append_reply(connection: Connection, conversation_id: str, role: Role, reply: Reply, **columns: Any) -> Message:
    """Write a reply; its button payloads stay here, the client gets opaque ids."""
    routing = reply.routing.dict() if reply.routing is not None else None
    return append(connection, conversation_id, role, public(reply, new_id), **{"routing": routing, **columns})


class MessageLog:
    """Repository of messages.

    Args:
        desk: takes the messages that are not for the bot.
    """

    def __init__(self, database: Database, conversations: Conversations, desk: DeskPort) -> None:
        self._database = database
        self._conversations = conversations
        self._desk = desk

    def open(
        self,
        channel: Channel,
        elder: bool,
        welcome: Reply,
        bind: Callable[[Connection, str], None] | None = None,
    ) -> tuple[Conversation, str, list[Message]]:
        """Open a conversation with its welcome message; returns it, its token, its messages.

        Args:
            bind: gives the new conversation to a customer within the same transaction.
        """
        with self._database.write() as connection:
            created, token = self._conversations.create(connection, channel, elder)
            if bind is not None:
                bind(connection, created.id)
            message = append_reply(connection, created.id, "bot", welcome)
            conversation = conversation_from(lock_conversation(connection, created.id))
        return conversation, token, [message]

    def append_customer(
        self,
        conversation_id: str,
        client_id: str,
        said: CustomerText | Callable[[Connection], CustomerText],
        payload: dict[str, Any] | None = None,
        wants_human: bool = False,
    ) -> Ack:
        """Write a customer's message once, however often it is sent.

        While the bot does not own the conversation, or for the desk's own buttons, the message goes to the desk,
        whose answer is written in the same transaction.

        Args:
            client_id: the client's own name for this message, unique in the conversation.
            said: the text, or what makes it within the transaction; not called for a retry.
            payload: what a tapped button stands for.
            wants_human: the button for a person was pressed.

        Raises:
            TooManyPending: ``MAX_PENDING`` messages still wait for the bot.
        """
        with self._database.write() as connection:
            row = lock_conversation(connection, conversation_id)
            known = self._sent_before(connection, conversation_id, client_id)
            if known is not None:
                return known
            for_bot = row.owner == "bot" and not wants_human and "desk" not in (payload or {})
            if for_bot and self._pending(connection, conversation_id) >= MAX_PENDING:
                raise TooManyPending(limit=MAX_PENDING)
            if not isinstance(said, CustomerText):
                said = said(connection)
            self._desk.arrived(connection, row)
            message = append(
                connection,
                conversation_id,
                "customer",
                Published(blocks=[{"type": "text", "text": said.text}], offered=[]),
                client_id=client_id,
                masked=list(said.masked),
                payload=payload,
                intake=said.facts,
                answer_state=tables.OPEN if for_bot else tables.DESK,
            )
            if not for_bot:
                answer = (
                    self._desk.wished(connection, row)
                    if wants_human
                    else self._desk.heard(connection, row, said, payload)
                )
                if answer is not None:
                    append_reply(connection, conversation_id, "system", answer, reply_to=message.seq, part=0)
        return Ack(seq=message.seq, client_id=client_id, masked=message.masked, for_desk=not for_bot)

    def read(self, conversation_id: str, after: int, limit: int = MAX_PAGE) -> tuple[list[Message], int]:
        """Messages with ``seq > after``, oldest first, at most ``limit``; and the log's last number."""
        page = {"conversation": conversation_id, "after": after, "most": min(limit, MAX_PAGE)}
        with self._database.read() as connection:
            last_seq: int = connection.execute(_LAST_SEQ, {"conversation": conversation_id}).scalar_one()
            rows = connection.execute(_PAGE, page).all()
        return [message_from(row) for row in rows], last_seq

    def button(self, conversation_id: str, button_id: str) -> Offered:
        """What a button of this conversation stands for.

        Raises:
            UnknownButton: never offered in this conversation.
        """
        if not looks_like_id(button_id):
            raise UnknownButton()
        table = tables.buttons
        with self._database.read() as connection:
            row = connection.execute(
                select(table).where(table.c.id == button_id, table.c.conversation_id == conversation_id)
            ).one_or_none()
        if row is None:
            raise UnknownButton()
        return Offered(id=row.id, title=row.title, payload=row.payload)

    def sent_before(self, conversation_id: str, client_id: str) -> Ack | None:
        """The acknowledgement already given for ``client_id``, if any."""
        with self._database.read() as connection:
            return self._sent_before(connection, conversation_id, client_id)

    def desk_state(self, conversation_id: str) -> dict[str, Any]:
        """Who speaks now and where the customer stands; raises ``ConversationNotFound``."""
        table = tables.conversations
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == conversation_id)).one_or_none()
            if row is None:
                raise ConversationNotFound()
            return self._desk.state(connection, row)

    def post(self, conversation_id: str, role: Role, reply: Reply) -> Message:
        """Write a message of an agent or of the system, outside the question-and-answer order."""
        with self._database.write() as connection:
            conversation_from(lock_conversation(connection, conversation_id))
            return append_reply(connection, conversation_id, role, reply)

    @staticmethod
    def _sent_before(connection: Connection, conversation_id: str, client_id: str) -> Ack | None:
        row = connection.execute(_SENT, {"conversation": conversation_id, "client": client_id}).one_or_none()
        return None if row is None else Ack(row.seq, client_id, row.masked or [], fresh=False)

    @staticmethod
    def _pending(connection: Connection, conversation_id: str) -> int:
        waiting: int = connection.execute(_PENDING, {"conversation": conversation_id}).scalar_one()
        return waiting
