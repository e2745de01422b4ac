"""Tokens of the bank's page: what is accepted, and everything a forger could try."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import select

from bot.errors import ConfigurationError, IdentityConflict, IdentityExpired, IdentityRefused
from bot.identity.build import Identity
from bot.settings import IdentityKey
from bot.store.case_tables import case_access
from bot.store.database import Database
from bot.store.tables import conversations
from tests.identity.conftest import MovedClock

SECRET = "a-shared-secret-of-at-least-32-bytes"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def pem(public: Any) -> str:
    return str(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def private_pem(private: Any) -> str:
    return str(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


KEYS = [
    IdentityKey(kid="hs", alg="HS256", key=SECRET),
    IdentityKey(kid="rs", alg="RS256", key=pem(RSA.public_key())),
    IdentityKey(kid="es", alg="ES256", key=pem(EC.public_key())),
]
SIGNERS = {"hs": ("HS256", SECRET), "rs": ("RS256", RSA), "es": ("ES256", EC)}
BANK = {"identity_keys": KEYS, "identity_issuer": "https://bank.example", "identity_audience": "nuoyan-test"}


class Page:
    """The bank's page, which signs its customers in."""

    def __init__(self, clock: MovedClock) -> None:
        self.clock = clock
        self.count = 0

    def claims(self, **changes: Any) -> dict[str, Any]:
        self.count += 1
        at = int(self.clock().timestamp())
        plain = {
            "sub": "customer-1",
            "iss": "https://bank.example",
            "aud": "nuoyan-test",
            "iat": at,
            "exp": at + 120,
            "jti": f"token-{self.count}",
            "name": "王小明",
            "phone_tail": "5678",
            "birth_year": 1990,
        }
        return {key: value for key, value in {**plain, **changes}.items() if value is not None}

    def token(self, kid: str = "hs", headers: dict[str, Any] | None = None, **changes: Any) -> str:
        algorithm, key = SIGNERS[kid]
        return jwt.encode(self.claims(**changes), key, algorithm, headers={"kid": kid, **(headers or {})})


@pytest.fixture
def page(clock: MovedClock) -> Page:
    return Page(clock)


@pytest.fixture
def bank(build: Callable[..., Identity]) -> Identity:
    return build(**BANK)


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("kid", SIGNERS)
def test_that_each_kind_of_key_vouches(bank: Identity, page: Page, kid: str) -> None:
    customer = bank.tokens.check(page.token(kid))
    assert (customer.ref, customer.name, customer.tail, customer.elder) == ("customer-1", "王**", "5678", False)


@pytest.mark.parametrize(
    ("changes", "elder"),
    [({"birth_year": 1966}, True), ({"birth_year": 1967}, False), ({"birth_year": None, "elder": True}, True)],
)
def test_that_sixty_is_elder(bank: Identity, page: Page, changes: dict[str, Any], elder: bool) -> None:
    assert bank.tokens.check(page.token(**changes)).elder is elder


def test_that_little_is_enough(bank: Identity, page: Page) -> None:
    customer = bank.tokens.check(page.token(name=None, phone_tail=None, birth_year=None))
    assert (customer.name, customer.tail, customer.elder) == ("", "", False)


