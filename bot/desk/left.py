"""Nobody can come: what the customer said becomes a case with a deadline, in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from bot.cases.model import Case, CaseDraft, CaseKind, Priority
from bot.cases.service import CaseService
from bot.desk.records import Ask, Handoff
from bot.desk.views import reason_name
from bot.desk.webhooks import emit
from bot.store import desk_tables as desk
from bot.store import tables
from bot.store.identity_tables import contacts

LATEST = 20
MAX_DETAILS = 1800
_COMPLAINTS = frozenset({"complaint", "compensation"})


class LeftMessages:
    """Files left messages as cases."""

    def __init__(self, cases: CaseService) -> None:
        self._cases = cases

    def file(self, connection: Connection, conversation: Any, handoff: Handoff, at: datetime) -> Case:
        """The case of a left message; its number is kept with the handoff."""
        ask = Ask(handoff.reason, handoff.clause, handoff.skill, handoff.urgent)
        sealed, tail = self._contact(connection, conversation.id, at)
        draft = CaseDraft(
            kind=CaseKind.COMPLAINT if ask.reason in _COMPLAINTS else CaseKind.CONSULTATION,
            subject=f"客户留言：{reason_name(ask.reason)}",
            details=_said(connection, conversation.id),
            customer_ref=conversation.customer_ref,
            conversation_id=conversation.id,
            channel=conversation.channel,
            sealed_contact=sealed,
            phone_tail=tail,
            priority=Priority.URGENT if ask.urgent else None,
        )
        case = self._cases.file_within(connection, draft, f"left:{handoff.id}")
        table = desk.handoffs
        connection.execute(update(table).where(table.c.id == handoff.id).values(case_number=case.number))
        data = {"number": case.number, "kind": case.kind.value, "conversation_id": conversation.id}
        emit(connection, "case.created", data, at)
        return case

    def known(self, number: str | None) -> Case | None:
        """A case filed before."""
        return self._cases.find(number) if number else None

    @staticmethod
    def _contact(connection: Connection, conversation_id: str, at: datetime) -> tuple[str | None, str]:
        row = connection.execute(
            select(contacts.c.sealed, contacts.c.tail)
            .where(contacts.c.conversation_id == conversation_id, contacts.c.expires_at > at)
            .order_by(contacts.c.created_at.desc())
            .limit(1)
        ).one_or_none()
        return (None, "") if row is None else (row.sealed, row.tail)


def _said(connection: Connection, conversation_id: str) -> str:
    """The customer's latest words, oldest first, already masked."""
    log = tables.messages
    rows = connection.execute(
        select(log.c.blocks)
        .where(log.c.conversation_id == conversation_id, log.c.role == "customer")
        .order_by(log.c.seq.desc())
        .limit(LATEST)
    ).all()
    texts = [str(row.blocks[0].get("text", "")) for row in reversed(rows)]
    return "\n".join(filter(None, texts))[-MAX_DETAILS:]
