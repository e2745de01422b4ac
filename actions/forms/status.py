"""Where a case stands, and asking to hurry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.forms.cases import CaseForm
from actions.forms.form import Step
from actions.services import ServiceSilent
from actions.turn import Turn
from bot.cases.model import Case
from bot.cases.views import case_block
from bot.errors import CaseActionRefused, CaseNotFound, CaseUrgedToday


class CaseStatusForm(CaseForm):
    """Shows a case to whom it belongs."""

    name = "case_status_form"
    act = "case_status"
    slots = ("case_number", "phone_tail", "otp")

    async def found(self, turn: Turn, draft: dict[str, Any], case: Case) -> Step:
        """Show the case: status, timeline, deadline, next step."""
        lead, *rest = self.replies.blocks("status_shown")
        return self.ending([self.said([lead, case_block(case, "status_shown"), *rest])], last_case=case.number)


class CaseUrgeForm(CaseForm):
    """Passes on that the customer asks to hurry, in the customer's own words, once a day."""

    name = "case_urge_form"
    act = "case_urge"
    slots = ("case_number", "phone_tail", "otp", "urge_reason")

    def suitable(self, cases: Sequence[Case]) -> list[Case]:
        """Only what is still being worked on can be hurried."""
        return [case for case in cases if not case.ended] or list(cases)

    async def found(self, turn: Turn, draft: dict[str, Any], case: Case) -> Step:
        """Record the wish; the second time on one day say so."""
        key = f"urge:{turn.conversation}:{turn.message}" if turn.message else None
        service = self.means.services.cases
        try:
            reason = draft.get("reason") or ""
            urged = await self.means.services.call(service.urge, case.number, reason, self.actor(turn), key)
        except CaseUrgedToday:
            lead, *rest = self.replies.blocks("urged_today")
            return self.ending([self.said([lead, case_block(case, "status_shown"), *rest])], last_case=case.number)
        except CaseActionRefused as error:
            blocks = [{"type": "text", "text": error.text}, case_block(case, "status_shown")]
            return self.ending([self.said(blocks)], last_case=case.number)
        except (CaseNotFound, ServiceSilent):
            return self.silent(None, draft)
        lead, *rest = self.replies.blocks("urged")
        return self.ending([self.said([lead, case_block(urged, "urged"), *rest])], last_case=case.number)

    async def open(self, turn: Turn, reading: Any, draft: dict[str, Any]) -> Step:
        """The words with which the customer asks to hurry are the reason that is passed on."""
        return await super().open(turn, reading, {**draft, "reason": turn.text[:300]})
