"""Everything derived from the installation's secret: one key a purpose, older secrets still readable.

A change of the secret (``NUOYAN_SECRET_KEY``) is a rotation when the old one is listed in
``NUOYAN_OLD_SECRET_KEYS``: what was encrypted before stays readable; what is written is written with the present key.
Digests are made with the present secret only; everything that rests on them is short-lived.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"nuoyan {purpose}".encode()).derive(secret.encode())


class Keys:
    """Digests and encryption for one installation.

    Args:
        secret: the present secret.
        older: former secrets, for reading only.
    """

    def __init__(self, secret: str, older: Sequence[str] = ()) -> None:
        self._secrets = (secret, *older)

    def digest(self, purpose: str, *parts: str) -> str:
        """HMAC-SHA256 in hex of ``parts`` (64 characters); parts can't run into each other."""
        message = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
        return hmac.new(_derived(self._secrets[0], purpose), message, hashlib.sha256).hexdigest()

    def encrypt(self, purpose: str, value: str) -> str:
        """``value`` encrypted and authenticated (Fernet) for ``purpose``."""
        return self._box(purpose).encrypt(value.encode()).decode()

    def decrypt(self, purpose: str, value: str) -> str | None:
        """What :meth:`encrypt` was given, or None: another purpose, a lost key, or tampered with."""
        try:
            return self._box(purpose).decrypt(value.encode()).decode()
        except InvalidToken:
            return None

    def _box(self, purpose: str) -> MultiFernet:
        return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(one, purpose))) for one in self._secrets])
