"""The services that actions call, each call with a deadline; what fails is spoken, never silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import structlog

from bot.cases.number import parse_number
from bot.cases.service import CaseService
from bot.errors import NuoyanError, ServiceError
from bot.identity.build import Identity, build_identity
from bot.identity.verification import CaseVerification
from bot.settings import get_settings
from bot.store.database import Database

DEADLINE_S = 5.0
"""Longest wait for a service within one reply."""

log = structlog.get_logger(__name__)

T = TypeVar("T")


class ServiceSilent(Exception):
    """A service did not answer in time, or could not."""


class Services:
    """Cases and identity as the actions use them; all calls leave the event loop free.

    Args:
        cases: files, finds and changes cases.
        identity: codes and kept contacts.
    """

    def __init__(self, cases: CaseService, identity: Identity) -> None:
        self.cases = cases
        self.identity = identity
        self.verification: CaseVerification = identity.verification(cases.contact, parse_number)

    async def call(self, function: Callable[..., T], *arguments: object) -> T:
        """Return ``function(*arguments)``, run in a thread.

        Raises:
            ServiceSilent: no answer within `DEADLINE_S`, or the service is away.
            bot.errors.NuoyanError: what the service refuses, for the caller to say.
        """
        try:
            return await asyncio.wait_for(asyncio.to_thread(function, *arguments), DEADLINE_S)
        except ServiceError as error:
            log.warning("service_failed", code=error.code.value)
            raise ServiceSilent from error
        except NuoyanError:
            raise
        except Exception as error:
            log.error("service_failed", error_type=type(error).__name__)
            raise ServiceSilent from error


@lru_cache(maxsize=1)
def shared_services() -> Services:
    """Return the services on this installation's database, built once a process."""
    settings = get_settings()
    database = Database(settings.database_url)
    return Services(CaseService.from_settings(settings, database), build_identity(settings, database))
