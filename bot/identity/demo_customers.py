"""Customers to try the assistant with, and the key that signs them in; in development only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import jwt

from bot.identity.keys import Keys
from bot.settings import IdentityKey
from bot.tokens import new_id

DEMO_KEY_ID = "development"


@dataclass(frozen=True)
class DemoCustomer:
    """What the demo bank's page knows of a customer."""

    ref: str
    name: str
    phone_tail: str
    birth_year: int


DEMO_CUSTOMERS: tuple[DemoCustomer, ...] = (
    DemoCustomer("demo-1", "林小雨", "5678", 1994),
    DemoCustomer("demo-2", "何国强", "4321", 1957),
)


def demo_key(keys: Keys) -> IdentityKey:
    """The signing key of this installation's demo page."""
    return IdentityKey(kid=DEMO_KEY_ID, alg="HS256", key=keys.digest("demo customers"))


def demo_token(keys: Keys, issuer: str, audience: str, ref: str) -> str:
    """A fresh token, as a bank's page would make one; unknown references are customers without a name."""
    known = next((one for one in DEMO_CUSTOMERS if one.ref == ref), None)
    at = int(time.time())
    claims: dict[str, Any] = {
        "sub": ref,
        "iss": issuer,
        "aud": audience,
        "iat": at,
        "exp": at + 300,
        "jti": new_id(),
    }
    if known is not None:
        claims |= {"name": known.name, "phone_tail": known.phone_tail, "birth_year": known.birth_year}
    key = demo_key(keys)
    return jwt.encode(claims, key.key, algorithm=key.alg, headers={"kid": key.kid})
