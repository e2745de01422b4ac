"""Settings: read from the environment, typed, and never a default secret in production."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import DEVELOPMENT_SECRET, Settings, get_settings

SECRETS = {"NUOYAN_RASA_TOKEN": "a-token-of-the-bank", "NUOYAN_SECRET_KEY": "a-key-of-the-bank"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the machine reaches a test, and none of a test reaches another."""
    for name in Settings.__fields__:
        monkeypatch.delenv(f"NUOYAN_{name.upper()}", raising=False)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_that_development_needs_no_setting() -> None:
    settings = Settings()
    assert settings.env == "development"
    assert settings.host == "127.0.0.1"
    assert settings.database_url == f"sqlite:///{settings.var_dir / 'nuoyan.db'}"
    assert settings.rasa_url.startswith("http://127.0.0.1") and settings.actions_url.startswith("http://127.0.0.1")


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", [None, DEVELOPMENT_SECRET, ""])
def test_that_production_refuses_a_default_or_empty_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    monkeypatch.setenv("NUOYAN_ENV", "production")
    for secret, own in SECRETS.items():
        monkeypatch.setenv(secret, own)
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [error["loc"] for error in refused.value.errors()] == [(name.removeprefix("NUOYAN_").lower(),)]
    assert name in str(refused.value)


def test_that_production_starts_with_the_banks_own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUOYAN_ENV", "production")
    for secret, own in SECRETS.items():
        monkeypatch.setenv(secret, own)
    assert Settings().rasa_token == SECRETS["NUOYAN_RASA_TOKEN"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "staging"),
        ("PORT", "eighty"),
        ("MESSAGE_MAX_CHARS", "0"),
        ("MESSAGE_MAX_CHARS", "20001"),
        ("RATE_PER_MINUTE", "0"),
        ("RATE_CONVERSATIONS_PER_HOUR", "-1"),
        ("RASA_TIMEOUT_S", "0"),
        ("ALLOWED_ORIGINS", "https://bank.example"),
    ],
)
def test_that_a_value_of_the_wrong_kind_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"NUOYAN_{name}", value)
    with pytest.raises(Exception, match=r"(?i)" + name) as refused:
        Settings()
    assert type(refused.value).__name__ in ("ValidationError", "SettingsError")


def test_that_the_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUOYAN_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("NUOYAN_PORT", "8123")
    monkeypatch.setenv("NUOYAN_ALLOWED_ORIGINS", '["https://bank.example"]')
    settings = Settings()
    assert settings.database_url == f"sqlite:///{tmp_path / 'nuoyan.db'}"
    assert (settings.port, settings.allowed_origins) == (8123, ["https://bank.example"])


def test_that_a_database_of_ones_own_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUOYAN_DATABASE_URL", "postgresql://bank@db/nuoyan")
    assert Settings().database_url == "postgresql://bank@db/nuoyan"


def test_that_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = get_settings()
    monkeypatch.setenv("NUOYAN_PORT", "8123")
    assert get_settings() is first
    get_settings.cache_clear()
    assert get_settings().port == 8123


def test_that_workers_of_rasa_listen_on_ports_in_a_row() -> None:
    assert Settings(rasa_url="http://127.0.0.1:5005").rasa_urls == ["http://127.0.0.1:5005"]
    assert Settings(rasa_url="http://rasa:6000", rasa_workers=3).rasa_urls == [
        "http://rasa:6000",
        "http://rasa:6001",
        "http://rasa:6002",
    ]
