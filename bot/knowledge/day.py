"""Which day it is at the bank: as of that day rules are told."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

BANK_TIME = ZoneInfo("Asia/Shanghai")


def today_in_bank() -> date:
    """Return the day it is at the bank, wherever the machine stands."""
    return datetime.now(BANK_TIME).date()
