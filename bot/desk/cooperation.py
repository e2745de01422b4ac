"""Agents among themselves: notes, transfer with a memo and warm acceptance, consulting, supervision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from bot.chat.conversations import lock_conversation, now
from bot.chat.message_log import append_reply
from bot.desk import agents, wording
from bot.desk.chats import to_front
from bot.desk.looking import look
from bot.desk.ownership import Stale, live_handoff, move
from bot.desk.records import Handoff
from bot.desk.settings import DeskSettings
from bot.desk.views import told
from bot.desk.waiting import lock_queue
from bot.errors import ChatNotFound, ChatTaken, DeskFull, EntryNotFound, NotYourChat
from bot.identity.staff_audit import StaffAudit
from bot.identity.staff_records import StaffMember
from bot.privacy import mask
from bot.store import desk_tables as desk
from bot.store.database import Database
from bot.store.desk_tables import HUMAN, WRAP_UP


class Cooperation:
    """What several agents do with one chat.

    Args:
        audit: keeps what supervisors do.
    """

    def __init__(
        self,
        database: Database,
        settings: DeskSettings,
        audit: StaffAudit,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._audit = audit
        self._clock = clock

    def note(self, member: StaffMember, conversation_id: str, text: str) -> dict[str, Any]:
        """A private note: never shown to the customer."""
        with self._database.write() as connection:
            looked = look(connection, member, conversation_id)
            return self._write(connection, looked.handoff, "note", member.id, None, text)

    def whisper(self, member: StaffMember, conversation_id: str, text: str) -> dict[str, Any]:
        """A supervisor's word to the agent alone; raises ``NotYourChat`` when no agent has it."""
        with self._database.write() as connection:
            handoff = look(connection, member, conversation_id).handoff
            if handoff.state != HUMAN or handoff.agent_no is None:
                raise NotYourChat()
            self._audit.record(connection, member.id, "desk.whisper", conversation_id)
            return self._write(connection, handoff, "whisper", member.id, handoff.agent_no, text)

    def consult(self, member: StaffMember, conversation_id: str, to_agent: str, text: str) -> dict[str, Any]:
        """Ask another agent, or answer; the other may then read along.

        Raises:
            NotYourChat: neither the agent's own chat nor one this agent was consulted in.
            EntryNotFound: no such agent.
        """
        with self._database.write() as connection:
            looked = look(connection, member, conversation_id)
            if looked.handoff.state not in (HUMAN, WRAP_UP) or not (looked.mine or looked.consulted):
                raise NotYourChat()
            if agents.find(connection, to_agent) is None or to_agent == member.id:
                raise EntryNotFound()
            return self._write(connection, looked.handoff, "consult", member.id, to_agent, text)

    def offer(self, member: StaffMember, conversation_id: str, to_agent: str, memo: str) -> dict[str, Any]:
        """Offer a chat to another agent; it stays here until the other accepts.

        Raises:
            NotYourChat: another agent has it.
            EntryNotFound: the other is not at a desk.
        """
        at = self._clock()
        with self._database.write() as connection:
            _conversation, live = self._mine(connection, member.id, conversation_id)
            there = agents.there(connection, at, self._settings.rules.desk.heartbeat_s)
            if to_agent == member.id or to_agent not in {agent.staff_no for agent in there}:
                raise EntryNotFound()
            table = desk.handoffs
            connection.execute(update(table).where(table.c.id == live.id).values(target_agent=to_agent))
            return self._write(connection, live, "memo", member.id, to_agent, memo)

    def to_team(self, member: StaffMember, conversation_id: str, skill: str, memo: str) -> Handoff:
        """Hand on to a team: front of the queue, with the memo."""
        at = self._clock()
        with self._database.write() as connection:
            conversation, live = self._mine(connection, member.id, conversation_id)
            self._write(connection, live, "memo", member.id, None, memo)
            return to_front(connection, conversation, live, at, self._settings, passed=[member.id], skill=skill)

    def accept(self, member: StaffMember, conversation_id: str) -> Handoff:
        """Accept what another agent offers: the customer hears who goes on.

        Raises:
            ChatTaken: the offer no longer stands.
            DeskFull: as many chats as fit are under way.
        """
        with self._database.write() as connection:
            lock_queue(connection)
            self._room(connection, member.id)
            conversation, live = self._offered(connection, member.id, conversation_id)
            return self._pass_on(connection, conversation, live, member.id)

    def refuse(self, member: StaffMember, conversation_id: str) -> Handoff:
        """Decline an offer (who was asked) or take it back (who asked)."""
        with self._database.write() as connection:
            lock_conversation(connection, conversation_id)
            live = live_handoff(connection, conversation_id)
            if live is None or live.target_agent is None or member.id not in (live.target_agent, live.agent_no):
                raise ChatTaken()
            table = desk.handoffs
            connection.execute(update(table).where(table.c.id == live.id).values(target_agent=None))
            return live

    def take_over(self, member: StaffMember, conversation_id: str, memo: str | None) -> Handoff:
        """A supervisor goes on with an agent's chat."""
        with self._database.write() as connection:
            lock_queue(connection)
            conversation = lock_conversation(connection, conversation_id)
            live = live_handoff(connection, conversation_id)
            if live is None or live.state != HUMAN or live.agent_no == member.id:
                raise ChatTaken()
            self._audit.record(
                connection, member.id, "desk.take_over", conversation_id, details={"from": live.agent_no}
            )
            if memo:
                self._write(connection, live, "memo", member.id, live.agent_no, memo)
            return self._pass_on(connection, conversation, live, member.id)

    def notes_of(self, connection: Connection, handoff: Handoff, member: StaffMember) -> list[dict[str, Any]]:
        """The notes of a conversation; whispers and consultations only for those concerned and supervisors."""
        table = desk.desk_notes
        rows = connection.execute(
            select(table).where(table.c.conversation_id == handoff.conversation_id).order_by(table.c.created_at)
        ).all()
        sees_all = member.has("supervisor", "auditor", "admin")
        return [
            note_view(row)
            for row in rows
            if sees_all or row.kind in ("note", "memo") or member.id in (row.author_no, row.to_no)
        ]

    def _pass_on(self, connection: Connection, conversation: Any, live: Handoff, staff_no: str) -> Handoff:
        at = self._clock()
        try:
            taken = move(
                connection,
                conversation,
                live,
                HUMAN,
                at,
                agent_no=staff_no,
                target_agent=None,
                proposal=None,
                idle_step=0,
                idle_since=at,
            )
        except Stale as lost:
            raise ChatTaken() from lost
        agents.accepted(connection, staff_no, at)
        append_reply(connection, conversation.id, "system", wording.agent_changed(staff_no))
        return taken

    @staticmethod
    def _room(connection: Connection, staff_no: str) -> None:
        try:
            agent = agents.locked(connection, staff_no)
        except KeyError as stranger:
            raise DeskFull(capacity=0) from stranger
        if not agent.free:
            raise DeskFull(capacity=agent.capacity)

    @staticmethod
    def _mine(connection: Connection, staff_no: str, conversation_id: str) -> tuple[Any, Handoff]:
        conversation = lock_conversation(connection, conversation_id)
        live = live_handoff(connection, conversation_id)
        if live is None or live.state != HUMAN or live.agent_no != staff_no:
            raise NotYourChat()
        return conversation, live

    @staticmethod
    def _offered(connection: Connection, staff_no: str, conversation_id: str) -> tuple[Any, Handoff]:
        conversation = lock_conversation(connection, conversation_id)
        live = live_handoff(connection, conversation_id)
        if live is None or live.state != HUMAN or live.target_agent != staff_no:
            raise ChatTaken()
        return conversation, live

    def _write(
        self, connection: Connection, handoff: Handoff, kind: str, author: str, to: str | None, text: str
    ) -> dict[str, Any]:
        table = desk.desk_notes
        values = {
            "id": uuid4().hex,
            "conversation_id": handoff.conversation_id,
            "handoff_id": handoff.id,
            "kind": kind,
            "author_no": author,
            "to_no": to,
            "text": mask(text).text,
            "created_at": self._clock(),
        }
        connection.execute(insert(table).values(**values))
        row = connection.execute(select(table).where(table.c.id == values["id"])).one_or_none()
        if row is None:
            raise ChatNotFound()
        return note_view(row)


def note_view(row: Any) -> dict[str, Any]:
    """A note as the console shows it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "author": row.author_no,
        "to": row.to_no,
        "text": row.text,
        "at": told(row.created_at),
    }
