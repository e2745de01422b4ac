"""Unguessable names: conversation ids, tokens, button ids. Only a token's hash is ever stored."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

_ID = re.compile(r"[A-Za-z0-9_\-]{1,32}")


def looks_like_id(value: str) -> bool:
    """Whether ``value`` could be an id of ours; anything else never reaches the database."""
    return _ID.fullmatch(value) is not None


def new_id() -> str:
    """A fresh id of 128 random bits (22 URL-safe characters)."""
    return secrets.token_urlsafe(16)


def new_token() -> str:
    """A fresh secret of 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """SHA-256 in hex; enough for 256 random bits, no salt or stretching needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def token_matches(token: str, token_hash: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(hash_token(token), token_hash)
