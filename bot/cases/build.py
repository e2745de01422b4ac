"""All parts of the cases room on one database."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cases.access import CaseAccess
from bot.cases.chores import CaseChores
from bot.cases.files import CaseFiles
from bot.cases.notices import CaseNotices
from bot.cases.rules import load_case_rules
from bot.cases.secrecy import Signer
from bot.cases.service import CaseService
from bot.cases.sql_repository import SqlCaseRepository
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


def local_repository(settings: Settings, database: Database) -> SqlCaseRepository:
    """Our own cases.

    Raises:
        ConfigurationError: the files of ``cases_dir`` can't be used.
    """
    keys = Keys(settings.secret_key, settings.old_secret_keys)
    return SqlCaseRepository(database, load_case_rules(settings.cases_dir), keys, signer_of(settings))


def signer_of(settings: Settings) -> Signer:
    """What signs and proves the audit chain of an installation."""
    return Signer([settings.secret_key, *settings.old_secret_keys])


def build_cases(settings: Settings, database: Database) -> Cases:
    """Make all parts for one installation; nothing is connected yet.

    Raises:
        ConfigurationError: the files of ``cases_dir`` or a setting can't be used.
    """
    local = local_repository(settings, database)
    service = CaseService(local, CaseAccess(database))
    return Cases(
        service=service,
        chores=CaseChores({"warn": local.warn}),
        files=CaseFiles(database, service, settings.var_dir / "files"),
        notices=CaseNotices(database),
    )
