"""An agent says something: checked for words, masked, once, and kept with where it came from."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from bot.blocks import CaseBlock, Reply, TextBlock
from bot.cases.service import CaseService
from bot.cases.views import case_block, case_view
from bot.chat.bank_values import BankValues
from bot.chat.conversations import conversation_from
from bot.chat.text import customer_text
from bot.desk.chats import Chats
from bot.desk.desk_schemas import SayIn
from bot.desk.looking import newest
from bot.desk.rulebook import Rulebook
from bot.desk.suggestions import Suggestions
from bot.errors import EntryNotFound, PhraseBlocked, PhraseWarned
from bot.identity.staff_records import StaffMember
from bot.privacy import mask_json
from bot.store import tables
from bot.store.database import Database

MAX_CHARS = 2000
_OURS = "@"
"""Begins the name of an agent's message, so that it can't be taken for a customer's."""


class Saying:
    """What agents send to customers."""

    def __init__(
        self,
        database: Database,
        chats: Chats,
        rulebook: Rulebook,
        suggestions: Suggestions,
        cases: CaseService,
        bank: BankValues,
    ) -> None:
        self._database = database
        self._chats = chats
        self._rulebook = rulebook
        self._suggestions = suggestions
        self._cases = cases
        self._bank = bank

    def say(self, member: StaffMember, conversation_id: str, said: SayIn) -> int:
        """Send; returns the message's sequence number, the same for a retry.

        Raises:
            NotYourChat: another agent has it.
            PhraseBlocked, PhraseWarned: a rule speaks against it (the second: unless acknowledged).
            EntryNotFound: no such answer or case.
            TextError: nothing to send, or too long.
        """
        client_id = f"{_OURS}{said.client_id}"
        known = self._sent_before(conversation_id, client_id)
        if known is not None:
            return known
        reply = self._reply(conversation_id, said)
        self._check(" ".join(_words(reply)), said.acknowledged)
        message = self._chats.say(member.id, conversation_id, reply, client_id=client_id)
        used = said.suggestion or said.answer
        if used is not None:
            self._suggestions.used(conversation_id, message.seq, member.id, used.topic, used.aspect, used.edited)
        return message.seq

    def placeholders(self, member: StaffMember, conversation_id: str | None) -> Mapping[str, str]:
        """The values of placeholders in canned replies; of a chat only for the agent who has it."""
        values = {
            "agent": f"（工号 {member.id}）",
            "bank": self._bank.name,
            "hotline": self._bank.hotline,
            "loss_line": self._bank.loss_line,
            "agent_hours": self._bank.agent_hours,
        }
        if conversation_id is None:
            return values
        with self._database.read() as connection:
            handoff = newest(connection, conversation_id)
            if handoff is None or handoff.agent_no != member.id:
                return values
        cases = self._cases.of_conversation(conversation_id)
        if cases:
            view = case_view(cases[0])
            values |= {"case_number": view["number"], "deadline": _date_of(view.get("deadline", ""))}
        return values

    def _reply(self, conversation_id: str, said: SayIn) -> Reply:
        if said.text is not None:
            return Reply(blocks=[TextBlock(text=customer_text(said.text, MAX_CHARS).text)])
        if said.blocks is not None:
            return Reply.parse_obj({"blocks": mask_json(said.blocks)})
        if said.answer is not None:
            return Reply.parse_obj(
                {"blocks": self._suggestions.answer(said.answer.topic, said.answer.aspect)["blocks"]}
            )
        visible = self._cases.of_conversation(conversation_id, self._customer_ref(conversation_id))
        wanted = self._cases.find(said.case_number or "")
        if wanted is None or wanted.number not in {case.number for case in visible}:
            raise EntryNotFound()
        return Reply(blocks=[CaseBlock.parse_obj(case_block(wanted))])

    def _check(self, text: str, acknowledged: bool) -> None:
        findings = self._rulebook.findings(text)
        hints = "；".join(dict.fromkeys(f"“{one.found}”：{one.hint}" for one in findings))
        if any(one.action == "block" for one in findings):
            raise PhraseBlocked(hint=hints)
        if findings and not acknowledged:
            raise PhraseWarned(hint=hints)

    def _customer_ref(self, conversation_id: str) -> str | None:
        table = tables.conversations
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == conversation_id)).one_or_none()
        return None if row is None else conversation_from(row).customer_ref

    def _sent_before(self, conversation_id: str, client_id: str) -> int | None:
        table = tables.messages
        with self._database.read() as connection:
            seq = connection.execute(
                select(table.c.seq).where(table.c.conversation_id == conversation_id, table.c.client_id == client_id)
            ).scalar_one_or_none()
        return None if seq is None else int(seq)


def _words(reply: Reply) -> list[str]:
    return [block.text for block in reply.blocks if isinstance(block, TextBlock)]


def _date_of(promise: str) -> str:
    return promise.split("前")[0] if "前" in promise else promise
