"""Praise and suggestions, passed on as a case when the customer wants it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.forms import story
from actions.forms.fields import adds
from actions.forms.filing import FilingForm
from actions.forms.form import Step, form_block
from actions.parts import sounds_like_question
from actions.response import Response
from actions.turn import Turn
from bot.cases.model import CaseDraft, CaseKind
from bot.knowledge.compose import Block
from bot.knowledge.replies import Replies

TOPIC = "suggestion.praise"
TEXT, CONFIRM = "suggestion_text", "suggestion_confirm"


def with_offer(turn: Turn, response: Response, replies: Replies) -> Response:
    """Return an answer about praise and suggestions with the offer to pass one on; any other as it is."""
    if response.routing.get("topic") != TOPIC or response.routing.get("act") != "ask":
        return response
    seed = None if sounds_like_question(turn.text) or not turn.text else turn.text
    offered = {"form": SuggestionForm.name, "seed": seed}
    blocks = [*response.blocks, *replies.blocks("offer_suggestion")]
    return Response(blocks, response.routing, {**response.slots, "offered": offered})


class SuggestionForm(FilingForm):
    """Gathers praise or a suggestion and files it."""

    name = "suggestion_form"
    act = "ask"
    slots = (TEXT, CONFIRM)
    confirm = CONFIRM

    def opening(self, turn: Turn, draft: Mapping[str, Any]) -> list[Block]:
        """Nothing comes before the question."""
        return []

    def next(self, turn: Turn, draft: dict[str, Any], before: list[Block] | None = None) -> Step:
        """Ask for the words unless they stand in what was said before, then read back."""
        if not draft.get("story") and "what" not in draft.get("asked", []):
            draft["asking"] = "what"
            return self.asking(TEXT, draft, before or [])
        return self.asking(CONFIRM, draft, before or [])

    def answered(self, slot: str, turn: Turn, draft: dict[str, Any]) -> None:
        """Keep the words."""
        story.hear_contact(draft, turn)
        if adds(turn.text):
            story.keep(draft, turn.text)

    def question(self, slot: str, draft: Mapping[str, Any]) -> list[Block]:
        """Return the question of the moment."""
        if slot == CONFIRM:
            return self.confirmation(draft)
        return [*self.replies.blocks("ask_suggestion_text"), form_block("details", "请说说您的意见")]

    def read_back(self, draft: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return the words that are passed on."""
        return [{"label": "您的意见", "text": story.shown(draft) or "客户对本行的意见"}]

    def case(self, turn: Turn, draft: Mapping[str, Any], sealed: str | None, tail: str) -> CaseDraft:
        """Return the suggestion."""
        return CaseDraft(
            kind=CaseKind.SUGGESTION,
            subject=story.subject(draft) or "意见建议",
            details=story.whole(draft),
            customer_ref=turn.metadata.get("customer"),
            conversation_id=turn.conversation,
            channel=str(turn.metadata.get("channel") or "web"),
            sealed_contact=sealed,
            phone_tail=tail,
        )
