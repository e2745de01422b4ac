"""What is taken out of a customer's message before it is masked and stored.

* A one-time code that was asked for is checked here and leaves the text: neither log nor assistant ever sees it,
  only the outcome.
* A phone number goes, encrypted, to the contacts; the assistant gets its tail and a token for it.
* The caller's address goes on as a digest, so that tries are counted per address wherever they are checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from bot.chat.records import CustomerText
from bot.chat.text import clean
from bot.identity.build import Identity
from bot.identity.typed import typed_code, typed_phone
from bot.privacy import mask

#: Makes the text to store, within the transaction that stores it, so that a retry never checks a code twice.
Said = Callable[[Connection], CustomerText]


class Intake:
    """Prepares what customers type.

    Args:
        max_chars: longest message.
    """

    def __init__(self, identity: Identity, max_chars: int) -> None:
        self._identity = identity
        self._max_chars = max_chars

    def typed(self, conversation_id: str, text: str, address: str) -> Said:
        """What to store of a typed text.

        Raises:
            bot.errors.TextError: it can't be taken as it is.
        """
        cleaned = clean(text, self._max_chars)
        plain, code = mask(cleaned), typed_code(cleaned)
        asked = mask(code.text) if code is not None else plain
        phone = typed_phone(cleaned, plain)
        common = self.facts(address)

        def said(connection: Connection) -> CustomerText:
            facts: dict[str, Any] = dict(common)
            found = plain
            challenge = self._identity.codes.challenge(connection, conversation_id) if code is not None else None
            if challenge is not None and code is not None:
                found = asked
                facts["otp"] = self._identity.codes.check(connection, challenge, code.code, facts["origin"])
                if facts["otp"] == "accepted":
                    facts["otp_case"] = challenge.case_number
            if phone is not None:
                token, tail = self._identity.contacts.keep(connection, conversation_id, phone)
                facts["contact"] = {"tail": tail, "token": token}
            return CustomerText(found.text, tuple(found.kinds), facts)

        return said

    def tapped(self, title: str, address: str) -> CustomerText:
        """What to store of a tapped button."""
        return CustomerText(title, facts=self.facts(address))

    def facts(self, address: str) -> dict[str, Any]:
        """What is known of every message."""
        return {"origin": self._identity.origin(address)}
