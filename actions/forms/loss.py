"""A card is lost: what to do this minute, then an oral loss report as an urgent case (储蓄管理条例第30、31条)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.forms import story
from actions.forms.fields import adds, card_tail_in, is_no
from actions.forms.filing import FilingForm
from actions.forms.form import Step, form_block
from actions.interpret import Reading
from actions.turn import Turn
from bot.cases.model import CaseDraft, CaseKind
from bot.knowledge.compose import Block

DETAILS, CONFIRM = "loss_details", "loss_confirm"
_THING = re.compile(r"信用卡|储蓄卡|借记卡|银行卡|工资卡|社保卡|存折|存单|u盾|卡|折", re.IGNORECASE)
_DECLINES = re.compile(r"自己(?:打|办|来|挂)|我打电话|已经(?:挂失|打)|不用(?:登记|你|您|帮)|不需要|先不")


class LossForm(FilingForm):
    """Gathers an oral loss report and files it as urgent."""

    name = "loss_form"
    act = "report_loss"
    slots = (DETAILS, CONFIRM)
    confirm = CONFIRM

    async def go_on(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        """Let go at once when the customer does it by phone; else as every form that files."""
        asked = turn.slots.get("requested_slot")
        declines = _DECLINES.search(turn.text) or (asked == DETAILS and is_no(turn.text, reading.first.act))
        if turn.choice is None and declines and len(turn.text) <= story.SUBJECT:
            return self.ending([self.said(self.replies.blocks("loss_form_left"))])
        return await super().go_on(turn, reading, draft)

    def answers(self, slot: str, turn: Turn) -> bool:
        """The tail of a card is named, the form is declined, or what every form that files takes for an answer."""
        if _DECLINES.search(turn.text) and len(turn.text) <= story.SUBJECT:
            return True
        return (slot == DETAILS and card_tail_in(turn.text) is not None) or super().answers(slot, turn)

    def opening(self, turn: Turn, draft: Mapping[str, Any]) -> list[Block]:
        """What to do this minute comes before anything else."""
        return self.replies.blocks("report_loss")

    def next(self, turn: Turn, draft: dict[str, Any], before: list[Block] | None = None) -> Step:
        """Ask once which card it is, then read back."""
        self._note(turn, draft)
        if not (draft.get("thing") and draft.get("tail")) and not draft.get("asked"):
            return self.asking(DETAILS, draft, before or [])
        return self.asking(CONFIRM, draft, before or [])

    def answered(self, slot: str, turn: Turn, draft: dict[str, Any]) -> None:
        """Keep the words and what they say of the card."""
        story.hear_contact(draft, turn)
        if adds(turn.text):
            story.keep(draft, turn.text)
        self._note(turn, draft)

    def _note(self, turn: Turn, draft: dict[str, Any]) -> None:
        things = _THING.findall(turn.text)
        if things:
            draft["thing"] = max(things, key=len)
        if (tail := card_tail_in(turn.text)) is not None:
            draft["tail"] = tail

    def question(self, slot: str, draft: Mapping[str, Any]) -> list[Block]:
        """Return the question of the moment."""
        if slot == CONFIRM:
            return self.confirmation(draft)
        return [*self.replies.blocks("ask_loss_details"), form_block("details", "丢的是哪张卡")]

    def read_back(self, draft: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return what is lost, what was said of it and how the customer will be reached."""
        return [
            {"label": "挂失的卡或存折", "text": _thing(draft)},
            {"label": "您说的情况", "text": story.shown(draft) or "银行卡丢失，要求挂失"},
            {"label": "联系方式", "text": story.answered_by(draft, bool(draft.get("known")))},
        ]

    def case(self, turn: Turn, draft: Mapping[str, Any], sealed: str | None, tail: str) -> CaseDraft:
        """Return the loss report."""
        return CaseDraft(
            kind=CaseKind.LOSS_REPORT,
            subject=f"口头挂失：{_thing(draft)}",
            details=story.whole(draft) or "客户口头挂失",
            demand="请立即止付",
            customer_ref=turn.metadata.get("customer"),
            conversation_id=turn.conversation,
            channel=str(turn.metadata.get("channel") or "web"),
            sealed_contact=sealed,
            phone_tail=tail,
        )


def _thing(draft: Mapping[str, Any]) -> str:
    thing = str(draft.get("thing") or "银行卡")
    thing = {"卡": "银行卡", "折": "存折"}.get(thing, thing)
    return f"{thing}（尾号 {draft['tail']}）" if draft.get("tail") else thing
