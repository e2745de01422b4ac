"""One-time codes in the developer's terminal: no message goes out in development, and no log file keeps a code."""

from __future__ import annotations

import asyncio

from bot.errors import NuoyanError
from bot.identity.build import build_identity
from bot.processes.supervisor import Say
from bot.settings import Settings
from bot.store.database import Database

LOOK_EVERY_S = 1.0


async def show_codes(settings: Settings, say: Say, every_s: float = LOOK_EVERY_S) -> None:
    """Say every new code until cancelled; only in development are there any to read."""
    database = Database(settings.database_url)
    codes, known = build_identity(settings, database).codes, set[str]()
    try:
        while True:
            try:
                for number, code in await asyncio.to_thread(codes.newest_shown, known):
                    say(f"验证码 {code}(工单 {number},仅开发环境显示)")
            except NuoyanError:  # the database is away: the other processes say so
                pass
            await asyncio.sleep(every_s)
    finally:
        database.close()
