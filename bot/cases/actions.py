"""What can be done to a case, as plain data: the same for our own database and the bank's case system."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Extra, Field, StrictStr

from bot.cases.model import CaseStatus, Outcome, Priority, Remedy

MAX_TEXT = 2000


class _Action(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


_Text = Annotated[StrictStr, Field(min_length=1, max_length=MAX_TEXT)]


class Urge(_Action):
    """The customer asks to hurry."""

    action: Literal["urge"] = "urge"
    reason: StrictStr = Field("", max_length=MAX_TEXT)


class Withdraw(_Action):
    """The customer takes the case back."""

    action: Literal["withdraw"] = "withdraw"
    reason: StrictStr = Field("", max_length=MAX_TEXT)


class Remark(_Action):
    """Somebody adds a text; ``public`` false is for staff only."""

    action: Literal["remark"] = "remark"
    text: _Text
    public: bool = True


class Recheck(_Action):
    """The customer disagrees with the decision and wants it looked at again."""

    action: Literal["recheck"] = "recheck"
    reason: _Text


class AddFile(_Action):
    """A file was added; its content is kept elsewhere."""

    action: Literal["add_file"] = "add_file"
    file_id: StrictStr = Field(..., max_length=40)
    name: StrictStr = Field(..., max_length=120)


class Assign(_Action):
    """Give the case to a responsible person."""

    action: Literal["assign"] = "assign"
    to: StrictStr = Field(..., min_length=1, max_length=40)
    name: StrictStr = Field("", max_length=60)


class Advance(_Action):
    """Go on to ``status``; ``note`` is told to the customer."""

    action: Literal["advance"] = "advance"
    status: CaseStatus
    note: StrictStr = Field("", max_length=MAX_TEXT)


class Extend(_Action):
    """Extend the time for the decision: who approved it, why, and what the customer was told."""

    action: Literal["extend"] = "extend"
    reason: _Text
    approved_by: StrictStr = Field(..., min_length=1, max_length=40)
    approver: StrictStr = Field(..., min_length=1, max_length=60, description="审批人姓名或职务")
    notice: _Text


class Decide(_Action):
    """Decide on the customer's request, with reasons and remedies."""

    action: Literal["decide"] = "decide"
    outcome: Outcome
    text: _Text
    reason: _Text
    remedies: tuple[Remedy, ...] = ()


class Close(_Action):
    """Nothing more is to be done."""

    action: Literal["close"] = "close"
    note: StrictStr = Field("", max_length=MAX_TEXT)


class Classify(_Action):
    """Set the codes of the complaint statistics and the priority."""

    action: Literal["classify"] = "classify"
    channel: StrictStr = Field("", max_length=32)
    business: StrictStr = Field("", max_length=32)
    reason: StrictStr = Field("", max_length=32)
    priority: Priority | None = None


class ViewContact(_Action):
    """Somebody of the bank looks at the contact in full."""

    action: Literal["view_contact"] = "view_contact"


class Forward(_Action):
    """The bank's own case system has the case now and counts its deadlines."""

    action: Literal["forward"] = "forward"


class Warn(_Action):
    """The clock: ``percent`` of the time of a deadline is over."""

    action: Literal["warn"] = "warn"
    deadline: StrictStr
    percent: Literal[50, 80, 100]


Action = (
    Urge
    | Withdraw
    | Remark
    | Recheck
    | AddFile
    | Assign
    | Advance
    | Extend
    | Decide
    | Close
    | Classify
    | ViewContact
    | Forward
    | Warn
)
AnyAction = Annotated[Action, Field(discriminator="action")]

#: Actions that only make sense in the state which the person who acts has seen.
NEEDS_VERSION: tuple[type[Any], ...] = (Assign, Advance, Extend, Decide, Close, Classify)
