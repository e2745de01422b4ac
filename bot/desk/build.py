"""All parts of the desk on one database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.cases.service import CaseService
from bot.chat.bank_values import BankValues
from bot.chat.conversations import now
from bot.chat.threads import DatabaseThreads
from bot.desk.bench import DeskBench
from bot.desk.board import Board
from bot.desk.chats import Chats
from bot.desk.clockwork import Clockwork
from bot.desk.closing import Closing
from bot.desk.cooperation import Cooperation
from bot.desk.desk import Desk
from bot.desk.dossier import Dossiers
from bot.desk.left import LeftMessages
from bot.desk.maintenance import Maintenance
from bot.desk.presence import Presence
from bot.desk.rating import Ratings
from bot.desk.requests import Requests
from bot.desk.rulebook import Rulebook
from bot.desk.saying import Saying
from bot.desk.settings import DeskSettings
from bot.desk.slots import TrackerSlots
from bot.desk.suggestions import Suggestions
from bot.desk.ticker import Ticker
from bot.desk.webhooks import Webhooks
from bot.identity.build import Identity
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
    presence: Presence
    cooperation: Cooperation
    closing: Closing
    dossiers: Dossiers
    suggestions: Suggestions
    rulebook: Rulebook
    saying: Saying
    board: Board
    maintenance: Maintenance
    ratings: Ratings
    webhooks: Webhooks
    cases: CaseService


def build_desk(
    settings: Settings,
    database: Database,
    pubsub: PubSub,
    threads: DatabaseThreads,
    bank: BankValues,
    identity: Identity,
    cases: CaseService,
    clock: Callable[[], datetime] = now,
) -> DeskRoom:
    """Make all parts of one process; nothing ticks yet.

    Raises:
        OSError: a file of ``settings.desk_dir`` is missing.
        pydantic.ValidationError: a file does not say what it should.
    """
    desk_settings = DeskSettings(settings.desk_dir, bank, bench=settings.env == "development")
    requests = Requests(database, desk_settings, LeftMessages(cases), clock)
    chats = Chats(database, desk_settings, clock)
    clockwork = Clockwork(database, desk_settings, requests, clock)
    cooperation = Cooperation(database, desk_settings, identity.audit, clock)
    suggestions = Suggestions(settings.knowledge_dir, database, clock=clock)
    slots = TrackerSlots.beside(settings.database_url, settings.var_dir, database)
    ratings = Ratings(database, desk_settings, clock)
    desk = Desk(desk_settings, requests, ratings, clock)
    webhooks = Webhooks(database, identity.keys, settings.env == "production", clock)
    rulebook = Rulebook(database, settings.desk_dir, clock)
    dossiers = Dossiers(database, desk_settings, cooperation, cases, slots, suggestions.titles, identity.audit, clock)
    return DeskRoom(
        settings=desk_settings,
        requests=requests,
        desk=desk,
        ratings=ratings,
        webhooks=webhooks,
        cases=cases,
        chats=chats,
        clockwork=clockwork,
        ticker=Ticker(clockwork, desk, webhooks, desk_settings, database, pubsub, threads),
        bench=DeskBench(database, chats, clockwork, clock),
        presence=Presence(database, desk_settings, clock),
        cooperation=cooperation,
        closing=Closing(database, identity.audit, identity.keys, cases, clock),
        dossiers=dossiers,
        suggestions=suggestions,
        rulebook=rulebook,
        saying=Saying(database, chats, rulebook, suggestions, cases, bank),
        board=Board(database, desk_settings, suggestions.titles, clock),
        maintenance=Maintenance(database, desk_settings, rulebook, identity.audit, clock),
    )
