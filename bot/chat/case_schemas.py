"""The JSON of the customer's progress panel."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Extra, Field, StrictStr

_CLIENT_ID = r"^[A-Za-z0-9_.:\-]{1,64}$"


class _Request(BaseModel):
    class Config:
        extra = Extra.forbid


class RemarkIn(_Request):
    """Add something to a case."""

    client_id: StrictStr = Field(..., regex=_CLIENT_ID, description="客户端为这次补充取的唯一名称,重发时不变")
    text: StrictStr | None = Field(..., description="补充的内容,最多 2000 字")


class CaseActionIn(_Request):
    """Something the customer does to a case; what is possible now stands in ``can``."""

    client_id: StrictStr = Field(..., regex=_CLIENT_ID)
    action: Literal["urge", "withdraw", "recheck"]
    reason: StrictStr | None = Field(None, description="原因,申请核查时必填,最多 500 字")


class TimelineEntryOut(BaseModel):
    """One entry of a case's history."""

    at: str = Field(..., description="北京时间", example="2026-12-11 09:30")
    text: str


class CaseFileOut(BaseModel):
    """A file that was added to a case."""

    id: str
    name: str
    media_type: str
    size: int = Field(..., description="字节")
    added_by: str = Field(..., description="customer 或 staff")
    created_at: datetime

    class Config:
        orm_mode = True


class CaseCan(BaseModel):
    """What the customer may do with a case now."""

    remark: bool
    upload: bool
    urge: bool
    withdraw: bool
    recheck: bool


class CaseOut(BaseModel):
    """A case as its customer sees it."""

    number: str
    kind: str
    kind_name: str = Field(..., description="工单种类", example="投诉")
    status: str = Field(..., description="状态", example="处理中")
    status_code: str
    subject: str
    unit: str = Field(..., description="首问负责部门")
    received: str
    deadline: str | None = Field(None, description="下一个时限,可直接展示")
    next: str = Field(..., description="下一步")
    timeline: list[TimelineEntryOut]
    files: list[CaseFileOut]
    can: CaseCan


class CasesOut(BaseModel):
    """All cases that a conversation may see, newest first."""

    cases: list[CaseOut]


class FileAddedOut(BaseModel):
    """The added file, and the case as it is now."""

    file: CaseFileOut
    case: CaseOut
