"""Answering in order, once: leases on unanswered messages and guarded delivery.

* ``claim`` leases the oldest unanswered message of a conversation by compare-and-set; while a lease
  lives, no other process gets that message or a later one, so messages are answered in order.
* ``settle`` writes the answer only while the row still carries that very lease and the conversation
  still has the epoch of the claim, all in one transaction: a slow process can't answer twice, and the
  bot can't talk over a human.
* A process that dies leaves a lease that runs out; ``waiting`` then finds the conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.engine import Connection

from bot.blocks import Reply
from bot.chat.conversations import conversation_from, lock_conversation
from bot.chat.desk_port import Arrangement, DeskPort
from bot.chat.message_log import append_reply
from bot.chat.records import Claim, Message, Role
from bot.errors import ConversationNotFound
from bot.store import tables
from bot.store.database import Database

SWEEP_LIMIT = 200

_log = tables.messages

# Built once: on every message SQLAlchemy would spend longer on building such a statement than SQLite on running it.
_OLDEST = (
    select(_log)
    .where(_log.c.conversation_id == bindparam("conversation"), tables.is_open)
    .order_by(_log.c.seq)
    .limit(1)
)
_this = and_(_log.c.conversation_id == bindparam("conversation"), _log.c.seq == bindparam("number"), tables.is_open)
_TAKE = (
    update(_log)
    .where(_this, or_(_log.c.lease_until.is_(None), _log.c.lease_until <= bindparam("at")))
    .values(lease=bindparam("new_lease"), lease_until=bindparam("until"), attempts=bindparam("tries"))
)
_CLOSE = (
    update(_log)
    .where(_this, _log.c.lease == bindparam("own_lease"))
    .values(answer_state=bindparam("state"), lease=None, lease_until=None)
)
_SAME_EPOCH = (
    update(tables.conversations)
    .where(
        tables.conversations.c.id == bindparam("conversation"),
        tables.conversations.c.epoch == bindparam("known_epoch"),
        tables.conversations.c.owner == "bot",
    )
    .values(failures=bindparam("failed"))
)


class _Lost(Exception):
    """Owner, epoch or lease have changed: roll back."""


class Work:
    """The unanswered messages, shared by all server processes.

    Args:
        lease: how long a claim keeps others away; longer than the assistant's deadline.
        desk: decides within the same transaction whether a person takes over.
    """

    def __init__(self, database: Database, lease: timedelta, desk: DeskPort) -> None:
        self._database = database
        self._lease = lease
        self._desk = desk

    def claim(self, conversation_id: str, at: datetime) -> Claim | None:
        """Lease the oldest unanswered message, or None: nothing to do, or somebody is at it."""
        with self._database.write() as connection:
            try:
                conversation = lock_conversation(connection, conversation_id)
            except ConversationNotFound:
                return None
            row = connection.execute(_OLDEST, {"conversation": conversation_id}).one_or_none()
            if row is None or conversation.owner != "bot":
                return None
            lease = uuid4().hex
            taken = connection.execute(
                _TAKE,
                {
                    "conversation": conversation_id,
                    "number": row.seq,
                    "at": at,
                    "new_lease": lease,
                    "until": at + self._lease,
                    "tries": row.attempts + 1,
                },
            ).rowcount
            if taken != 1:
                return None
            briefing = self._desk.briefing(connection, conversation_id)
        return Claim(
            conversation=conversation_from(conversation),
            seq=row.seq,
            text=row.blocks[0]["text"],
            payload=row.payload,
            masked=row.masked or [],
            lease=lease,
            attempts=row.attempts + 1,
            failures=conversation.failures,
            created_at=row.created_at,
            facts=row.intake or {},
            desk=briefing,
        )

    def answer(self, claim: Claim, replies: list[Reply]) -> list[Message] | None:
        """Write the bot's replies; None (and nothing written) when owner, epoch or lease have changed.

        When the desk takes over on these replies, the customer's message goes to a person.
        """
        return self._settle(
            claim, "bot", tables.ANSWERED, 0, lambda connection: self._desk.arrange(connection, claim, replies)
        )

    def fail(self, claim: Claim, told: Reply) -> list[Message] | None:
        """Write the server's own words instead of an answer; after some failures the desk takes over."""
        failures = claim.failures + 1
        return self._settle(
            claim,
            "system",
            tables.FAILED,
            failures,
            lambda connection: self._desk.failed(connection, claim, told, failures),
        )

    def _settle(
        self,
        claim: Claim,
        role: Role,
        state: str,
        failures: int,
        arrange: Callable[[Connection], Arrangement],
    ) -> list[Message] | None:
        try:
            with self._database.write() as connection:
                self._hold(connection, claim, state, failures)
                arranged = arrange(connection)
                if arranged.handed_over:
                    mine = (_log.c.conversation_id == claim.conversation.id) & (_log.c.seq == claim.seq)
                    connection.execute(update(_log).where(mine).values(answer_state=tables.DESK))
                return [
                    append_reply(connection, claim.conversation.id, role, reply, reply_to=claim.seq, part=part)
                    for part, reply in enumerate(arranged.replies)
                ]
        except _Lost:
            return None

    @staticmethod
    def _hold(connection: Connection, claim: Claim, state: str, failures: int) -> None:
        """Compare epoch, owner and lease, locking the conversation; raise ``_Lost`` if any has changed."""
        conversation = claim.conversation
        same_epoch = connection.execute(
            _SAME_EPOCH, {"conversation": conversation.id, "known_epoch": conversation.epoch, "failed": failures}
        ).rowcount
        if same_epoch != 1:
            raise _Lost()
        closed = connection.execute(
            _CLOSE,
            {"conversation": conversation.id, "number": claim.seq, "own_lease": claim.lease, "state": state},
        ).rowcount
        if closed != 1:
            raise _Lost()

    def release(self, claim: Claim) -> None:
        """Give a claim back unanswered (orderly shutdown); doesn't count as an attempt."""
        with self._database.write() as connection:
            connection.execute(
                update(_log)
                .where(
                    _log.c.conversation_id == claim.conversation.id,
                    _log.c.seq == claim.seq,
                    _log.c.lease == claim.lease,
                )
                .values(lease=None, lease_until=None, attempts=claim.attempts - 1)
            )

    def waiting(self, at: datetime) -> list[str]:
        """Conversations with a message that nobody is answering, at most ``SWEEP_LIMIT``."""
        with self._database.read() as connection:
            found = connection.execute(
                select(_log.c.conversation_id)
                .where(
                    tables.is_open,
                    or_(_log.c.lease_until.is_(None), _log.c.lease_until <= at),
                )
                .distinct()
                .limit(SWEEP_LIMIT)
            )
            return [str(row.conversation_id) for row in found]
