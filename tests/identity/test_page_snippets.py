"""What docs/identity.md gives a bank to copy makes tokens that count."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.identity.build import Identity
from bot.settings import IdentityKey
from tests.identity.conftest import MovedClock

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "identity.md").read_text(encoding="utf-8")

MAIN = """
final class Main {
    public static void main(String[] arguments) throws Exception {
        byte[] key = java.util.Base64.getDecoder().decode(arguments[0]);
        var factory = java.security.KeyFactory.getInstance("EC");
        var secret = factory.generatePrivate(new java.security.spec.PKCS8EncodedKeySpec(key));
        System.out.print(NuoyanToken.sign(secret, "customer-1", "5678", 1950));
    }
}
"""


def snippet(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.fixture
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def check(build: Callable[..., Identity], clock: MovedClock, key: ec.EllipticCurvePrivateKey, token: str) -> Any:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    clock.time = datetime.now(timezone.utc)
    bank = build(
        identity_keys=[IdentityKey(kid="2026-11", alg="ES256", key=public)], identity_issuer="https://bank.example"
    )
    return bank.tokens.check(token)


def test_that_the_python_page_signs_in(
    build: Callable[..., Identity], clock: MovedClock, key: ec.EllipticCurvePrivateKey
) -> None:
    names: dict[str, Any] = {}
    exec(snippet("python"), names)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    customer = check(build, clock, key, names["nuoyan_token"](pem, "customer-1", "王小明", "5678", 1950))
    assert (customer.ref, customer.name, customer.tail, customer.elder) == ("customer-1", "王**", "5678", True)


def test_that_the_java_page_signs_in(
    build: Callable[..., Identity], clock: MovedClock, key: ec.EllipticCurvePrivateKey, tmp_path: Path
) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("no Java here")
    source = tmp_path / "Main.java"
    imports, rest = re.split(r"(?=final class)", snippet("java"), maxsplit=1)
    source.write_text(imports + MAIN + rest, encoding="utf-8")
    der = b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
    done = subprocess.run([java, str(source), der], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    customer = check(build, clock, key, done.stdout)
    assert (customer.ref, customer.tail, customer.elder) == ("customer-1", "5678", True)