FORGED: dict[str, Callable[[Page], str]] = {
    "alg none": lambda page: f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': 'hs'})}.{encoded(page.claims())}.",
    "alg none, signed": lambda page: (
        f"{encoded({'alg': 'none', 'kid': 'hs'})}.{encoded(page.claims())}." + page.token().split(".")[2]
    ),
    "no kid": lambda page: jwt.encode(page.claims(), SECRET, "HS256"),
    "unknown kid": lambda page: jwt.encode(page.claims(), SECRET, "HS256", headers={"kid": "old"}),
    "kid of a path": lambda page: jwt.encode(page.claims(), "x" * 40, "HS256", headers={"kid": "../../dev/null"}),
    "other secret": lambda page: jwt.encode(page.claims(), "x" * 40, "HS256", headers={"kid": "hs"}),
    "public key as secret": lambda page: confused(page, "rs", KEYS[1].key),
    "wrong algorithm of the key": lambda page: jwt.encode(page.claims(), SECRET * 2, "HS512", headers={"kid": "hs"}),
    "key of another kid": lambda page: jwt.encode(page.claims(), EC, "ES256", headers={"kid": "rs"}),
    "critical header": lambda page: page.token(headers={"crit": ["b64"], "b64": False}),
    "own key in the header": lambda page: jwt.encode(
        page.claims(), "y" * 40, "HS256", headers={"kid": "hs", "jwk": {"kty": "oct", "k": "eXl5"}}
    ),
    "changed claims": lambda page: swapped(page),
    "cut off": lambda page: page.token()[:-2],
    "no signature": lambda page: page.token().rsplit(".", 1)[0] + ".",
    "no token": lambda page: "hello",
    "empty": lambda page: "",
    "dots": lambda page: "..",
    "too long": lambda page: page.token(name="王" * 4000),
    "not ascii": lambda page: "令牌." + page.token(),
    "lone surrogate": lambda page: "\ud800",
    "deep": lambda page: f"{encoded({'alg': 'HS256', 'kid': 'hs'})}.{base64.urlsafe_b64encode(b'[' * 2000).decode()}.x",
    "claims no object": lambda page: jwt.api_jws.encode(b"[1]", SECRET, "HS256", headers={"kid": "hs"}),
    "wrong audience": lambda page: page.token(aud="another-service"),
    "several audiences": lambda page: page.token(aud=["nuoyan-test", "another-service"]),
    "wrong issuer": lambda page: page.token(iss="https://evil.example"),
    "not yet valid": lambda page: page.token(nbf=int(page.clock().timestamp()) + 60),
    "from the future": lambda page: page.token(iat=page.claims()["iat"] + 60, exp=page.claims()["iat"] + 120),
    "good for too long": lambda page: page.token(exp=page.claims()["iat"] + 301),
    "ends before it begins": lambda page: page.token(exp=page.claims()["iat"] - 1),
    "times in words": lambda page: page.token(exp="tomorrow"),
    "times true": lambda page: page.token(iat=True),
    "infinite": lambda page: page.token(exp=float("inf")),
    "no number": lambda page: page.token(exp=float("nan")),
    **{f"no {name}": (lambda page, name=name: page.token(**{name: None})) for name in ("sub", "iss", "aud", "jti")},
    **{f"no {name}": (lambda page, name=name: page.token(**{name: None})) for name in ("iat", "exp")},
    "empty sub": lambda page: page.token(sub=""),
    "long sub": lambda page: page.token(sub="x" * 65),
    "sub a number": lambda page: swapped(page, sub=5),
    "sub with control characters": lambda page: page.token(sub="a\nb"),
    "jti a list": lambda page: swapped(page, jti=["a"]),
    "name with control characters": lambda page: page.token(name="\x00王"),
    "name a list": lambda page: page.token(name=["王"]),
    "tail too long": lambda page: page.token(phone_tail="13800005678"),
    "tail in other digits": lambda page: page.token(phone_tail="５６７８"),
    "elder in words": lambda page: page.token(elder="yes"),
    "born in words": lambda page: page.token(birth_year="1990"),
}


def confused(page: Page, kid: str, key: str) -> str:
    """A token whose HMAC is made with a public key (the library itself refuses to make one)."""
    signed = f"{encoded({'alg': 'HS256', 'kid': kid})}.{encoded(page.claims())}"
    digest = hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def swapped(page: Page, **changes: Any) -> str:
    """Without changes: somebody else's claims under a good signature; with them: well signed, odd claims."""
    if not changes:
        head, _claims, signature = page.token().split(".")
        return f"{head}.{encoded(page.claims(sub='customer-2'))}.{signature}"
    signed = f"{encoded({'alg': 'HS256', 'kid': 'hs'})}.{encoded(page.claims(**changes))}"
    digest = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
def test_that_forgeries_are_refused(bank: Identity, page: Page, make: Callable[[Page], str]) -> None:
    with pytest.raises(IdentityRefused) as refused:
        bank.tokens.check(make(page))
    assert "customer-1" not in str(refused.value) and "王" not in str(refused.value)


def test_that_a_token_runs_out(bank: Identity, page: Page, clock: MovedClock) -> None:
    token = page.token()
    clock.move(seconds=149)
    bank.tokens.check(token)
    clock.move(seconds=1)
    with pytest.raises(IdentityExpired):
        bank.tokens.check(token)


def test_that_keys_are_changed_without_a_gap(build: Callable[..., Identity], page: Page) -> None:
    old = page.token("hs")
    new = IdentityKey(kid="hs-2", alg="HS256", key="z" * 40)
    both = build(**{**BANK, "identity_keys": [KEYS[0], new]})
    assert both.tokens.check(old).ref == "customer-1"
    renewed = jwt.encode(page.claims(), "z" * 40, "HS256", headers={"kid": "hs-2"})
    assert both.tokens.check(renewed).ref == "customer-1"
    after = build(**{**BANK, "identity_keys": [new]})
    with pytest.raises(IdentityRefused):
        after.tokens.check(old)


