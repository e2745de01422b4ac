"""Typed settings, read once from the environment (prefix ``NUOYAN_``).

A secret left at its development default refuses to start outside development.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BaseSettings, Field, validator

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "development-only-secret"  # noqa: S105 - refused in production


class IdentityKey(BaseModel):
    """A key that the bank's page signs customers in with; ``key`` is a shared secret (HS256) or a PEM public key."""

    kid: str = Field(..., min_length=1, max_length=64)
    alg: Literal["HS256", "RS256", "ES256"]
    key: str


class Settings(BaseSettings):
    """Everything that differs between one installation and another.

    Raises:
        pydantic.ValidationError: a value has the wrong type, or a secret keeps its
            development default while ``env`` is ``production``.
    """

    env: Literal["development", "production"] = "development"

    # Data
    var_dir: Path = PROJECT_ROOT / "var"
    database_url: str = ""
    redis_url: str | None = None
    knowledge_dir: Path = PROJECT_ROOT / "data" / "knowledge"
    cases_dir: Path = PROJECT_ROOT / "data" / "cases"
    desk_dir: Path = PROJECT_ROOT / "data" / "desk"
    web_dir: Path = PROJECT_ROOT / "web" / "dist"

    # Addresses: only ``host``/``port`` face people; the other two stay on loopback.
    host: str = "127.0.0.1"
    port: int = 8000
    rasa_url: str = "http://127.0.0.1:5005"
    rasa_workers: int = Field(default=1, ge=1, le=64)
    actions_url: str = "http://127.0.0.1:5055"
    allowed_origins: list[str] = Field(default_factory=list)

    # The bank's own case system; without an address cases are kept in our database.
    case_system_url: str = ""
    case_system_token: str = ""
    case_system_timeout_s: float = Field(default=4.0, gt=0, le=30)

    # Secrets
    rasa_token: str = DEVELOPMENT_SECRET
    secret_key: str = DEVELOPMENT_SECRET
    old_secret_keys: list[str] = Field(default_factory=list)

    # Customers signed in by the bank's page
    identity_keys: list[IdentityKey] = Field(default_factory=list)
    identity_issuer: str = ""
    identity_audience: str = "nuoyan"
    identity_minutes: int = Field(default=60, ge=1, le=24 * 60)

    # One-time codes
    sms_url: str = ""
    sms_token: str = ""
    sms_signature: str = "诺言银行"
    sms_timeout_s: float = Field(default=2.0, gt=0, le=4)

    # Staff
    staff_idle_minutes: int = Field(default=30, ge=1, le=24 * 60)
    staff_session_hours: int = Field(default=12, ge=1, le=24)
    staff_tries_per_address: int = Field(default=5, ge=1)

    # Limits
    message_max_chars: int = Field(default=2000, ge=1, le=20_000)
    rate_per_minute: int = Field(default=30, ge=1)
    rate_conversations_per_hour: int = Field(default=60, ge=1)
    rasa_timeout_s: float = Field(default=8.0, gt=0)

    @validator("database_url", always=True)
    def _default_database(cls, value: str, values: dict[str, Any]) -> str:
        return value or f"sqlite:///{values['var_dir'] / 'nuoyan.db'}"

    @validator("rasa_token", "secret_key", always=True)
    def _no_default_secret_in_production(cls, value: str, values: dict[str, Any]) -> str:
        if values.get("env") == "production" and value in ("", DEVELOPMENT_SECRET):
            raise ValueError("生产环境必须设置自己的密钥(NUOYAN_RASA_TOKEN、NUOYAN_SECRET_KEY)")
        return value

    @property
    def rasa_urls(self) -> list[str]:
        """The addresses of all Rasa workers: ports counted up from the one of ``rasa_url``."""
        if self.rasa_workers == 1:
            return [self.rasa_url]
        base = urlsplit(self.rasa_url)
        first = base.port or 80
        return [
            base._replace(netloc=f"{base.hostname}:{first + number}").geturl() for number in range(self.rasa_workers)
        ]

    class Config:
        env_prefix = "NUOYAN_"
        keep_untouched = (property,)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read from the environment on first use."""
    return Settings()
