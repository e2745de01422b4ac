"""The forms as Rasa runs them: one validation action a form hears the answer and asks the next question.

Rasa keeps the active form and the requested slot and calls ``validate_<form>`` on every message while a form is
active (and once to open it). Asking in the same call spares each turn a second way to the action server.
"""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT, FormValidationAction

from actions.forms.complaint import ComplaintForm
from actions.forms.form import Form, Means
from actions.forms.loss import LossForm
from actions.forms.status import CaseStatusForm, CaseUrgeForm
from actions.forms.suggestion import SuggestionForm
from actions.forms.withdraw import CaseWithdrawForm
from actions.means import shared_means
from actions.response import remembered
from actions.turn import Turn


class _Hearing:
    """What every form does with a message."""

    form: ClassVar[type[Form]]

    def __init__(self, means: Means | None = None) -> None:
        self._means = means

    def name(self) -> str:
        """Name in the domain."""
        return f"validate_{self.form.name}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Hear one message; send the replies; return the slots, the requested one last."""
        turn = Turn.of(tracker)
        step = await self.form(self._means or shared_means()).take(turn)
        for response in step.responses:
            dispatcher.utter_message(json_message=response.payload())
        slots = {**remembered(step.responses), **step.slots}
        events: list[dict[str, Any]] = [SlotSet(name, value) for name, value in slots.items()]
        events.append(SlotSet(REQUESTED_SLOT, step.asks))
        return [*events, FollowupAction(step.then)] if step.then else events


class ValidateCaseStatusForm(_Hearing, FormValidationAction):
    """Where a case stands."""

    form = CaseStatusForm


class ValidateCaseUrgeForm(_Hearing, FormValidationAction):
    """Asking to hurry."""

    form = CaseUrgeForm


class ValidateCaseWithdrawForm(_Hearing, FormValidationAction):
    """Taking a case back."""

    form = CaseWithdrawForm


class ValidateComplaintForm(_Hearing, FormValidationAction):
    """Taking a complaint."""

    form = ComplaintForm


class ValidateLossForm(_Hearing, FormValidationAction):
    """Reporting a loss."""

    form = LossForm


class ValidateSuggestionForm(_Hearing, FormValidationAction):
    """Praise and suggestions."""

    form = SuggestionForm
