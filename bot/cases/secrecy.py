"""Sealing contacts, signing the audit chain, masking names and phones."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

from bot.identity.keys import Keys

#: What contacts are encrypted for; the same wherever a contact is kept.
CONTACT = "contact"

_NOT_DIGITS = re.compile(r"[^0-9]")


class Signer:
    """Signs entries of the audit chain; an entry names its key, so that the secret can change.

    Args:
        secrets: all secrets, the present one first; former ones verify and sign nothing new.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = {self._name(secret): Keys(secret) for secret in secrets}
        self.key_id = self._name(secrets[0])

    @staticmethod
    def _name(secret: str) -> str:
        return Keys(secret).digest("audit key")[:8]

    def sign(self, content: str) -> str:
        """The signature of ``content`` with the present key, in hex."""
        return self._keys[self.key_id].digest("audit", content)

    def fits(self, content: str, digest: str, key_id: str) -> bool:
        """Whether ``digest`` is the signature of ``content``; False for an unknown key."""
        return key_id in self._keys and hmac.compare_digest(self._keys[key_id].digest("audit", content), digest)


def phone_tail(contact: str) -> str:
    """The last four digits of a contact, or nothing."""
    return _NOT_DIGITS.sub("", contact)[-4:]


def masked_contact(tail: str) -> str:
    """``手机尾号5678``."""
    return f"手机尾号{tail}" if tail else ""


def masked_name(name: str) -> str:
    """``王**``: the first character stays."""
    plain = name.strip()
    return plain[0] + "*" * min(len(plain) - 1, 3) if plain else ""
