"""Forms that end in a new case: gather, read back, file with the customer's consent, give the receipt."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from actions.forms import story
from actions.forms.fields import asks_progress, is_no, is_yes, says_little
from actions.forms.form import PATIENCE, Form, Step, asks_again, buttons, form_block
from actions.interpret import Reading
from actions.response import Response
from actions.services import ServiceSilent
from actions.turn import Turn
from bot.cases.model import Case, CaseDraft
from bot.cases.views import case_block
from bot.knowledge.compose import Block
from bot.nlu.decision import Decision

IDLE_ACTS = {"greet": 6, "thanks": 6, "affirm": 6, "chitchat": 6, "abuse": 6, "dissatisfied": 6, "out_of_scope": 3}
"""Acts that tell nothing of the matter in messages no longer than so many characters."""


class FilingForm(Form):
    """Gathers a matter and files it as a case. Its last slot is the confirmation."""

    confirm: str

    async def open(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        """Take up what was said at once and ask for what is missing."""
        draft["id"] = uuid4().hex
        if (seed := draft.pop("seed", None)) is not None:
            story.keep(draft, seed)
        else:
            story.hear(draft, turn)
        return self.next(turn, draft, self.opening(turn, draft))

    async def go_on(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        """Take up an answer, or settle the confirmation."""
        slot = str(turn.slots["requested_slot"])
        if slot == self.confirm:
            return await self._confirmed(turn, reading, draft)
        if asks_again(turn, reading):
            return self.once_more(turn, reading, slot, draft)
        if not self.answers(slot, turn):
            if (digression := self.digression(turn, reading, slot, draft)) is not None:
                return digression
            nothing_to_add = draft.get("story") and is_yes(turn.text, reading.first.act)
            tells_nothing = not nothing_to_add and self._tells_nothing(turn, reading)
            if tells_nothing and int(draft.get("misses") or 0) < PATIENCE:
                return self.once_more(turn, reading, slot, draft)
        draft["misses"] = 0
        if not story.put_right(draft, turn.text):
            self.answered(slot, turn, draft)
        draft["asked"] = [*draft.get("asked", []), draft.get("asking", slot)]
        return self.next(turn, draft)

    def answers(self, slot: str, turn: Turn) -> bool:
        """A number to call is an answer; so is a plain yes to what was read back."""
        return bool(turn.metadata.get("contact")) or (slot == self.confirm and is_yes(turn.text))

    def gives_way(self, turn: Turn, decision: Decision) -> bool:
        """A story may sound like much else; only asking for the progress of a case is no part of it."""
        asks = decision.act == "case_status" and asks_progress(turn.text)
        return asks and super().gives_way(turn, decision)

    @abstractmethod
    def opening(self, turn: Turn, draft: Mapping[str, Any]) -> list[Block]:
        """Return the words before the first question."""

    @abstractmethod
    def next(self, turn: Turn, draft: dict[str, Any], before: list[Block] | None = None) -> Step:
        """Return the step that asks for what is still missing, or reads back."""

    @abstractmethod
    def answered(self, slot: str, turn: Turn, draft: dict[str, Any]) -> None:
        """Take up the answer to ``slot``."""

    @abstractmethod
    def read_back(self, draft: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return what will be filed, as facts."""

    @abstractmethod
    def case(self, turn: Turn, draft: Mapping[str, Any], sealed: str | None, tail: str) -> CaseDraft:
        """Return the case to file."""

    # -- confirmation -----------------------------------------------------------------------------------------

    async def _confirmed(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        act = reading.first.act
        chosen = turn.choice.get("act") if turn.choice else None
        if chosen == "affirm" or (chosen is None and is_yes(turn.text, act)):
            return await self._file(turn, draft)
        if chosen == "deny" or (chosen is None and is_no(turn.text, act) and len(turn.text) <= 6):
            draft["asking"] = "change"
            return self.asking(self.slots[0], draft)
        if (digression := self.digression(turn, reading, self.confirm, draft)) is not None:
            return digression
        if self._tells_nothing(turn, reading):
            return self.once_more(turn, reading, self.confirm, draft)
        if not story.put_right(draft, turn.text):
            self.answered(self.slots[0], turn, draft)
        return self.asking(self.confirm, draft, self.replies.blocks("form_changed"))

    def _tells_nothing(self, turn: Turn, reading: Reading) -> bool:
        if turn.metadata.get("contact"):
            return False
        return says_little(turn.text) or len(turn.text) <= IDLE_ACTS.get(reading.first.act, 0)

    async def _file(self, turn: Turn, draft: dict[str, Any]) -> Step:
        try:
            case = await self.means.services.call(self._filed, turn, draft)
        except ServiceSilent:
            return self.silent(self.confirm, draft)
        return self.ending([self.receipt(case)], last_case=case.number)

    def _filed(self, turn: Turn, draft: dict[str, Any]) -> Case:
        """File the case; the same draft never makes two."""
        services = self.means.services
        contact = draft.get("contact") or {}
        kept = None
        if contact.get("token"):
            kept = services.identity.contacts.take(contact["token"], turn.conversation)
        sealed, tail = (kept.sealed, kept.tail) if kept is not None else (None, contact.get("tail") or "")
        key = f"{self.name}:{turn.conversation}:{draft['id']}"
        return services.cases.file(self.case(turn, draft, sealed, tail), key)

    def receipt(self, case: Case) -> Response:
        """Return the receipt: number, deadline as a date, how to follow, remedies."""
        lead, *rest = self.replies.blocks(f"{self.name}_filed")
        return self.said([lead, case_block(case, "created"), *rest])

    def confirmation(self, draft: Mapping[str, Any]) -> list[Block]:
        """Return the read-back with the question for consent."""
        return [
            *self.replies.blocks(f"ask_{self.confirm}"),
            {"type": "facts", "kind": "other", "title": "请您核对", "items": self.read_back(draft)},
            buttons(("确认提交", "affirm"), ("我要修改", "deny")),
            form_block("confirm", "确认提交吗？"),
        ]
