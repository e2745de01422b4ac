"""Taking a case back: read back first, done only when confirmed (银保监会令2020年第3号: it ends the same day)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions.forms.cases import CaseForm
from actions.forms.fields import is_no, is_yes
from actions.forms.form import Step, buttons, form_block
from actions.interpret import Reading
from actions.services import ServiceSilent
from actions.turn import Turn
from bot.cases.model import Case, CaseStatus, transitions
from bot.cases.views import case_block
from bot.cases.wording import KINDS
from bot.errors import CaseActionRefused
from bot.knowledge.compose import Block


class CaseWithdrawForm(CaseForm):
    """Takes back one of the customer's own cases."""

    name = "case_withdraw_form"
    act = "case_withdraw"
    slots = ("case_number", "phone_tail", "otp", "withdraw_confirm")

    def suitable(self, cases: Sequence[Case]) -> list[Case]:
        """Only what can be taken back is offered."""
        return [case for case in cases if _withdrawable(case)] or list(cases)

    async def found(self, turn: Turn, draft: dict[str, Any], case: Case) -> Step:
        """Read the case back and ask whether it is to be taken back."""
        if not _withdrawable(case):
            lead, *rest = self.replies.blocks("not_withdrawable")
            return self.ending([self.said([lead, case_block(case, "status_shown"), *rest])], last_case=case.number)
        draft |= {"kind": KINDS[case.kind], "subject": case.subject}
        return self.asking("withdraw_confirm", draft)

    async def answer(self, turn: Turn, reading: Reading, draft: dict[str, Any], case: Case) -> Step:
        """Do it, leave it, or answer what is asked in between."""
        if turn.choice and turn.choice.get("act") == "deny":
            return self.ending([self.said(self.replies.blocks("case_withdraw_form_left"))], last_case=case.number)
        agreed = turn.choice is not None and turn.choice.get("act") == "affirm"
        again = reading.first.act == "case_withdraw" and reading.first.confidence >= 0.6
        if agreed or is_yes(turn.text, reading.first.act) or again:
            return await self._withdraw(turn, draft, case)
        if is_no(turn.text, reading.first.act):
            return self.ending([self.said(self.replies.blocks("case_withdraw_form_left"))], last_case=case.number)
        slot = "withdraw_confirm"
        return self.digression(turn, reading, slot, draft) or self.once_more(turn, reading, slot, draft)

    async def _withdraw(self, turn: Turn, draft: dict[str, Any], case: Case) -> Step:
        key = f"withdraw:{turn.conversation}:{case.number}"
        service = self.means.services.cases
        try:
            done = await self.means.services.call(service.withdraw, case.number, self.actor(turn), "", key)
        except CaseActionRefused as error:
            blocks: list[Block] = [{"type": "text", "text": error.text}, case_block(case, "status_shown")]
            return self.ending([self.said(blocks)], last_case=case.number)
        except ServiceSilent:
            return self.silent("withdraw_confirm", draft)
        lead, *rest = self.replies.blocks("withdrawn")
        return self.ending([self.said([lead, case_block(done, "withdrawn"), *rest])], last_case=case.number)

    def question(self, slot: str, draft: Mapping[str, Any]) -> list[Block]:
        """Return the read-back with the question whether to go on, else the questions of every case form."""
        if slot != "withdraw_confirm":
            return super().question(slot, draft)
        facts = [{"label": "编号", "text": draft["number"]}, {"label": draft["kind"], "text": draft["subject"]}]
        return [
            *self.replies.blocks("ask_withdraw_confirm"),
            {"type": "facts", "kind": "other", "title": "您要撤回的工单", "items": facts},
            buttons(("确认撤回", "affirm"), ("先不撤回", "deny")),
            form_block("confirm", "确认撤回吗？"),
        ]


def _withdrawable(case: Case) -> bool:
    return CaseStatus.WITHDRAWN in transitions(case.kind, case.status)
