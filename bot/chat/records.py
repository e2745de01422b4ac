"""What the repositories hand out: plain records, no database types."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Role = Literal["customer", "bot", "agent", "system"]
Owner = Literal["bot", "queue", "human"]
Channel = Literal["web", "app"]


@dataclass(frozen=True)
class Conversation:
    """One customer's conversation; ``epoch`` grows with every change of ``owner``.

    ``identity`` is ``anonymous``, ``code`` (proved a case to be theirs) or ``verified`` (signed in on the bank's page,
    ``customer_ref`` then is the bank's own reference, with masked name and phone tail); both run out.
    """

    id: str
    channel: Channel
    elder: bool
    identity: str
    owner: Owner
    epoch: int
    last_seq: int
    customer_ref: str | None = None
    customer_name: str | None = None
    customer_tail: str | None = None


@dataclass(frozen=True)
class Message:
    """One row of the log as a client sees it; ``author`` is the number of the agent who wrote it."""

    seq: int
    role: Role
    blocks: list[dict[str, Any]]
    created_at: datetime
    client_id: str | None = None
    masked: list[str] = field(default_factory=list)
    routing: dict[str, Any] | None = None
    author: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The message's JSON form; ``created_at`` is ISO 8601 in UTC."""
        plain: dict[str, Any] = {
            "seq": self.seq,
            "role": self.role,
            "blocks": self.blocks,
            "created_at": self.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if self.client_id is not None:
            plain["client_id"] = self.client_id
        if self.role == "customer":
            plain["masked"] = self.masked
        if self.routing is not None:
            plain["routing"] = self.routing
        if self.author is not None:
            plain["agent"] = self.author
        return plain


@dataclass(frozen=True)
class CustomerText:
    """What a customer said, cleaned and masked: the only form in which it goes anywhere.

    ``facts``: what was taken out of it before masking (:mod:`bot.chat.intake`); goes to the assistant as metadata.
    """

    text: str
    masked: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ack:
    """A customer's message is in the log; ``fresh`` is false for a retry, ``for_desk``: a person has it."""

    seq: int
    client_id: str
    masked: list[str]
    fresh: bool = True
    for_desk: bool = False


@dataclass(frozen=True)
class Claim:
    """An unanswered message which this process has leased, and what it needs to answer it.

    ``lease`` is unique to this claim: the answer is only written while the row still carries it.
    ``facts`` came with the message (:class:`CustomerText`).
    ``desk`` is what the assistant must know of the desk, for example what an agent has settled.
    """

    conversation: Conversation
    seq: int
    text: str
    payload: dict[str, Any] | None
    masked: list[str]
    lease: str
    attempts: int
    failures: int
    created_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    desk: dict[str, Any] | None = None

    @property
    def message_id(self) -> str:
        """The same for every attempt at this message."""
        return f"{self.conversation.id}-{self.seq}"
