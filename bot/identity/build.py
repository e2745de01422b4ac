"""All parts of identity on one database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.cases.access import unlock_within
from bot.errors import ConfigurationError
from bot.identity.clock import Clock, utc_now
from bot.identity.codes import Codes
from bot.identity.contacts import Contacts
from bot.identity.demo_customers import demo_key
from bot.identity.host_token import HostTokens
from bot.identity.keys import Keys
from bot.identity.lockout import Lockouts
from bot.identity.sign_in import CustomerSignIn
from bot.identity.sms import DevelopmentSms, HttpSms, NoSms, SmsSender
from bot.identity.staff import StaffAccounts
from bot.identity.staff_audit import StaffAudit
from bot.identity.staff_demo import seed_demo_staff
from bot.identity.staff_login import StaffLogin
from bot.identity.staff_sessions import StaffSessions
from bot.identity.staff_totp import StaffTotp
from bot.identity.verification import Canonical, CaseVerification, PhoneOf
from bot.settings import Settings
from bot.store.database import Database

TOTP_ISSUER = "诺言"
DEMO_ISSUER = "nuoyan-demo-bank"


@dataclass(frozen=True)
class Identity:
    """What the server and the command line need of identity."""

    keys: Keys
    lockouts: Lockouts
    audit: StaffAudit
    accounts: StaffAccounts
    sessions: StaffSessions
    totp: StaffTotp
    login: StaffLogin
    codes: Codes
    contacts: Contacts
    sms: SmsSender
    tokens: HostTokens
    customers: CustomerSignIn
    issuer: str
    audience: str

    def verification(self, phone_of: PhoneOf, canonical: Canonical) -> CaseVerification:
        """How anonymous customers prove that a case is theirs.

        Args:
            phone_of: :meth:`bot.cases.service.CaseService.contact`.
            canonical: :func:`bot.cases.number.parse_number`.
        """
        return CaseVerification(self.lockouts, self.codes, self.sms, self.keys, phone_of, canonical)

    def origin(self, address: str) -> str:
        """A caller's address as a digest, the form in which it is stored and handed on."""
        return self.keys.digest("origin", address)

    def sweep(self) -> None:
        """Delete what has run out."""
        for part in (self.lockouts, self.sessions, self.codes, self.contacts, self.tokens):
            part.sweep()


def build_identity(settings: Settings, database: Database, clock: Clock = utc_now) -> Identity:
    """Make all parts for one installation; nothing is connected yet.

    Raises:
        ConfigurationError: a key of the bank's page, or the issuer that goes with it, can't be used.
    """
    keys = Keys(settings.secret_key, settings.old_secret_keys)
    development = settings.env == "development"
    host_keys = [*settings.identity_keys, *([demo_key(keys)] if development else [])]
    issuer = settings.identity_issuer or (DEMO_ISSUER if development else "")
    if host_keys and not (issuer and settings.identity_audience):
        raise ConfigurationError(setting="NUOYAN_IDENTITY_ISSUER", reason="设置了密钥就必须写明签发方和受众")
    tokens = HostTokens(database, keys, host_keys, issuer, settings.identity_audience, clock)
    lockouts = Lockouts(database, keys, clock)
    audit = StaffAudit(database, clock)
    sessions = StaffSessions(
        database,
        keys,
        demo_permitted=development,
        clock=clock,
        idle=timedelta(minutes=settings.staff_idle_minutes),
        absolute=timedelta(hours=settings.staff_session_hours),
    )
    totp = StaffTotp(database, keys, audit, TOTP_ISSUER, clock)
    return Identity(
        keys=keys,
        lockouts=lockouts,
        audit=audit,
        accounts=StaffAccounts(database, audit, development, clock),
        sessions=sessions,
        totp=totp,
        login=StaffLogin(
            database, sessions, totp, lockouts, audit, development, settings.staff_tries_per_address, clock
        ),
        codes=Codes(database, keys, lockouts, unlock_within, shown=development, clock=clock),
        contacts=Contacts(database, keys, clock),
        sms=_sms(settings),
        tokens=tokens,
        customers=CustomerSignIn(database, tokens, clock, timedelta(minutes=settings.identity_minutes)),
        issuer=issuer,
        audience=settings.identity_audience,
    )


def _sms(settings: Settings) -> SmsSender:
    if settings.sms_url:
        return HttpSms(settings.sms_url, settings.sms_token, settings.sms_signature, settings.sms_timeout_s)
    return DevelopmentSms() if settings.env == "development" else NoSms()


def prepare(settings: Settings, database: Database) -> None:
    """What must be in a migrated database before serving: the demo accounts, in development."""
    if settings.env == "development":
        seed_demo_staff(database)
