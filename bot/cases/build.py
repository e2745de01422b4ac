"""All parts of the cases room on one database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.cases.access import CaseAccess
from bot.cases.bank_system import BankSystem, check_url
from bot.cases.chores import CaseChores
from bot.cases.files import CaseFiles
from bot.cases.forwarding import Forwarder, ForwardingCaseRepository
from bot.cases.notices import CaseNotices
from bot.cases.outbox import OutboxCaseRepository
from bot.cases.rest_repository import RestCaseRepository
from bot.cases.rules import load_case_rules
from bot.cases.secrecy import Signer
from bot.cases.service import CaseService
from bot.cases.sql_repository import SqlCaseRepository
from bot.errors import ConfigurationError
from bot.identity.keys import Keys
from bot.settings import Settings
from bot.store.database import Database


@dataclass(frozen=True)
class Cases:
    """What the server needs of the cases room."""

    service: CaseService
    chores: CaseChores
    files: CaseFiles
    notices: CaseNotices


def signer_of(settings: Settings) -> Signer:
    """What signs and proves the audit chain of an installation."""
    return Signer([settings.secret_key, *settings.old_secret_keys])


def build_cases(settings: Settings, database: Database) -> Cases:
    """Make all parts for one installation; nothing is connected yet.

    Raises:
        ConfigurationError: the files of ``cases_dir`` or a setting can't be used.
    """
    keys = Keys(settings.secret_key, settings.old_secret_keys)
    parts = (database, load_case_rules(settings.cases_dir), keys, signer_of(settings))
    access = CaseAccess(database)
    jobs: dict[str, Callable[[], object]]
    if settings.case_system_url:
        waiting = OutboxCaseRepository(*parts)
        remote = RestCaseRepository(bank_system(settings))
        service = CaseService(waiting, access, ForwardingCaseRepository(waiting, remote))
        jobs = {"warn": waiting.warn, "forward": Forwarder(waiting, remote).forward}
    else:
        local = SqlCaseRepository(*parts)
        service = CaseService(local, access)
        jobs = {"warn": local.warn}
    return Cases(
        service=service,
        chores=CaseChores(jobs),
        files=CaseFiles(database, service, settings.var_dir / "files"),
        notices=CaseNotices(database),
    )


def bank_system(settings: Settings) -> BankSystem:
    """The bank's own case system; raises ``ConfigurationError`` for an unsuitable address or a missing token."""
    production = settings.env == "production"
    url = check_url(settings.case_system_url, production)
    if production and not settings.case_system_token:
        raise ConfigurationError(setting="NUOYAN_CASE_SYSTEM_TOKEN", reason="生产环境必须设置")
    return BankSystem(url, settings.case_system_token, settings.case_system_timeout_s)
