"""A second factor: codes of an authenticator app (TOTP, RFC 6238). Secrets are stored encrypted."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from bot.errors import AccountNotFound, LoginRefused
from bot.identity.clock import Clock, utc_now
from bot.identity.keys import Keys
from bot.identity.staff_audit import StaffAudit
from bot.store.database import Database
from bot.store.identity_tables import staff

STEP_S = 30
_PURPOSE = "staff totp"
_AROUND = (0, -1, 1)


class StaffTotp:
    """Enrolling and checking codes; a code counts once (RFC 6238 5.2)."""

    def __init__(self, database: Database, keys: Keys, audit: StaffAudit, issuer: str, clock: Clock = utc_now) -> None:
        self._database = database
        self._keys = keys
        self._audit = audit
        self._issuer = issuer
        self._clock = clock

    def begin(self, account: str) -> tuple[str, str]:
        """A new secret, not in force before :meth:`confirm`; returns it and its ``otpauth://`` address."""
        secret = pyotp.random_base32()
        with self._database.write() as connection:
            pending = self._keys.encrypt(_PURPOSE, secret)
            connection.execute(update(staff).where(staff.c.id == account).values(totp_pending=pending))
        return secret, pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=self._issuer)

    def confirm(self, account: str, code: str) -> None:
        """Put the new secret in force if ``code`` comes from it; raises ``LoginRefused``."""
        with self._database.write() as connection:
            row = connection.execute(select(staff).where(staff.c.id == account).with_for_update()).one_or_none()
            if row is None:
                raise AccountNotFound()
            step = self._step(row.totp_pending, code, self._clock())
            if step is None:
                raise LoginRefused()
            connection.execute(
                update(staff)
                .where(staff.c.id == account)
                .values(totp_secret=row.totp_pending, totp_pending=None, totp_last_step=step)
            )
            self._audit.record(connection, account, "totp_enrolled", account)

    def remove(self, account: str) -> None:
        """Take the second factor off one's own account."""
        with self._database.write() as connection:
            values = {"totp_secret": None, "totp_pending": None, "totp_last_step": None}
            connection.execute(update(staff).where(staff.c.id == account).values(**values))
            self._audit.record(connection, account, "totp_removed", account)

    def use(self, connection: Connection, row: Any, code: str) -> bool:
        """Whether ``code`` is right for a locked row of ``staff`` and newer than the last one; then it is used up."""
        step = self._step(row.totp_secret, code, self._clock())
        if step is None or (row.totp_last_step is not None and step <= row.totp_last_step):
            return False
        values: dict[str, Any] = {"totp_last_step": step}
        secret = self._keys.decrypt(_PURPOSE, row.totp_secret)
        if secret is not None:  # written anew with the present key
            values["totp_secret"] = self._keys.encrypt(_PURPOSE, secret)
        connection.execute(update(staff).where(staff.c.id == row.id).values(**values))
        return True

    def _step(self, encrypted: str | None, code: str, at: datetime) -> int | None:
        """The time step that ``code`` belongs to, one around the present."""
        secret = self._keys.decrypt(_PURPOSE, encrypted) if encrypted else None
        if secret is None:
            return None
        totp, now_step = pyotp.TOTP(secret), int(at.timestamp()) // STEP_S
        for around in _AROUND:
            if hmac.compare_digest(totp.generate_otp(now_step + around).encode(), code.encode("utf-8", "replace")):
                return now_step + around
        return None
