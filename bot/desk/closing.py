"""After the talk: the disposition (服务小结), left messages dealt with, the contact revealed for a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from bot.cases.service import CaseService
from bot.chat.conversations import lock_conversation, now
from bot.desk.chats import take
from bot.desk.looking import look, newest
from bot.desk.ownership import Stale, begin, live_handoff
from bot.desk.records import Handoff
from bot.desk.waiting import lock_queue
from bot.errors import ChatNotFound, ChatTaken, EntryNotFound, NotYourChat
from bot.identity.contacts import CONTACT
from bot.identity.keys import Keys
from bot.identity.staff_audit import StaffAudit
from bot.identity.staff_records import StaffMember
from bot.privacy import mask
from bot.store import desk_tables as desk
from bot.store.database import Database
from bot.store.desk_tables import CLOSED, HUMAN, LEFT, QUEUED, WRAP_UP
from bot.store.identity_tables import contacts

DISPOSITIONS = {
    "solved": "已解决",
    "explained": "已解释说明",
    "case_filed": "已登记工单",
    "follow_up": "需后续跟进",
    "to_branch": "引导至网点办理",
    "complaint": "投诉受理",
    "unreachable": "客户未回应",
    "invalid": "无效会话",
    "other": "其他",
}


class Closing:
    """What ends a chat for good."""

    def __init__(
        self,
        database: Database,
        audit: StaffAudit,
        keys: Keys,
        cases: CaseService,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._audit = audit
        self._keys = keys
        self._cases = cases
        self._clock = clock

    def dispose(
        self,
        member: StaffMember,
        conversation_id: str,
        code: str,
        note: str | None,
        settled: str | None,
        case_number: str | None,
    ) -> None:
        """Write the disposition of my chat that waits for it; supervisors may do it for others.

        Raises:
            NotYourChat: nothing of this conversation waits for one.
        """
        table = desk.handoffs
        at = self._clock()
        with self._database.write() as connection:
            lock_conversation(connection, conversation_id)
            mine = () if member.has("supervisor") else (table.c.agent_no == member.id,)
            row = connection.execute(
                select(table.c.id)
                .where(
                    table.c.conversation_id == conversation_id,
                    table.c.state.in_((WRAP_UP, CLOSED)),
                    table.c.disposition.is_(None),
                    table.c.accepted_at.is_not(None),
                    *mine,
                )
                .order_by(table.c.requested_at.desc())
                .limit(1)
            ).one_or_none()
            if row is None:
                raise NotYourChat()
            values = {"disposition": code, "state": CLOSED, "closed_at": at}
            if note:
                values["disposition_note"] = mask(note).text
            if settled:
                values["settled"] = mask(settled).text
            if case_number:
                values["case_number"] = case_number
            connection.execute(update(table).where(table.c.id == row.id).values(**values))

    def left_done(self, member: StaffMember, conversation_id: str, note: str | None) -> None:
        """A left message has been dealt with; raises ``NotYourChat`` when there is none."""
        table = desk.handoffs
        with self._database.write() as connection:
            lock_conversation(connection, conversation_id)
            changed = connection.execute(
                update(table)
                .where(table.c.conversation_id == conversation_id, table.c.state == LEFT, table.c.closed_at.is_(None))
                .values(
                    closed_at=self._clock(),
                    agent_no=member.id,
                    disposition="solved",
                    disposition_note=mask(note or "").text,
                )
            ).rowcount
        if not changed:
            raise NotYourChat()

    def reply_left(self, member: StaffMember, conversation_id: str) -> Handoff:
        """Take up a left message: the agent talks to the customer in the same conversation.

        Raises:
            ChatTaken: somebody else did, or the customer already waits or talks.
        """
        at = self._clock()
        table = desk.handoffs
        with self._database.write() as connection:
            lock_queue(connection)
            conversation = lock_conversation(connection, conversation_id)
            left = newest(connection, conversation_id)
            if left is None or left.state != LEFT or left.closed_at is not None:
                raise ChatTaken()
            if live_handoff(connection, conversation_id) is not None:
                raise ChatTaken()
            values = {
                "state": QUEUED,
                "reason": left.reason,
                "clause": left.clause,
                "skill": left.skill,
                "urgent": left.urgent,
                "rank": left.rank,
                "case_number": left.case_number,
            }
            try:
                waiting = begin(connection, conversation, values, at)
                taken = take(connection, lock_conversation(connection, conversation_id), waiting, member.id, at)
            except Stale as lost:
                raise ChatTaken() from lost
            connection.execute(update(table).where(table.c.id == left.id).values(closed_at=at, agent_no=member.id))
            return taken

    def reveal_contact(self, member: StaffMember, conversation_id: str, reason: str) -> str:
        """The customer's contact in full, audited with the reason.

        Raises:
            ChatNotFound: not this person's chat.
            EntryNotFound: no contact is kept.
        """
        with self._database.write() as connection:
            looked = look(connection, member, conversation_id)
            handoff = looked.handoff
            taken_up = handoff.state in (HUMAN, WRAP_UP) and looked.mine
            if not taken_up and not (handoff.state == LEFT and handoff.closed_at is None):
                raise ChatNotFound()
            self._audit.record(
                connection,
                member.id,
                "desk.reveal",
                conversation_id,
                details={"field": "contact", "reason": reason},
            )
            row = connection.execute(
                select(contacts.c.sealed)
                .where(contacts.c.conversation_id == conversation_id, contacts.c.expires_at > self._clock())
                .order_by(contacts.c.created_at.desc())
                .limit(1)
            ).one_or_none()
        found = None if row is None else self._keys.decrypt(CONTACT, row.sealed)
        if found is None and handoff.case_number:
            found = self._cases.contact(handoff.case_number)
        if not found:
            raise EntryNotFound()
        return found
