"""Forms about a case that exists: which case, and whether it is this customer's (`GB/T 47746—2026 2.1` identity first).

A verified customer's own cases are known; anybody else names the number, the tail of its phone and a one-time
code. Wrong number, wrong tail, somebody else's case and no such case get word for word the same refusal.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from actions.choices import NONE_OF_THEM, counted, named
from actions.forms.fields import case_number_in, forgot, number_like_in, phone_tail_in
from actions.forms.form import Form, Step, form_block
from actions.interpret import Reading
from actions.services import ServiceSilent
from actions.turn import Turn
from bot.cases.days import SHANGHAI
from bot.cases.model import Actor, Case, CaseKind
from bot.cases.wording import KINDS
from bot.errors import CaseNotFound
from bot.knowledge.compose import Block

MOST_CHOICES = 5
_ALL = re.compile(r"哪些|都有|所有|全部|几个|几件|列")
_NOT_RECEIVED = re.compile(r"没收到|收不到|没有收到|重发|再发|重新发|过期")
_KIND_WORDS = {
    CaseKind.COMPLAINT: ("投诉",),
    CaseKind.LOSS_REPORT: ("挂失",),
    CaseKind.APPLICATION: ("申请", "贷款", "办卡", "开户", "审批", "提额"),
    CaseKind.CONSULTATION: ("咨询",),
    CaseKind.SUGGESTION: ("建议", "表扬"),
}


class CaseForm(Form):
    """Finds the case first; what is then done with it is up to the form."""

    async def open(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        """Take number and tail if they were given at once; a known customer's case needs neither."""
        return await self._find(turn, reading, draft, opening=True)

    async def go_on(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        """Go on with the number, the tail, the code, or the form's own question."""
        slot = str(turn.slots["requested_slot"])
        if slot == "otp" and turn.metadata.get("otp") != "accepted":
            return await self._code(turn, reading, draft)
        if slot not in ("case_number", "phone_tail", "otp"):
            try:
                case = await self._visible(turn, draft["number"])
            except ServiceSilent:
                return self.silent(slot, draft)
            except CaseNotFound:
                return self.refused()
            return await self.answer(turn, reading, draft, case)
        return await self._find(turn, reading, draft, opening=False)

    def answers(self, slot: str, turn: Turn) -> bool:
        """A number of ours, a tail that was asked for, a code."""
        tail = slot == "phone_tail" and phone_tail_in(turn.text) is not None
        return tail or bool(turn.metadata.get("otp")) or case_number_in(turn.text) is not None

    @abstractmethod
    async def found(self, turn: Turn, draft: dict[str, Any], case: Case) -> Step:
        """Return the step once the customer may see ``case``."""

    async def answer(self, turn: Turn, reading: Reading, draft: dict[str, Any], case: Case) -> Step:
        """Return the step after an answer to the form's own question."""
        return await self.found(turn, draft, case)

    def suitable(self, cases: Sequence[Case]) -> list[Case]:
        """Return those of a customer's cases that this form can be about."""
        return list(cases)

    def actor(self, turn: Turn) -> Actor:
        """Return who acts: the known customer, else the conversation."""
        return Actor.customer(turn.metadata.get("customer") or turn.conversation)

    def refused(self) -> Step:
        """Return the one refusal (no word tells which part was wrong)."""
        blocks = [*self.replies.blocks("case_refused"), {"type": "case", "event": "status_refused"}]
        return self.ending([self.said(blocks)])

    # -- finding ----------------------------------------------------------------------------------------------

    async def _find(self, turn: Turn, reading: Reading, draft: dict[str, Any], opening: bool) -> Step:
        try:
            return await self._find_with(turn, reading, draft, opening)
        except ServiceSilent:
            return self.silent(None if opening else str(turn.slots["requested_slot"]), draft)

    async def _find_with(self, turn: Turn, reading: Reading, draft: dict[str, Any], opening: bool) -> Step:
        asked = str(turn.slots.get("requested_slot") or "")
        chosen = self._chosen(turn, draft)
        heard = number_like_in(turn.text) if opening or asked == "case_number" else None
        if opening and heard is not None and not heard.upper().startswith("NY"):
            heard = None  # figures in a first message are amounts and dates rather than numbers
        number = chosen or heard or draft.get("number")
        if number is not None:
            draft["number"] = number
            return await self._with_number(turn, reading, draft, asked)
        own = await self._own(turn)
        if own and not draft.get("listed"):
            return await self._one_of(turn, draft, own)
        if own and asked == "case_number":
            return self._not_chosen(turn, reading, draft)
        if turn.metadata.get("customer"):
            return self.ending([self.said(self.replies.blocks("no_cases"))])
        if (tail := phone_tail_in(turn.text, named_only=opening)) is not None:
            draft["tail"] = tail
            return self.asking("case_number", draft)
        if opening:
            return self.asking("case_number", draft, self.replies.blocks(self.act)[:1])
        return self._not_number(turn, reading, draft)

    def _chosen(self, turn: Turn, draft: dict[str, Any]) -> str | None:
        if turn.choice and turn.choice.get("case"):
            return str(turn.choice["case"])
        listed: list[list[str]] = draft.get("listed") or []
        position = counted(turn.text, len(listed)) if listed else None
        if position is None and listed:
            position = named(turn.text, [[title] for _, title in listed])
        return None if position is None or position == NONE_OF_THEM else listed[position][0]

    def _not_chosen(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        if counted(turn.text, len(draft["listed"])) == NONE_OF_THEM:
            return self.ending([self.said(self.replies.blocks("no_such_case_of_yours"))])
        return self.digression(turn, reading, "case_number", draft) or self.once_more(
            turn, reading, "case_number", draft
        )

    def _not_number(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        digression = self.digression(turn, reading, "case_number", draft)
        if digression is not None and not forgot(turn.text):
            return digression
        if forgot(turn.text):
            blocks = self.replies.blocks("case_number_forgotten")
            offer = next(block for block in blocks if block["type"] == "handoff")
            offered = {key: offer[key] for key in ("reason", "priority", "skill")}
            return self.asking("case_number", draft, blocks, offered=offered)
        return self.once_more(turn, reading, "case_number", draft)

    async def _own(self, turn: Turn) -> list[Case]:
        """Return the cases this conversation may see that fit the form and the customer's words, newest first."""
        service, customer = self.means.services.cases, turn.metadata.get("customer")
        seen = await self.means.services.call(service.of_conversation, turn.conversation, customer)
        fitting = self.suitable(seen)
        last = turn.slots.get("last_case")
        wanted = {kind for kind, words in _KIND_WORDS.items() if any(word in turn.text for word in words)}
        of_kind = [case for case in fitting if case.kind in wanted]
        found = of_kind or fitting
        current = [
            case for case in found if case.number == last and "哪些" not in turn.text and "都有" not in turn.text
        ]
        return current if current and not turn.metadata.get("customer") else found

    async def _one_of(self, turn: Turn, draft: dict[str, Any], cases: Sequence[Case]) -> Step:
        if len(cases) == 1:
            draft["number"] = cases[0].number
            return await self.found(turn, draft, cases[0])
        draft["listed"] = [[case.number, _title(case)] for case in cases[:MOST_CHOICES]]
        return self.asking("case_number", draft)

    async def _with_number(self, turn: Turn, reading: Reading, draft: dict[str, Any], asked: str) -> Step:
        try:
            return await self.found(turn, draft, await self._visible(turn, draft["number"]))
        except CaseNotFound:
            if turn.metadata.get("customer"):
                return self.refused()
        beside = case_number_in(turn.text) is not None
        tail = phone_tail_in(turn.text, named_only=asked != "phone_tail" and not beside) or draft.get("tail")
        contact = turn.metadata.get("contact") or {}
        tail = tail or contact.get("tail")
        if tail is None:
            if asked != "phone_tail":
                return self.asking("phone_tail", draft)
            digression = self.digression(turn, reading, "phone_tail", draft)
            return digression or self.once_more(turn, reading, "phone_tail", draft)
        draft["tail"] = tail
        return await self._send_code(turn, draft)

    async def _visible(self, turn: Turn, number: str) -> Case:
        service, customer = self.means.services.cases, turn.metadata.get("customer")
        return await self.means.services.call(service.visible, number, turn.conversation, customer)

    # -- the one-time code ------------------------------------------------------------------------------------

    async def _send_code(self, turn: Turn, draft: dict[str, Any], before: Sequence[Block] = ()) -> Step:
        origin = str(turn.metadata.get("origin") or turn.conversation)
        begin = self.means.services.verification.begin
        begun = await self.means.services.call(begin, turn.conversation, origin, draft["number"], draft["tail"])
        if begun.outcome == "sent":
            return self.asking("otp", draft, before)
        if begun.outcome == "refused":
            return self.refused()
        if begun.outcome == "locked":
            return self._locked(begun.minutes)
        return self.ending([self.said(self.replies.blocks("sms_failed"))])

    def _locked(self, minutes: int) -> Step:
        text = self.replies.blocks("case_locked")
        text[0] = {**text[0], "text": text[0]["text"].replace("15", str(minutes or 15))}
        return self.ending([self.said([*text, {"type": "case", "event": "status_refused"}])])

    async def _code(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        outcome = turn.metadata.get("otp")
        if outcome == "locked":
            return self._locked(0)
        if outcome == "wrong":
            return self.asking("otp", draft, self.replies.blocks("otp_wrong"))
        again = outcome == "expired" or any(
            word in turn.text for word in ("没收到", "收不到", "重发", "再发", "过期", "没有收到")
        )
        try:
            if again:
                return await self._send_code(turn, draft, self.replies.blocks("otp_again"))
        except ServiceSilent:
            return self.silent("otp", draft)
        return self.digression(turn, reading, "otp", draft) or self.once_more(turn, reading, "otp", draft)

    # -- words ------------------------------------------------------------------------------------------------

    def question(self, slot: str, draft: Mapping[str, Any]) -> list[Block]:
        """Return the question for the number (or the choice of a case), the tail or the code."""
        if slot == "case_number" and draft.get("listed"):
            choices = [
                {"title": title, "payload": {"act": self.act, "case": number}} for number, title in draft["listed"]
            ]
            return [
                *self.replies.blocks("ask_which_case"),
                {"type": "buttons", "title": "您的工单", "buttons": choices},
                form_block("case_number", "请选择或说出第几个"),
            ]
        titles = {"case_number": "工单编号", "phone_tail": "预留手机号后四位", "otp": "短信验证码"}
        name = "ask_case_number_only" if slot == "case_number" and draft.get("tail") else f"ask_{slot}"
        return [*self.replies.blocks(name), form_block(slot, titles[slot])]


def _title(case: Case) -> str:
    day = case.received_at.astimezone(SHANGHAI)
    return f"{KINDS[case.kind]}：{case.subject[:24]}（{day.month}月{day.day}日提交）"
