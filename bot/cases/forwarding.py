"""Cases kept in the bank's own case system, with our database as the place where new ones wait for it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import structlog
from pydantic import parse_obj_as

from bot.cases.actions import Action, AnyAction
from bot.cases.model import Actor, ActorKind, Case
from bot.cases.outbox import Elsewhere, Entry, OutboxCaseRepository
from bot.cases.repository import CaseFilter, CasePage, CaseRepository, NewCase
from bot.cases.rest_repository import RestCaseRepository
from bot.cases.wire import from_wire
from bot.errors import CaseConflict, CaseNotFound, CaseSystemUnavailable, CustomerError

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
CASES_A_ROUND = 50

log = structlog.get_logger(__name__)


class ForwardingCaseRepository:
    """See :class:`bot.cases.repository.CaseRepository`.

    A new case is kept here and has its receipt at once, whatever the bank's system does. A case that has gone
    over is asked for there; when it doesn't answer that is a ``CaseSystemUnavailable``, never an old state.
    """

    def __init__(self, local: OutboxCaseRepository, remote: CaseRepository) -> None:
        self._local = local
        self._remote = remote

    def file(self, new: NewCase, idempotency_key: str) -> Case:
        """Keep a new case here; it goes over as soon as the bank's system answers."""
        return self._local.file(new, idempotency_key)

    def find(self, number: str) -> Case | None:
        """The case as it stands now, wherever it is."""
        kept = self._local.find(number)
        if kept is not None and not kept.forwarded:
            return kept
        found = self._remote.find(number)
        if found is None and kept is not None:
            log.error("forwarded_case_missing", number=number)
            raise CaseSystemUnavailable()
        return found

    def of_customer(self, customer_ref: str) -> list[Case]:
        """All cases of a customer, newest first."""
        return _together(self._local.of_customer(customer_ref), self._remote.of_customer(customer_ref))

    def of_conversation(self, conversation_id: str) -> list[Case]:
        """All cases filed in a conversation, newest first; where none was filed nobody is asked."""
        kept = self._local.of_conversation(conversation_id)
        if not any(case.forwarded for case in kept):
            return kept
        return _together(kept, self._remote.of_conversation(conversation_id))

    def contact(self, number: str) -> str | None:
        """The customer's contact in full."""
        return self._local.contact(number) or self._remote.contact(number)

    def act(self, number: str, action: Action, by: Actor, version: int | None = None, key: str | None = None) -> Case:
        """Carry out an action where the case is."""
        try:
            return self._local.act(number, action, by, version, key)
        except (Elsewhere, CaseNotFound):
            return self._remote.act(number, action, by, version, key)

    def search(self, wanted: CaseFilter, limit: int, offset: int) -> CasePage:
        """A page of the cases that fit: those still kept here, then the bank's."""
        kept = self._local.search(replace(wanted, kept=True), limit, offset)
        left = limit - len(kept.cases)
        remote = self._remote.search(wanted, max(left, 1), max(0, offset - kept.total))
        return CasePage((*kept.cases, *remote.cases[:left]), kept.total + remote.total)


def _together(kept: list[Case], remote: list[Case]) -> list[Case]:
    found = {case.number: case for case in kept if not case.forwarded}
    found.update((case.number, case) for case in remote)
    return sorted(found.values(), key=lambda case: case.received_at, reverse=True)


class Forwarder:
    """Sends what waits to the bank's system; safe to run in several processes at once."""

    def __init__(self, local: OutboxCaseRepository, remote: RestCaseRepository) -> None:
        self._local = local
        self._remote = remote

    def forward(self) -> int:
        """One round; returns how many cases have gone over. Stops at the first sign that the system is away."""
        done = 0
        for number in self._local.due(CASES_A_ROUND):
            if self._local.lease(number) is None:
                continue
            try:
                done += self._forward_case(number)
            except CaseSystemUnavailable:
                break
        return done

    def _forward_case(self, number: str) -> bool:
        for entry in self._local.entries(number):
            try:
                self._send(entry)
            except CaseSystemUnavailable:
                self._local.failed(entry, self._local.present() + pause(entry.attempts))
                raise
            except CustomerError as refused:
                log.error("forwarding_refused", number=number, seq=entry.seq, code=refused.code.value)
                self._local.refused(entry, refused.text)
                if entry.seq == 1:
                    return False
            else:
                self._local.sent(entry)
        return self._local.finish(number)

    def _send(self, entry: Entry) -> None:
        by = entry.body["by"]
        actor = Actor(ActorKind(by["kind"]), by["id"], by["name"])
        if "case" in entry.body:
            contact = self._local.contact(entry.case_number) or ""
            case = self._remote.file(NewCase(from_wire(entry.body["case"]), contact, actor), entry.key)
            if case.number != entry.case_number:
                raise CaseConflict()
        else:
            action: Action = parse_obj_as(AnyAction, entry.body["action"])  # type: ignore[arg-type]
            self._remote.act(entry.case_number, action, actor, None, entry.key, entry.body["at"])


def pause(attempts: int) -> timedelta:
    """Longer after every failure, a little different each time."""
    seconds = min(FIRST_PAUSE_S * 2 ** min(attempts, 10), LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * random.uniform(0.7, 1.3))