@pytest.mark.parametrize(
    "key",
    [
        IdentityKey(kid="x", alg="HS256", key="short"),
        IdentityKey(kid="x", alg="HS256", key=pem(RSA.public_key())),
        IdentityKey(kid="x", alg="RS256", key="no key"),
        IdentityKey(kid="x", alg="RS256", key=pem(EC.public_key())),
        IdentityKey(kid="x", alg="ES256", key=pem(RSA.public_key())),
        IdentityKey(kid="x", alg="RS256", key=private_pem(RSA)),
        IdentityKey(kid="x", alg="ES256", key=pem(ec.generate_private_key(ec.SECP384R1()).public_key())),
        IdentityKey(
            kid="x", alg="RS256", key=pem(rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key())
        ),
    ],
)
def test_that_unfit_keys_refuse_to_start(build: Callable[..., Identity], key: IdentityKey) -> None:
    with pytest.raises(ConfigurationError) as refused:
        build(**{**BANK, "identity_keys": [key]})
    assert key.key not in str(refused.value)


def test_that_keys_need_an_issuer_in_production(build: Callable[..., Identity], page: Page) -> None:
    production = {"env": "production", "rasa_token": "own", "secret_key": "own"}
    with pytest.raises(ConfigurationError):
        build(**production, identity_keys=KEYS)
    with pytest.raises(IdentityRefused):
        build(**production).tokens.check(page.token())


def test_that_the_demo_key_is_of_development_only(build: Callable[..., Identity], clock: MovedClock) -> None:
    from bot.identity.demo_customers import demo_token

    development = build()
    token = demo_token(development.keys, development.issuer, development.audience, "demo-2")
    clock.time = clock.time.now(clock.time.tzinfo)
    assert development.tokens.check(token).elder is True
    live = build(
        env="production",
        rasa_token="own",
        secret_key="development-only-secret-2",
        identity_keys=KEYS,
        identity_issuer=development.issuer,
        identity_audience=development.audience,
    )
    with pytest.raises(IdentityRefused):
        live.tokens.check(demo_token(live.keys, development.issuer, development.audience, "demo-2"))


def row(database: Database, conversation: str) -> Any:
    with database.read() as connection:
        return connection.execute(select(conversations).where(conversations.c.id == conversation)).one()


def test_that_signing_in_binds_a_conversation_to_one_customer(
    bank: Identity, page: Page, conversation: Callable[[], str], database: Database
) -> None:
    here = conversation()
    bank.customers.sign_in(here, page.token(birth_year=1950))
    now = row(database, here)
    assert (now.identity, now.customer_ref, now.customer_name, now.customer_tail) == (
        "verified",
        "customer-1",
        "王**",
        "5678",
    )
    assert now.elder is True and now.epoch == 0
    bank.customers.sign_in(here, page.token())
    with database.write() as connection:
        connection.execute(
            case_access.insert().values(conversation_id=here, case_number="N", unlocked_at=now.created_at)
        )
    bank.customers.sign_out(here)
    bank.customers.sign_out(here)
    out = row(database, here)
    assert (out.identity, out.customer_name, out.customer_tail) == ("anonymous", None, None)
    with database.read() as connection:
        assert connection.execute(select(case_access)).all() == []
    with pytest.raises(IdentityConflict):
        bank.customers.sign_in(here, page.token(sub="customer-2"))
    bank.customers.sign_in(here, page.token())
    assert row(database, here).identity == "verified"


def test_that_a_token_counts_once_on_all_servers(
    build: Callable[..., Identity], page: Page, conversation: Callable[[], str], clock: MovedClock
) -> None:
    servers = [build(**BANK) for _ in range(4)]
    token, start, outcomes = page.token(), threading.Barrier(8), list[str]()
    rooms = [conversation() for _ in range(8)]

    def use(n: int) -> None:
        start.wait()
        try:
            servers[n % 4].customers.sign_in(rooms[n], token)
            outcomes.append("in")
        except IdentityRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=use, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["refused"] * 7
    clock.move(seconds=149)
    assert servers[0].tokens.sweep() == 0
    clock.move(seconds=1)
    assert servers[0].tokens.sweep() == 1
    with pytest.raises(IdentityExpired):
        servers[0].tokens.check(token)


def test_that_a_refused_sign_in_does_not_use_up_the_token(
    bank: Identity, page: Page, conversation: Callable[[], str]
) -> None:
    here, token = conversation(), page.token(sub="customer-2")
    bank.customers.sign_in(here, page.token())
    with pytest.raises(IdentityConflict):
        bank.customers.sign_in(here, token)
    bank.customers.sign_in(conversation(), token)
