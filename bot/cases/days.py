"""Days of the Chinese calendar. China has had one time and no summer time since 1992, so an offset is exact."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import chinese_calendar

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def now() -> datetime:
    """The present time in UTC."""
    return datetime.now(timezone.utc)


def day_of(moment: datetime) -> date:
    """The Chinese calendar day of ``moment``."""
    return moment.astimezone(SHANGHAI).date()


def end_of(day: date) -> datetime:
    """The moment at which ``day`` is over in China, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(timezone.utc)


def is_working_day(day: date) -> bool:
    """Whether banks work on ``day``: the State Council's holidays, or weekdays where not yet announced."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_working_days(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def chinese_date(day: date) -> str:
    """``2026年12月11日``."""
    return f"{day.year}年{day.month}月{day.day}日"
