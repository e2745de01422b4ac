"""Signing in and changing one's own password.

Unknown account, deactivated account, wrong password and wrong code do the same work and get the same answer;
five wrong tries lock account and address for 15 minutes, whether or not there is such an account.
"""

from __future__ import annotations

from typing import Any, NoReturn

from sqlalchemy import select, update

from bot.errors import LoginRefused, TotpRequired
from bot.identity.clock import Clock, utc_now
from bot.identity.lockout import TRIES, Counted, Lockouts
from bot.identity.passwords import NOBODY, check_strength, hash_password, outdated, verify_password
from bot.identity.staff_audit import StaffAudit
from bot.identity.staff_records import looks_like_account
from bot.identity.staff_sessions import StaffSession, StaffSessions, end_sessions
from bot.identity.staff_totp import StaffTotp
from bot.store.database import Database
from bot.store.identity_tables import staff


class StaffLogin:
    """Signs members of staff in and out.

    Args:
        demo_permitted: whether demo accounts may sign in (development only).
        tries_per_address: wrong tries that lock an address, across all accounts.
    """

    def __init__(
        self,
        database: Database,
        sessions: StaffSessions,
        totp: StaffTotp,
        lockouts: Lockouts,
        audit: StaffAudit,
        demo_permitted: bool,
        tries_per_address: int = TRIES,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._totp = totp
        self._lockouts = lockouts
        self._audit = audit
        self._demo_permitted = demo_permitted
        self._tries_per_address = tries_per_address
        self._clock = clock

    def sign_in(
        self, account: str, password: str, code: str | None, address: str, old_token: str | None = None
    ) -> tuple[str, StaffSession]:
        """Check the credentials; returns the token of a new session, and the session.

        Args:
            code: of the authenticator, for accounts that have one.
            old_token: of a session this browser had before; it ends, so that none can be planted.

        Raises:
            LoginRefused, TotpRequired, LockedOut
        """
        counted = (
            Counted("staff-account", account.lower()),
            Counted("staff-address", address, self._tries_per_address),
        )
        self._lockouts.take(*counted)
        row = self._row(account)
        right = verify_password(row.password_hash if row is not None else NOBODY, password)
        if row is None or not right or not row.active or (row.demo and not self._demo_permitted):
            self._refuse(row, address)
        if row.totp_secret is not None and code is None:
            raise TotpRequired()
        token = self._begin(row, password, code, address)
        if token is None:
            self._refuse(row, address)
        self._lockouts.forgive(*counted)
        self._sessions.end(old_token)
        return token, self._sessions.find(token)

    def _begin(self, row: Any, password: str, code: str | None, address: str) -> str | None:
        with self._database.write() as connection:
            held = connection.execute(select(staff).where(staff.c.id == row.id).with_for_update()).one()
            if held.password_hash != row.password_hash or not held.active:
                return None
            if held.totp_secret is not None and not self._totp.use(connection, held, code or ""):
                return None
            if outdated(held.password_hash):
                connection.execute(
                    update(staff).where(staff.c.id == row.id).values(password_hash=hash_password(password))
                )
            self._audit.record(connection, row.id, "signed_in", row.id, address=address)
            return self._sessions.start(connection, row.id)

    def _refuse(self, row: Any, address: str) -> NoReturn:
        """Note the try (never what was typed as account: it may be a password) and raise."""
        self._audit.note(None, "sign_in_refused", row.id if row is not None else None, address=address)
        raise LoginRefused()

    def sign_out(self, token: str | None, address: str) -> None:
        """End the session behind ``token``, if there is one."""
        account = self._sessions.end(token)
        if account is not None:
            self._audit.note(account, "signed_out", account, address=address)

    def confirm_password(self, account: str, password: str, address: str) -> None:
        """Ask for the present password again before something that matters.

        Raises:
            LoginRefused, LockedOut
        """
        counted = (
            Counted("staff-account", account.lower()),
            Counted("staff-address", address, self._tries_per_address),
        )
        self._lockouts.take(*counted)
        row = self._row(account)
        if row is None or not verify_password(row.password_hash, password):
            self._refuse(row, address)
        self._lockouts.forgive(*counted)

    def change_password(self, session: StaffSession, present: str, new: str, address: str) -> None:
        """Change one's own password; all other sessions of the account end.

        Raises:
            LoginRefused, LockedOut, PasswordWeak
        """
        account = session.member.id
        self.confirm_password(account, present, address)
        check_strength(new, account)
        hashed = hash_password(new)
        with self._database.write() as connection:
            connection.execute(
                update(staff)
                .where(staff.c.id == account)
                .values(password_hash=hashed, must_change_password=False, updated_at=self._clock())
            )
            end_sessions(connection, account, self._clock(), but=session.id)
            self._audit.record(connection, account, "password_changed", account, address=address)

    def _row(self, account: str) -> Any:
        if not looks_like_account(account):
            return None
        with self._database.read() as connection:
            return connection.execute(select(staff).where(staff.c.id == account)).one_or_none()
