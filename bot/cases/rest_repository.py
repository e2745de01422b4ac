"""Cases in the bank's own case system, over REST (docs/bank-case-system.openapi.yml)."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from bot.cases.actions import Action
from bot.cases.bank_system import BankSystem
from bot.cases.model import Actor, Case
from bot.cases.repository import MAX_PAGE, CaseFilter, CasePage, NewCase
from bot.cases.wire import actor_to_wire, from_wire, page_from_wire, to_wire
from bot.errors import CaseActionRefused, CaseConflict, CaseNotFound, CaseSystemUnavailable, CaseUrgedToday

MAX_REASON = 300
MAX_KEY = 128


class RestCaseRepository:
    """See :class:`bot.cases.repository.CaseRepository`."""

    def __init__(self, system: BankSystem) -> None:
        self._system = system

    def file(self, new: NewCase, idempotency_key: str) -> Case:
        """File a case under the number it has already; the same key gives the same case.

        Raises:
            CaseActionRefused, CaseConflict: the bank's system does not take it.
        """
        body = {"case": to_wire(new.case), "contact_phone": new.contact or None, "by": actor_to_wire(new.by)}
        status, answer = self._system.call("POST", "/cases", body=body, key=idempotency_key)
        _check(status, answer)
        return from_wire(answer)

    def find(self, number: str) -> Case | None:
        """The case with its timeline, or None."""
        status, answer = self._system.call("GET", f"/cases/{quote(number, safe='')}")
        if status == 404:
            return None
        _check(status, answer)
        case = from_wire(answer)
        if case.number != number:
            raise CaseSystemUnavailable()
        return case

    def of_customer(self, customer_ref: str) -> list[Case]:
        """All cases of a customer, newest first."""
        cases = self._list({"customer_ref": customer_ref, "limit": MAX_PAGE}).cases
        if any(case.customer_ref != customer_ref for case in cases):
            raise CaseSystemUnavailable()  # never show anybody else's case, whatever the other side answers
        return list(cases)

    def of_conversation(self, conversation_id: str) -> list[Case]:
        """All cases filed in a conversation, newest first."""
        cases = self._list({"conversation_id": conversation_id, "limit": MAX_PAGE}).cases
        if any(case.conversation_id != conversation_id for case in cases):
            raise CaseSystemUnavailable()
        return list(cases)

    def contact(self, number: str) -> str | None:
        """The customer's contact in full."""
        status, answer = self._system.call("GET", f"/cases/{quote(number, safe='')}/contact")
        if status == 404:
            return None
        _check(status, answer)
        contact = answer.get("contact_phone") if isinstance(answer, dict) else None
        return contact if isinstance(contact, str) and contact else None

    def act(
        self,
        number: str,
        action: Action,
        by: Actor,
        version: int | None = None,
        key: str | None = None,
        at: str | None = None,
    ) -> Case:
        """Carry out an action in the bank's system.

        Args:
            at: when it happened, for what had to wait here (ISO 8601).
        """
        body: dict[str, Any] = {"action": action.dict(exclude_none=True), "by": actor_to_wire(by)}
        if at is not None:
            body["at"] = at
        if version is not None:
            body["version"] = version
        path = f"/cases/{quote(number, safe='')}/actions"
        status, answer = self._system.call("POST", path, body=_plain(body), key=_key(number, key))
        _check(status, answer)
        return from_wire(answer)

    def search(self, wanted: CaseFilter, limit: int, offset: int) -> CasePage:
        """A page of the cases that fit, newest first."""
        params: dict[str, Any] = {
            "kind": [kind.value for kind in wanted.kinds],
            "status": [status.value for status in wanted.statuses],
            "responsible": wanted.responsible or None,
            "unassigned": "true" if wanted.unassigned else None,
            "priority": wanted.priority.value if wanted.priority else None,
            "overdue": "true" if wanted.overdue else None,
            "q": wanted.text or None,
            "limit": min(limit, MAX_PAGE),
            "offset": offset,
        }
        return self._list(params)

    def _list(self, params: dict[str, Any]) -> CasePage:
        status, answer = self._system.call("GET", "/cases", params=params)
        _check(status, answer)
        return page_from_wire(answer)


def _key(number: str, key: str | None) -> str:
    """A key that no action on another case can have."""
    whole = f"{number}:{key or uuid4().hex}"
    return whole if len(whole) <= MAX_KEY else hashlib.sha256(whole.encode()).hexdigest()


def _plain(body: Any) -> Any:
    """Enums as their values, tuples as lists."""
    if isinstance(body, dict):
        return {name: _plain(value) for name, value in body.items()}
    if isinstance(body, (list, tuple)):
        return [_plain(value) for value in body]
    return getattr(body, "value", body)


def _check(status: int, answer: Any) -> None:
    """Raise the error that a status stands for; 2xx raises nothing."""
    if status < 400:
        return
    error = answer.get("error") if isinstance(answer, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if status == 404:
        raise CaseNotFound()
    if status == 409:
        raise CaseUrgedToday() if code == "urged_today" else CaseConflict()
    text = error.get("text") if isinstance(error, dict) else None
    if status == 422 and isinstance(text, str) and text.strip():
        raise CaseActionRefused(text.strip()[:MAX_REASON])
    raise CaseSystemUnavailable()  # our request or our credentials are wrong: nothing a customer can mend
