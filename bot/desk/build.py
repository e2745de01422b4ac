"""All parts of the desk on one database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.chat.bank_values import BankValues
from bot.chat.conversations import now
from bot.chat.threads import DatabaseThreads
from bot.desk.bench import DeskBench
from bot.desk.chats import Chats
from bot.desk.clockwork import Clockwork
from bot.desk.desk import Desk
from bot.desk.requests import Requests
from bot.desk.settings import DeskSettings
from bot.desk.ticker import Ticker
from bot.settings import Settings
from bot.store.database import Database
from bot.store.pubsub import PubSub


@dataclass(frozen=True)
class DeskRoom:
    """What the server needs of the desk."""

    settings: DeskSettings
    requests: Requests
    desk: Desk
    chats: Chats
    clockwork: Clockwork
    ticker: Ticker
    bench: DeskBench


def build_desk(
    settings: Settings,
    database: Database,
    pubsub: PubSub,
    threads: DatabaseThreads,
    bank: BankValues,
    clock: Callable[[], datetime] = now,
) -> DeskRoom:
    """Make all parts of one process; nothing ticks yet.

    Raises:
        OSError: a file of ``settings.desk_dir`` is missing.
        pydantic.ValidationError: a file does not say what it should.
    """
    desk_settings = DeskSettings(settings.desk_dir, bank, bench=settings.env == "development")
    requests = Requests(desk_settings)
    chats = Chats(database, desk_settings, clock)
    clockwork = Clockwork(database, desk_settings, clock)
    return DeskRoom(
        settings=desk_settings,
        requests=requests,
        desk=Desk(desk_settings, requests, clock),
        chats=chats,
        clockwork=clockwork,
        ticker=Ticker(clockwork, desk_settings, database, pubsub, threads),
        bench=DeskBench(database, chats, clockwork, clock),
    )
