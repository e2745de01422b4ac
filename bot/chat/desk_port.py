"""What the chat asks of the desk, so that messages and handoffs change together in one transaction.

The chat knows nothing of queues and agents; ``bot.desk.desk`` implements this. Every method runs within the
caller's write transaction, which holds the conversation's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import Connection

from bot.blocks import Reply
from bot.chat.records import Claim, CustomerText


@dataclass(frozen=True)
class Arrangement:
    """The bot's replies as they are stored; ``handed_over``: the customer's message goes to a person."""

    replies: list[Reply]
    handed_over: bool


class DeskPort(Protocol):
    """The desk as the chat sees it."""

    def arrange(self, connection: Connection, claim: Claim, replies: list[Reply]) -> Arrangement:
        """Decide on the bot's replies whether a person is needed, and arrange it."""

    def failed(self, connection: Connection, claim: Claim, told: Reply, failures: int) -> Arrangement:
        """The assistant gave no answer; ``told`` is what the server would say, ``failures`` in a row so far."""

    def wished(self, connection: Connection, conversation: Any) -> Reply:
        """The customer pressed the button for a person."""

    def arrived(self, connection: Connection, conversation: Any) -> None:
        """A customer's message is about to be written."""

    def heard(
        self, connection: Connection, conversation: Any, said: CustomerText, payload: dict[str, Any] | None
    ) -> Reply | None:
        """A customer's message for the desk was written; what is said to it."""

    def briefing(self, connection: Connection, conversation_id: str) -> dict[str, Any] | None:
        """What the assistant must know of the desk for its next answer, e.g. what an agent has settled."""

    def state(self, connection: Connection, conversation: Any) -> dict[str, Any]:
        """Who speaks, queue place, what the customer is asked: for the customer's page."""
