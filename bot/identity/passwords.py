"""Passwords: what is accepted, how they are kept."""

from __future__ import annotations

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import PasswordWeak

MIN_CHARS, MAX_CHARS = 10, 128
_LEAST_DIFFERENT = 5

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Argon2id with a salt of its own."""
    return _hasher.hash(password)


#: Verified in place of an unknown account's hash, so that both take the same time.
NOBODY = hash_password("")


def verify_password(password_hash: str, password: str) -> bool:
    """Whether ``password`` is the one that was hashed; the work is the same either way."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def check_strength(password: str, account: str) -> None:
    """Length counts, not kinds of characters (NIST SP 800-63B 3.1.1).

    Raises:
        PasswordWeak: shorter than 10 or longer than 128 characters, fewer than five different ones, or the
            account's own name in it.
    """
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise PasswordWeak()
    if len(set(password)) < _LEAST_DIFFERENT or account.lower() in password.lower():
        raise PasswordWeak()
