"""The JSON of the staff's case interface, checked strictly."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConstrainedInt, Extra, Field, StrictBool, StrictStr, root_validator

from bot.blocks import has_lone_surrogate
from bot.cases.actions import MAX_TEXT
from bot.cases.model import CaseKind, CaseStatus, Outcome, Priority, Remedy
from bot.chat.case_schemas import CaseFileOut

_CLIENT_ID = r"^[A-Za-z0-9_.:\-]{1,64}$"


class _Request(BaseModel):
    @root_validator(pre=True)
    def _valid_text(cls, values: dict[str, Any]) -> dict[str, Any]:
        for value in values.values():
            if isinstance(value, str) and (has_lone_surrogate(value) or "\x00" in value):
                raise ValueError("no valid text")
        return values

    class Config:
        extra = Extra.forbid


class Version(ConstrainedInt):
    """The version that the person has seen."""

    strict = True
    ge = 1
    le = 2**31 - 1


class _Versioned(_Request):
    version: Version = Field(..., description="操作人看到的版本;与最新版本不同时返回 409")


class NewCaseIn(_Request):
    """A case that staff file for a customer."""

    client_id: StrictStr = Field(..., regex=_CLIENT_ID, description="重发时不变,不会重复建单")
    kind: CaseKind
    subject: StrictStr = Field(..., min_length=1, max_length=60)
    details: StrictStr = Field("", max_length=MAX_TEXT)
    demand: StrictStr = Field("", max_length=MAX_TEXT)
    conversation_id: StrictStr | None = Field(None, max_length=32)
    contact: StrictStr = Field("", max_length=40, description="手机号,加密保存")
    holder: StrictStr = Field("", max_length=40, description="客户姓名,只保留姓")
    channel: Literal["web", "app", "phone", "branch"] = "web"
    priority: Priority | None = None


class AssignIn(_Versioned):
    """Who is responsible from now on."""

    to: StrictStr = Field(..., min_length=1, max_length=32, description="工号")


class AdvanceIn(_Versioned):
    """A working status."""

    status: CaseStatus
    note: StrictStr = Field("", max_length=MAX_TEXT, description="告知客户的说明")


class ExtendIn(_Versioned):
    """An extension; the caller approves it."""

    reason: StrictStr = Field(..., min_length=1, max_length=MAX_TEXT)
    notice: StrictStr = Field(..., min_length=1, max_length=MAX_TEXT, description="告知客户的内容")


class DecideIn(_Versioned):
    """A decision; a complaint's names every remedy."""

    outcome: Outcome
    text: StrictStr = Field(..., min_length=1, max_length=MAX_TEXT)
    reason: StrictStr = Field(..., min_length=1, max_length=MAX_TEXT)
    remedies: list[Remedy] = Field([], max_items=4)


class CloseIn(_Versioned):
    """Nothing more is to be done."""

    note: StrictStr = Field("", max_length=MAX_TEXT)


class ClassifyIn(_Versioned):
    """Codes of the complaint statistics (JR/T 0169-2018) and the priority."""

    channel: StrictStr = Field("", max_length=32)
    business: StrictStr = Field("", max_length=32)
    reason: StrictStr = Field("", max_length=32)
    priority: Priority | None = None


class StaffRemarkIn(_Request):
    """A remark; ``public`` is shown to the customer."""

    text: StrictStr = Field(..., min_length=1, max_length=MAX_TEXT)
    public: StrictBool = False


class DeadlineOut(BaseModel):
    """A deadline."""

    kind: str
    name: str
    started_at: datetime
    due_on: date
    due_at: datetime
    state: str
    extensions: int
    warned: int


class EntryOut(BaseModel):
    """An entry of the timeline."""

    seq: int
    at: str
    kind: str
    actor: str
    by: str
    text: str
    public: bool


class DecisionOut(BaseModel):
    """A decision."""

    outcome: str
    text: str
    reason: str
    remedies: list[str]
    decided_at: datetime


class StaffCaseOut(BaseModel):
    """A case as staff see it."""

    number: str
    kind: str
    kind_name: str
    status: str
    status_code: str
    subject: str
    details: str
    demand: str
    holder: str
    contact: str
    channel: str
    customer_ref: str | None
    conversation_id: str | None
    unit: str
    responsible: str | None
    responsible_name: str
    category: dict[str, str]
    priority: str
    version: int
    received: str
    received_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    deadline: str
    next: str
    transitions: list[str]
    decision: DecisionOut | None
    deadlines: list[DeadlineOut]
    timeline: list[EntryOut]
    files: list[CaseFileOut] = []


class StaffCasesOut(BaseModel):
    """A page of cases, newest first, without timelines."""

    cases: list[StaffCaseOut]
    total: int


class ContactOut(BaseModel):
    """A contact in full."""

    contact: str | None


class NoticeOut(BaseModel):
    """Something to look at."""

    id: str
    case_number: str
    text: str
    created_at: datetime
    read: bool

    class Config:
        orm_mode = True


class OptionOut(BaseModel):
    """A value and its name."""

    value: str
    name: str


class OptionsOut(BaseModel):
    """What may be chosen."""

    kinds: list[OptionOut]
    statuses: list[OptionOut]
    outcomes: list[OptionOut]
    remedies: list[OptionOut]
    categories: dict[str, list[OptionOut]]
