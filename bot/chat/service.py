"""What a customer can do, whichever way it arrives (REST or WebSocket)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog

from bot.chat import wording
from bot.chat.bank_values import BankValues
from bot.chat.conversations import Conversations
from bot.chat.feedback import REASON_MAX_CHARS, Feedback, Value
from bot.chat.intake import Intake, Said
from bot.chat.message_log import MAX_PAGE, MessageLog
from bot.chat.processor import Processor
from bot.chat.records import Ack, Channel, Conversation, CustomerText, Message
from bot.chat.text import customer_text
from bot.chat.threads import DatabaseThreads
from bot.errors import IdentityError, InvalidRequest, MessageEmpty
from bot.http.limits import RateLimits
from bot.http.metrics import Metrics
from bot.identity.host_token import HostCustomer
from bot.identity.sign_in import CustomerSignIn
from bot.store.pubsub import DESK_TOPIC, LOG_GREW, PubSub, desk_event

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Opened:
    """A new conversation: the token is shown this once."""

    conversation: Conversation
    token: str
    messages: list[Message]


class Chat:
    """The customer's side of conversations. All text is cleaned and masked here, before anything else."""

    def __init__(
        self,
        conversations: Conversations,
        message_log: MessageLog,
        feedback: Feedback,
        processor: Processor,
        pubsub: PubSub,
        threads: DatabaseThreads,
        limits: RateLimits,
        metrics: Metrics,
        bank: BankValues,
        intake: Intake,
        customers: CustomerSignIn,
    ) -> None:
        self._conversations = conversations
        self._log = message_log
        self._feedback = feedback
        self._processor = processor
        self._threads = threads
        self.bank = bank
        self._intake = intake
        self._customers = customers
        self.pubsub = pubsub
        self.limits = limits
        self.metrics = metrics

    async def run(self, function: Callable[[], T]) -> T:
        """Call a function that uses the database, in a thread."""
        return await self._threads.run(function)

    async def open(self, channel: Channel, elder: bool, address: str, identity_token: str | None = None) -> Opened:
        """Open a conversation; raises ``RateLimited``, ``IdentityRefused``, ``IdentityExpired``."""
        await self.limits.check_conversation(address)
        with _refusals_logged():
            conversation, token, messages = await self._threads.run(self._open, channel, elder, identity_token)
        self.metrics.messages.labels("bot").inc(len(messages))
        return Opened(conversation, token, messages)

    def _open(
        self, channel: Channel, elder: bool, identity_token: str | None
    ) -> tuple[Conversation, str, list[Message]]:
        bind = None
        if identity_token is not None:
            bind = partial(self._customers.bind, customer=self._customers.check(identity_token))
        return self._log.open(channel, elder, wording.welcome(self.bank), bind)

    async def sign_in(self, conversation_id: str, identity_token: str) -> HostCustomer:
        """Verify the customer of an open conversation.

        Raises:
            IdentityRefused, IdentityExpired, IdentityConflict
        """
        with _refusals_logged():
            customer = await self._threads.run(self._customers.sign_in, conversation_id, identity_token)
        await self.pubsub.publish(DESK_TOPIC, desk_event(conversation_id))
        return customer

    async def sign_out(self, conversation_id: str) -> None:
        """Make the customer of a conversation anonymous."""
        await self._threads.run(self._customers.sign_out, conversation_id)
        await self.pubsub.publish(DESK_TOPIC, desk_event(conversation_id))

    async def authenticate(self, conversation_id: str, token: str) -> Conversation:
        """The conversation opened by ``token``; raises ``ConversationNotFound``."""
        return await self._threads.run(self._conversations.authenticate, conversation_id, token)

    async def send(
        self, conversation_id: str, client_id: str, text: str | None, button_id: str | None, address: str
    ) -> Ack:
        """Write a message into the log and let it be answered; exactly one of text and button.

        Raises:
            RateLimited, TooManyPending, TextError, UnknownButton, InvalidRequest
        """
        await self.limits.check_message(conversation_id, address)
        if text is not None and button_id is not None:
            raise InvalidRequest(field="text、button_id 只能有一个")
        return await self._written(
            conversation_id, await self._threads.run(self._write, conversation_id, client_id, text, button_id, address)
        )

    def _write(
        self, conversation_id: str, client_id: str, text: str | None, button_id: str | None, address: str
    ) -> Ack:
        if button_id is None:
            if text is None:
                raise MessageEmpty()
            typed = self._intake.typed(conversation_id, text, address)
            return self._log.append_customer(conversation_id, client_id, typed)
        button = self._log.button(conversation_id, button_id)
        tapped = self._intake.tapped(button.title, address)
        return self._log.append_customer(conversation_id, client_id, tapped, payload=button.payload)

    async def want_human(self, conversation_id: str, client_id: str, text: str | None, address: str) -> Ack:
        """The button for a person; raises as :meth:`send`."""
        await self.limits.check_message(conversation_id, address)
        return await self._written(
            conversation_id, await self._threads.run(self._want_human, conversation_id, client_id, text, address)
        )

    def _want_human(self, conversation_id: str, client_id: str, text: str | None, address: str) -> Ack:
        said: CustomerText | Said = (
            self._intake.tapped(wording.HUMAN_PLEASE, address)
            if text is None
            else self._intake.typed(conversation_id, text, address)
        )
        return self._log.append_customer(conversation_id, client_id, said, wants_human=True)

    async def leave(self, conversation_id: str, client_id: str, text: str, address: str) -> Ack:
        """A message for a person who answers later; raises as :meth:`send`."""
        await self.limits.check_message(conversation_id, address)
        return await self._written(
            conversation_id, await self._threads.run(self._leave, conversation_id, client_id, text, address)
        )

    def _leave(self, conversation_id: str, client_id: str, text: str, address: str) -> Ack:
        typed = self._intake.typed(conversation_id, text, address)
        return self._log.append_customer(conversation_id, client_id, typed, payload={"desk": "leave"})

    async def _written(self, conversation_id: str, ack: Ack) -> Ack:
        if ack.fresh:
            self.metrics.messages.labels("customer").inc()
            for kind in ack.masked:
                self.metrics.masked.labels(kind).inc()
            await self.pubsub.publish(conversation_id, LOG_GREW)
            if ack.for_desk:
                await self.pubsub.publish(DESK_TOPIC, desk_event(conversation_id))
        self._processor.notify(conversation_id)
        return ack

    async def read(self, conversation_id: str, after: int, limit: int = MAX_PAGE) -> tuple[list[Message], int]:
        """Messages after ``after`` in order, and the log's last number."""
        return await self._threads.run(self._log.read, conversation_id, after, limit)

    async def set_elder(self, conversation_id: str, elder: bool) -> None:
        """Note that large type was switched on or off."""
        await self._threads.run(self._conversations.set_elder, conversation_id, elder)

    async def desk_state(self, conversation_id: str) -> dict[str, Any]:
        """Who speaks now, the place in the queue, what is asked: for the customer's page."""
        return await self._threads.run(self._log.desk_state, conversation_id)

    async def types(self, conversation_id: str, on: bool) -> None:
        """Let the agent see that the customer types."""
        event = {"type": "customer_typing", "conversation_id": conversation_id, "on": on}
        await self.pubsub.publish(DESK_TOPIC, event)

    async def rate(self, conversation_id: str, seq: int, value: Value, reason: str | None, address: str) -> None:
        """Keep a verdict; raises ``MessageNotFound``, ``TextError``, ``RateLimited``."""
        await self.limits.check_message(conversation_id, address)
        await self._threads.run(self._rate, conversation_id, seq, value, reason)

    def _rate(self, conversation_id: str, seq: int, value: Value, reason: str | None) -> None:
        said = customer_text(reason, REASON_MAX_CHARS) if reason and not reason.isspace() else None
        self._feedback.save(conversation_id, seq, value, said)


@contextmanager
def _refusals_logged() -> Iterator[None]:
    """For the bank's engineers: why a token was refused; the customer only hears that it was."""
    try:
        yield
    except IdentityError as error:
        log.warning("identity_refused", code=error.code.value, cause=error.data.get("cause"))
        raise
