"""Everything an agent needs of a chat at one look, and the lists of chats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.engine import Connection

from bot.cases.service import CaseService
from bot.cases.views import case_view
from bot.chat.conversations import conversation_from, now
from bot.chat.message_log import MAX_PAGE, message_from
from bot.chat.records import Message
from bot.desk import signals
from bot.desk.cooperation import Cooperation
from bot.desk.looking import Looked, conversation_of, look
from bot.desk.records import Handoff, handoff_from
from bot.desk.settings import DeskSettings
from bot.desk.slots import TrackerSlots
from bot.desk.summary import summary_of
from bot.desk.views import brief, chat_views, told
from bot.desk.waiting import in_order, place_of
from bot.errors import NotPermitted
from bot.identity.staff_audit import StaffAudit
from bot.identity.staff_records import StaffMember
from bot.store import desk_tables as desk
from bot.store import tables
from bot.store.database import Database
from bot.store.desk_tables import CLOSED, HUMAN, LEFT, LIVE, QUEUED, RINGING, WRAP_UP
from bot.store.identity_tables import contacts

MOST_LISTED = 200
READ_FOR_SUMMARY = 400
EARLIER = 20
RECENT = timedelta(days=30)


class Dossiers:
    """What agents read.

    Args:
        titles: gives the titles of topics.
        audit: keeps who watched whose chat.
    """

    def __init__(
        self,
        database: Database,
        settings: DeskSettings,
        cooperation: Cooperation,
        cases: CaseService,
        slots: TrackerSlots,
        titles: Callable[[], Mapping[str, str]],
        audit: StaffAudit,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._cooperation = cooperation
        self._cases = cases
        self._slots = slots
        self._titles = titles
        self._audit = audit
        self._clock = clock

    def queue(self) -> dict[str, Any]:
        """Everybody who waits, in order, with the longest wait in seconds."""
        at = self._clock()
        with self._database.read() as connection:
            waiting = in_order(connection)
            views = chat_views(connection, waiting[:MOST_LISTED], at, self._settings.rules.desk)
        for place, view in enumerate(views, 1):
            view["place"] = place
        longest = max(((at - handoff.waiting_since).total_seconds() for handoff in waiting), default=0.0)
        return {"waiting": views, "count": len(waiting), "longest_s": max(0, round(longest))}

    def chats(self, member: StaffMember, scope: str) -> list[dict[str, Any]]:
        """Chats by scope; raises ``NotPermitted`` for everybody's chats without the role for it."""
        table = desk.handoffs
        query = select(table).order_by(table.c.requested_at.desc()).limit(MOST_LISTED)
        if scope == "mine":
            mine = or_(
                (table.c.agent_no == member.id) & table.c.state.in_((RINGING, HUMAN, WRAP_UP)),
                (table.c.target_agent == member.id) & (table.c.state == HUMAN),
                table.c.id.in_(_consulted_in(member.id)) & (table.c.state == HUMAN),
            )
            query = query.where(mine)
        elif scope == "left":
            query = query.where(table.c.state == LEFT, table.c.closed_at.is_(None))
        elif scope == "recent":
            query = query.where(table.c.state == CLOSED, table.c.requested_at > self._clock() - RECENT)
            if not member.has("supervisor", "auditor", "admin"):
                query = query.where(table.c.agent_no == member.id)
        else:
            if not member.has("supervisor", "auditor", "admin"):
                raise NotPermitted()
            query = query.where(table.c.state.in_((QUEUED, RINGING, HUMAN, WRAP_UP)))
        with self._database.read() as connection:
            found = [handoff_from(row) for row in connection.execute(query).all()]
            return chat_views(connection, found, self._clock(), self._settings.rules.desk)

    def chat(self, member: StaffMember, conversation_id: str) -> dict[str, Any]:
        """One chat as lists have it; raises ``ChatNotFound``."""
        with self._database.read() as connection:
            looked = look(connection, member, conversation_id)
            return self._view(connection, looked.handoff)

    def dossier(self, member: StaffMember, conversation_id: str) -> dict[str, Any]:
        """The whole story of a chat; raises ``ChatNotFound``."""
        with self._database.read() as connection:
            looked = look(connection, member, conversation_id)
            conversation = conversation_of(connection, conversation_id)
            messages = _messages(connection, conversation_id, 0, READ_FOR_SUMMARY)
            story = {
                "chat": self._view(connection, looked.handoff),
                "customer": self._customer(connection, conversation),
                "spans": _spans(connection, conversation_id),
                "notes": self._cooperation.notes_of(connection, looked.handoff, member),
                "earlier": _earlier(connection, conversation, looked.handoff),
                "rating": _rating(connection, looked),
                "may": looked.may(member),
            }
        slots = self._slots.of(conversation_id)
        found = self._cases.of_conversation(conversation_id, conversation_from(conversation).customer_ref)
        return {
            **story,
            "summary": summary_of(messages, looked.handoff, self._titles(), slots),
            "cases": [case_view(case) for case in found],
        }

    def messages(
        self, member: StaffMember, conversation_id: str, after: int, limit: int = MAX_PAGE
    ) -> tuple[list[Message], int]:
        """The log after ``after`` and its last number; raises ``ChatNotFound``."""
        with self._database.read() as connection:
            look(connection, member, conversation_id)
            last_seq = conversation_of(connection, conversation_id).last_seq
            return _messages(connection, conversation_id, after, min(limit, MAX_PAGE)), last_seq

    def readings(self, member: StaffMember, conversation_id: str) -> list[dict[str, Any]]:
        """How the customer's messages were understood, oldest first; raises ``ChatNotFound``."""
        with self._database.read() as connection:
            look(connection, member, conversation_id)
            log = tables.messages
            rows = connection.execute(
                select(log.c.routing)
                .where(log.c.conversation_id == conversation_id, log.c.routing.is_not(None))
                .order_by(log.c.seq)
            ).all()
        return [row.routing for row in rows if row.routing]

    def notes(self, member: StaffMember, conversation_id: str) -> list[dict[str, Any]]:
        """The notes of a chat as far as they concern this person; raises ``ChatNotFound``."""
        with self._database.read() as connection:
            looked = look(connection, member, conversation_id)
            return self._cooperation.notes_of(connection, looked.handoff, member)

    def watched(self, member: StaffMember, conversation_id: str) -> None:
        """Somebody begins to watch a chat that is not theirs: audited. Raises ``ChatNotFound``."""
        with self._database.write() as connection:
            looked = look(connection, member, conversation_id)
            if not looked.mine:
                self._audit.record(connection, member.id, "desk.watch", conversation_id)

    def queue_figures(self) -> dict[str, int]:
        """How many wait, the longest wait in seconds (rounded to ten), how many left messages are open."""
        at, table = self._clock(), desk.handoffs
        with self._database.read() as connection:
            many, oldest = connection.execute(
                select(func.count(), func.min(table.c.waiting_since)).where(table.c.state == QUEUED)
            ).one()
            left = connection.execute(
                select(func.count()).select_from(table).where(table.c.state == LEFT, table.c.closed_at.is_(None))
            ).scalar_one()
        longest = 0 if oldest is None else max(0, int((at - oldest).total_seconds()))
        return {"waiting": int(many), "longest_s": longest // 10 * 10, "left": int(left)}

    def _view(self, connection: Connection, handoff: Handoff) -> dict[str, Any]:
        (view,) = chat_views(connection, [handoff], self._clock(), self._settings.rules.desk)
        view["place"] = place_of(connection, handoff) if handoff.state == QUEUED else None
        return view

    def _customer(self, connection: Connection, conversation: Any) -> dict[str, Any]:
        at = self._clock()
        tail = connection.execute(
            select(contacts.c.tail)
            .where(contacts.c.conversation_id == conversation.id, contacts.c.expires_at > at)
            .order_by(contacts.c.created_at.desc())
            .limit(1)
        ).scalar_one_or_none()
        known = conversation_from(conversation)
        tail = tail or known.customer_tail
        return {
            "identity": known.identity,
            "known": known.customer_ref is not None,
            "name": known.customer_name or None,
            "elder": conversation.elder,
            "channel": conversation.channel,
            "visits_24h": signals.visits_since(connection, conversation, at - timedelta(days=1)),
            "contact": {"tail": tail} if tail else None,
        }


def _messages(connection: Connection, conversation_id: str, after: int, limit: int) -> list[Message]:
    log = tables.messages
    rows = connection.execute(
        select(log).where(log.c.conversation_id == conversation_id, log.c.seq > after).order_by(log.c.seq).limit(limit)
    ).all()
    return [message_from(row) for row in rows]


def _spans(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    table = desk.owner_spans
    rows = connection.execute(
        select(table).where(table.c.conversation_id == conversation_id).order_by(table.c.started_at)
    ).all()
    return [
        {
            "owner": row.owner,
            "agent": row.agent_no,
            "first_seq": row.first_seq,
            "started_at": told(row.started_at),
            "ended_at": told(row.ended_at),
        }
        for row in rows
    ]


def _earlier(connection: Connection, conversation: Any, handoff: Handoff) -> list[dict[str, Any]]:
    """Earlier turns at the desk of the same customer; without a known customer, of this conversation."""
    table, talks = desk.handoffs, tables.conversations
    same = talks.c.id == conversation.id
    if conversation.customer_ref is not None:
        same = or_(same, talks.c.customer_ref == conversation.customer_ref)
    rows = connection.execute(
        select(table)
        .join(talks, talks.c.id == table.c.conversation_id)
        .where(same, table.c.id != handoff.id, table.c.state.not_in(LIVE))
        .order_by(table.c.requested_at.desc())
        .limit(EARLIER)
    ).all()
    return [brief(handoff_from(row)) for row in rows]


def _consulted_in(staff_no: str) -> Any:
    """The handoffs in which this agent was asked for advice; an answer to somebody who had the chat asks for none."""
    notes, spans = desk.desk_notes, desk.owner_spans
    had = select(spans.c.handoff_id).where(spans.c.agent_no == staff_no, spans.c.handoff_id.is_not(None))
    return select(notes.c.handoff_id).where(
        notes.c.kind == "consult", notes.c.to_no == staff_no, notes.c.handoff_id.not_in(had)
    )


def _rating(connection: Connection, looked: Looked) -> dict[str, Any] | None:
    table = desk.ratings
    row = connection.execute(select(table).where(table.c.subject == looked.handoff.id)).one_or_none()
    if row is None or row.stars is None:
        return None
    return {"stars": row.stars, "reasons": row.reasons, "text": row.text, "at": told(row.created_at)}
