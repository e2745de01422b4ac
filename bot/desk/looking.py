"""Finding a chat for somebody: who may read it, who may act in it, and what is written in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from bot.desk.records import Handoff, handoff_from
from bot.errors import ChatNotFound
from bot.identity.staff_records import StaffMember
from bot.store import desk_tables as desk
from bot.store import tables
from bot.store.desk_tables import HUMAN, LEFT, LIVE, QUEUED, RINGING, WRAP_UP
from bot.tokens import looks_like_id

READS_ALL = ("supervisor", "auditor", "admin")
SUPERVISES = ("supervisor", "admin")


@dataclass(frozen=True)
class Looked:
    """A chat and what the caller is to it."""

    handoff: Handoff
    mine: bool
    consulted: bool

    def may(self, member: StaffMember) -> list[str]:
        """What this person may do here now, for the console's buttons."""
        state, found = self.handoff.state, []
        agent = member.has("agent", "supervisor")
        if agent and state in (QUEUED, RINGING):
            found += ["claim"]
        if agent and state == RINGING and self.mine:
            found += ["decline"]
        if agent and state == HUMAN and self.mine:
            found += ["say", "transfer", "consult", "propose-bot", "end", "reveal", "note"]
        if agent and state == WRAP_UP and self.mine:
            found += ["disposition", "note", "reveal"]
        if agent and state == HUMAN and self.handoff.target_agent == member.id:
            found += ["transfer/accept", "transfer/decline"]
        if agent and self.consulted and not self.mine:
            found += ["consult"]
        if agent and state == LEFT and self.handoff.closed_at is None:
            found += ["left-done", "reply-left", "reveal", "note"]
        if member.has(*SUPERVISES) and state == HUMAN and not self.mine:
            found += ["watch", "whisper"]
            if member.has("supervisor"):
                found += ["take-over"]
        return list(dict.fromkeys(found))


def newest(connection: Connection, conversation_id: str) -> Handoff | None:
    """The live handoff of a conversation, else its newest one."""
    if not looks_like_id(conversation_id):
        return None
    table = desk.handoffs
    rows = connection.execute(
        select(table).where(table.c.conversation_id == conversation_id).order_by(table.c.requested_at.desc())
    ).all()
    row = next((row for row in rows if row.state in LIVE), rows[0] if rows else None)
    return None if row is None else handoff_from(row)


def look(connection: Connection, member: StaffMember, conversation_id: str) -> Looked:
    """The chat, if this person may read it.

    Supervisors, auditors and administrators read every chat of the desk; agents their own, those handed or
    consulted to them, those who wait and left messages.

    Raises:
        ChatNotFound: there is none, or not for this person.
    """
    handoff = newest(connection, conversation_id)
    if handoff is None:
        raise ChatNotFound()
    mine = handoff.agent_no == member.id
    consulted = _consulted(connection, member.id, handoff)
    looked = Looked(handoff, mine, consulted)
    if member.has(*READS_ALL):
        return looked
    to_all = handoff.state == QUEUED or (handoff.state == LEFT and handoff.closed_at is None)
    if member.has("agent") and (mine or consulted or to_all or handoff.target_agent == member.id):
        return looked
    raise ChatNotFound()


def conversation_of(connection: Connection, conversation_id: str) -> Any:
    """The conversation's row, unlocked; raises ``ChatNotFound``."""
    table = tables.conversations
    row = connection.execute(select(table).where(table.c.id == conversation_id)).one_or_none()
    if row is None:
        raise ChatNotFound()
    return row


def _consulted(connection: Connection, staff_no: str, handoff: Handoff) -> bool:
    if handoff.state not in (HUMAN, WRAP_UP):
        return False
    table = desk.desk_notes
    row = connection.execute(
        select(table.c.id).where(table.c.handoff_id == handoff.id, table.c.to_no == staff_no).limit(1)
    ).first()
    return row is not None
