"""When people answer: working days, rest days, public holidays with make-up workdays, own exceptions.

Public holidays and make-up workdays of the mainland come from the kept library ``chinese_calendar``; for
years it does not know yet, Saturday and Sunday are rest days.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
from pydantic import BaseModel, Extra, Field, StrictBool, StrictStr, validator
from ruamel.yaml import YAML

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")
_LOOK_AHEAD_DAYS = 60
_WEEKDAYS = "一二三四五六日"


class Hours(BaseModel):
    """Spans such as ``08:00-22:00`` by kind of day.

    Raises:
        pydantic.ValidationError: a span that is no span, or ends before it begins.
    """

    timezone: StrictStr = "Asia/Shanghai"
    workday: list[StrictStr]
    restday: list[StrictStr]
    dates: dict[date, list[StrictStr]] = Field(default_factory=dict)
    urgent_always: StrictBool = True

    class Config:
        extra = Extra.forbid
        allow_mutation = False

    @validator("timezone")
    def _known(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @validator("workday", "restday", each_item=True)
    def _span(cls, value: str) -> str:
        _parse(value)
        return value

    @validator("dates")
    def _spans(cls, value: dict[date, list[str]]) -> dict[date, list[str]]:
        for spans in value.values():
            for span in spans:
                _parse(span)
        return value

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open spans of ``day``, in order."""
        zone = ZoneInfo(self.timezone)
        given = self.dates.get(day)
        if given is None:
            given = self.workday if is_workday(day) else self.restday
        midnight = datetime.combine(day, time(), zone)
        return [(midnight + start, midnight + end) for start, end in sorted(_parse(span) for span in given)]

    def open_at(self, at: datetime) -> bool:
        """Whether people answer at ``at``."""
        day = at.astimezone(ZoneInfo(self.timezone)).date()
        return any(start <= at < end for start, end in self.spans(day))

    def opens_after(self, at: datetime) -> datetime | None:
        """When people answer next: ``at`` itself when open, None when not within sixty days."""
        day = at.astimezone(ZoneInfo(self.timezone)).date()
        for ahead in range(_LOOK_AHEAD_DAYS):
            for start, end in self.spans(day + timedelta(days=ahead)):
                if end > at:
                    return max(start, at)
        return None

    def told(self, at: datetime, seen_from: datetime) -> str:
        """A time as customers are told it: 今天 8:00, 明天 8:00, 11月30日（周一）8:00."""
        zone = ZoneInfo(self.timezone)
        local, today = at.astimezone(zone), seen_from.astimezone(zone).date()
        clock = f"{local.hour}:{local.minute:02d}"
        days = (local.date() - today).days
        if days in (0, 1):
            return f"{'今天' if days == 0 else '明天'} {clock}"
        return f"{local.month}月{local.day}日（周{_WEEKDAYS[local.weekday()]}）{clock}"


def is_workday(day: date) -> bool:
    """Whether ``day`` is worked in the mainland, make-up workdays included."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def read_hours(path: Path) -> Hours:
    """Read ``hours.yml``.

    Raises:
        OSError: no such file.
        pydantic.ValidationError: it says something else than hours.
    """
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return Hours.parse_obj(content)


def _parse(span: str) -> tuple[timedelta, timedelta]:
    if not _SPAN.fullmatch(span):
        raise ValueError(f"{span!r} 应写成 08:00-22:00")
    start, end = (timedelta(hours=int(part[:2]), minutes=int(part[3:])) for part in span.split("-"))
    if end <= start:
        raise ValueError(f"{span!r} 的结束时间应晚于开始时间")
    return start, end
