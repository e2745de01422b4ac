"""Taking a complaint: only what is needed and not known yet, in any order, never talked away.

What may be asked for stands in 银保监会令2020年第3号 (facts, demand, contact); what the bank knows already is not
asked again. Four questions at most, each once; a vague answer is an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.forms import story
from actions.forms.fields import adds, says_demand, says_how_to_answer, wants_person
from actions.forms.filing import FilingForm
from actions.forms.form import Step, form_block, without_buttons
from actions.interpret import Reading, questions_beside
from actions.response import Response
from actions.turn import Turn
from bot.cases.model import CaseDraft, CaseKind
from bot.knowledge.compose import Block

SHORT = 12
DETAILS, CONTACT, CONFIRM = "complaint_details", "complaint_contact", "complaint_confirm"


class ComplaintForm(FilingForm):
    """Gathers a complaint and files it."""

    name = "complaint_form"
    act = "complain"
    slots = (DETAILS, CONTACT, CONFIRM)
    confirm = CONFIRM

    async def open(self, turn: Turn, reading: Reading, draft: dict[str, Any]) -> Step:
        """Take up the complaint; a question in the same message is answered first."""
        step = await super().open(turn, reading, draft)
        responder = self.means.responder
        beside = [
            one for one in await questions_beside(turn, self.means.reader) if responder.questions.knows(one.topic)
        ]
        if not beside:
            return step
        answers = responder.questions.answers(beside, self.means.today)
        shown = [Response(without_buttons(one.blocks), one.routing) for one in answers]
        return replace(step, responses=[*shown, *step.responses])

    def opening(self, turn: Turn, draft: Mapping[str, Any]) -> list[Block]:
        """Apologise, say that it will be registered, offer a person, name the rule."""
        return self.replies.blocks("complain")

    def answers(self, slot: str, turn: Turn) -> bool:
        """A way of answering is named, or what every form that files takes for an answer."""
        by = slot == CONTACT and says_how_to_answer(turn.text) and not wants_person(turn.text)
        return by or super().answers(slot, turn)

    def next(self, turn: Turn, draft: dict[str, Any], before: list[Block] | None = None) -> Step:
        """Ask what happened, then what is open of place, time and demand, then how to answer, then for consent."""
        asked = draft.get("asked", [])
        known = bool(turn.metadata.get("customer"))
        draft["known"] = known
        if not draft.get("story") and "what" not in asked:
            return self._ask(DETAILS, "what", draft, before)
        placed = draft.get("when") or draft.get("where")
        if not {"rest", "change"} & set(asked) and not (placed and draft.get("demand")):
            return self._ask(DETAILS, "rest" if not placed and not draft.get("demand") else _open(draft), draft, before)
        reachable = known or (draft.get("contact") or {}).get("tail")
        if not reachable and "contact" not in asked:
            return self._ask(CONTACT, "contact", draft, before)
        return self.asking(CONFIRM, draft, before or [])

    def _ask(self, slot: str, what: str, draft: dict[str, Any], before: list[Block] | None) -> Step:
        draft["asking"] = "rest" if what in ("rest_place", "rest_demand") else what
        draft["wording"] = what
        return self.asking(slot, draft, before or [])

    def answered(self, slot: str, turn: Turn, draft: dict[str, Any]) -> None:
        """Keep the words; what was asked for is then known, however vague they are."""
        text = turn.text.strip()
        story.hear_contact(draft, turn)
        if slot == CONTACT and (says_how_to_answer(text) or len(text) <= SHORT):
            return
        if not adds(text):
            return
        story.keep(draft, text)
        if draft.get("wording") in ("rest", "rest_demand") and not says_demand(text):
            draft["demand_said"] = text[: story.SHOWN]

    def question(self, slot: str, draft: Mapping[str, Any]) -> list[Block]:
        """Return the question of the moment."""
        if slot == CONFIRM:
            return self.confirmation(draft)
        if slot == CONTACT:
            return [*self.replies.blocks("ask_complaint_contact"), form_block("details", "怎么联系您")]
        wording = "change" if draft.get("asking") == "change" else draft.get("wording", "what")
        return [*self.replies.blocks(f"ask_complaint_{wording}"), form_block("details", "请说说具体情况")]

    def read_back(self, draft: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return what happened, what is demanded and how the customer will be answered."""
        demand = story.demanded(draft) or "请本行核实处理并答复"
        return [
            {"label": "事情经过", "text": story.shown(draft) or "您对本行的服务不满意，具体情况由专人与您核实"},
            {"label": "您的诉求", "text": demand},
            {"label": "答复方式", "text": story.answered_by(draft, bool(draft.get("known")))},
        ]

    def case(self, turn: Turn, draft: Mapping[str, Any], sealed: str | None, tail: str) -> CaseDraft:
        """Return the complaint in the customer's own (masked) words."""
        return CaseDraft(
            kind=CaseKind.COMPLAINT,
            subject=story.subject(draft) or "对本行服务的投诉",
            details=story.whole(draft),
            demand=story.demanded(draft),
            customer_ref=turn.metadata.get("customer"),
            conversation_id=turn.conversation,
            channel=str(turn.metadata.get("channel") or "web"),
            sealed_contact=sealed,
            phone_tail=tail,
        )


def _open(draft: Mapping[str, Any]) -> str:
    return "rest_demand" if not draft.get("demand") else "rest_place"
