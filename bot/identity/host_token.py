"""Customers whom the bank's own page has signed in: a short-lived JWT (RFC 7519), checked strictly (RFC 8725).

The key decides the algorithm, never the token; issuer, audience, times and a name for the token (``jti``) must be
there; a token counts once and is at most five minutes old. Names are masked before anything else sees them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import delete
from sqlalchemy.engine import Connection

from bot.cases.secrecy import masked_name
from bot.errors import ConfigurationError, IdentityExpired, IdentityRefused
from bot.identity.clock import Clock, utc_now
from bot.identity.keys import Keys
from bot.settings import IdentityKey
from bot.store.database import Database
from bot.store.identity_tables import used_tokens
from bot.store.upsert import insert_missing

MAX_AGE_S = 300
LEEWAY_S = 30
MAX_CHARS = 4096
ELDER_AGE = 60
_LEAST_SECRET = 32
_LEAST_RSA_BITS = 2048
_NEEDED = ("sub", "iss", "aud", "iat", "exp", "jti")


@dataclass(frozen=True)
class HostCustomer:
    """A customer as the bank's page vouches for them.

    Attributes:
        ref: the bank's own opaque reference.  name: masked (``王**``) or empty.  tail: of the phone, or empty.
        elder: at least sixty, or said so.
    """

    ref: str
    name: str
    tail: str
    elder: bool
    token_name: str
    expires_at: datetime


class HostTokens:
    """Checks tokens of the bank's page.

    Args:
        keys: by ``kid``; several at once, so that they can be changed without a gap.

    Raises:
        ConfigurationError: a key that does not fit its algorithm, is too weak or private.
    """

    def __init__(
        self,
        database: Database,
        digests: Keys,
        keys: Sequence[IdentityKey],
        issuer: str,
        audience: str,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._digests = digests
        self._keys = {key.kid: (key.alg, _usable(key)) for key in keys}
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    def check(self, token: str) -> HostCustomer:
        """Who the token speaks of; it still has to be used up (:meth:`use`).

        Raises:
            IdentityExpired: it was good and has run out.
            IdentityRefused: everything else that is wrong with it.
        """
        claims = self._claims(token)
        expires_at = self._check_times(claims)
        ref, name_of_token = claims["sub"], claims["jti"]
        if not _plain(ref, 64) or not _plain(name_of_token, 128):
            raise IdentityRefused(cause="claims")
        name, tail = claims.get("name", ""), claims.get("phone_tail", "")
        if not isinstance(name, str) or len(name) > 40 or not name.isprintable():
            raise IdentityRefused(cause="claims")
        if not isinstance(tail, str) or not _is_tail(tail):
            raise IdentityRefused(cause="claims")
        return HostCustomer(ref, masked_name(name), tail, self._elder(claims), name_of_token, expires_at)

    def use(self, connection: Connection, customer: HostCustomer) -> None:
        """Use a token up in the caller's transaction; raises ``IdentityRefused`` the second time."""
        digest = self._digests.digest("host token", self._issuer, customer.token_name)
        kept_until = customer.expires_at + timedelta(seconds=LEEWAY_S)
        if insert_missing(connection, used_tokens, [{"jti_hash": digest, "expires_at": kept_until}]) != 1:
            raise IdentityRefused(cause="replayed")

    def sweep(self) -> int:
        """Forget used tokens that have run out; returns how many."""
        with self._database.write() as connection:
            old = delete(used_tokens).where(used_tokens.c.expires_at <= self._clock())
            deleted: int = connection.execute(old).rowcount
        return deleted

    def _claims(self, token: str) -> Mapping[str, Any]:
        if len(token) > MAX_CHARS or not token.isascii():
            raise IdentityRefused(cause="form")
        try:
            header = jwt.get_unverified_header(token)
            kid = header.get("kid")
            if not isinstance(kid, str) or kid not in self._keys or "crit" in header:
                raise IdentityRefused(cause="key")
            algorithm, key = self._keys[kid]
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={
                    "require": list(_NEEDED),
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise IdentityRefused(cause=type(error).__name__) from None
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> datetime:
        """Times by our own clock."""
        at = self._clock().timestamp()
        times = [claims["iat"], claims["exp"], claims.get("nbf", claims["iat"])]
        if any(isinstance(one, bool) or not isinstance(one, (int, float)) or not math.isfinite(one) for one in times):
            raise IdentityRefused(cause="times")
        issued, expires, begins = times
        if max(issued, begins) > at + LEEWAY_S or not 0 < expires - issued <= MAX_AGE_S:
            raise IdentityRefused(cause="times")
        if min(expires, issued + MAX_AGE_S) + LEEWAY_S <= at:
            raise IdentityExpired(cause="expired")
        return datetime.fromtimestamp(expires, timezone.utc)

    def _elder(self, claims: Mapping[str, Any]) -> bool:
        said, born = claims.get("elder", False), claims.get("birth_year")
        if not isinstance(said, bool) or not (born is None or (isinstance(born, int) and 1880 < born < 2200)):
            raise IdentityRefused(cause="claims")
        return said or (born is not None and self._clock().year - born >= ELDER_AGE)


def _plain(value: Any, most: int) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= most and value.isascii() and value.isprintable()


def _is_tail(value: str) -> bool:
    return value == "" or (len(value) == 4 and value.isascii() and value.isdigit())


def _usable(key: IdentityKey) -> Any:
    """The key as the library wants it.

    Raises:
        ConfigurationError: the wrong kind for its algorithm, too weak, or a private key, which has no business here.
    """
    if key.alg == "HS256":
        if len(key.key.encode()) < _LEAST_SECRET or "-----BEGIN" in key.key:
            raise _unusable(key, f"HS256 密钥至少 {_LEAST_SECRET} 字节")
        return key.key
    try:
        public = load_pem_public_key(key.key.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unusable(key, "不是 PEM 公钥") from error
    if key.alg == "RS256" and isinstance(public, RSAPublicKey) and public.key_size >= _LEAST_RSA_BITS:
        return public
    if key.alg == "ES256" and isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1):
        return public
    raise _unusable(key, f"与算法 {key.alg} 不符,或强度不够")


def _unusable(key: IdentityKey, reason: str) -> ConfigurationError:
    return ConfigurationError(setting="NUOYAN_IDENTITY_KEYS", reason=f"密钥 {key.kid}:{reason}")
