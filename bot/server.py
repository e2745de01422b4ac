"""The server: builds all rooms that face people and joins them into one FastAPI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import structlog
import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from bot.cases.build import Cases, build_cases
from bot.cases.files import MAX_MB
from bot.chat import case_routes, identity_routes, routes
from bot.chat.assistant import Assistant
from bot.chat.bank_values import read_bank_values
from bot.chat.case_push import CasePush
from bot.chat.conversations import Conversations
from bot.chat.feedback import Feedback
from bot.chat.housekeeping import Housekeeping
from bot.chat.identity_bench import identity_bench_router
from bot.chat.intake import Intake
from bot.chat.interest import Interest
from bot.chat.knowledge_routes import Reading, knowledge_router
from bot.chat.message_log import MessageLog
from bot.chat.processor import LEASE_MARGIN, Processor
from bot.chat.service import Chat
from bot.chat.threads import DatabaseThreads
from bot.chat.websocket import websocket_router
from bot.chat.widget_config import widget_router
from bot.chat.work import Work
from bot.desk import case_routes as staff_case_routes
from bot.desk import customer_routes, desk_routes, staff_routes, supervisor_routes, webhook_routes
from bot.desk.bench_routes import desk_bench_router
from bot.desk.build import DeskRoom, build_desk
from bot.desk.socket import desk_socket_router
from bot.http.body import BodyLimit
from bot.http.context import REQUEST_ID, RequestContext
from bot.http.handlers import install_error_handlers
from bot.http.headers import SecurityHeaders, check_origins
from bot.http.health import Readiness, health_router
from bot.http.limits import RateLimits
from bot.http.logs import configure_logging
from bot.http.metrics import Metrics, metrics_router
from bot.http.pages import install_pages
from bot.identity.build import Identity, build_identity, prepare
from bot.settings import Settings, get_settings
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.pubsub import PubSub, make_pubsub
from bot.training import routes as training_routes
from bot.training.bench_routes import case_bench_router
from bot.training.workbench import Workbench

WS_MAX_BYTES = 512 * 1024
PASSWORD_THREADS = 2
"""Hashing is made to be slow: however many sign in at once, customers' threads are not taken."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Services:
    """What lives as long as the application; ``app.state.services`` for the rooms to come."""

    settings: Settings
    database: Database
    pubsub: PubSub
    threads: DatabaseThreads
    metrics: Metrics
    conversations: Conversations
    message_log: MessageLog
    work: Work
    assistant: Assistant
    processor: Processor
    chat: Chat
    identity: Identity
    desk: DeskRoom
    cases: Cases
    case_push: CasePush
    workbench: Workbench


def build_services(settings: Settings) -> Services:
    """Make all services of one process; nothing is connected or started yet.

    Raises:
        bot.errors.ConfigurationError: a setting can't be used.
    """
    database = Database(settings.database_url)
    pubsub = make_pubsub(settings.redis_url)
    threads, metrics = DatabaseThreads(), Metrics()
    bank = read_bank_values(settings.knowledge_dir)
    identity = build_identity(settings, database)
    cases = build_cases(settings, database)
    conversations = Conversations(database)
    desk = build_desk(settings, database, pubsub, threads, bank, identity, cases.service)
    message_log = MessageLog(database, conversations, desk.desk)
    work = Work(database, timedelta(seconds=settings.rasa_timeout_s) + LEASE_MARGIN, desk.desk)
    assistant = Assistant(settings.rasa_urls, settings.rasa_token, settings.rasa_timeout_s)
    processor = Processor(work, assistant, pubsub, threads, bank, metrics)
    limits = RateLimits(settings.redis_url, settings.rate_per_minute, settings.rate_conversations_per_hour, metrics)
    chat = Chat(
        conversations=conversations,
        message_log=message_log,
        feedback=Feedback(database),
        processor=processor,
        pubsub=pubsub,
        threads=threads,
        limits=limits,
        metrics=metrics,
        bank=bank,
        intake=Intake(identity, settings.message_max_chars),
        customers=identity.customers,
    )
    return Services(
        settings,
        database,
        pubsub,
        threads,
        metrics,
        conversations,
        message_log,
        work,
        assistant,
        processor,
        chat,
        identity,
        desk,
        cases,
        CasePush(database, cases.service.access, pubsub, threads),
        Workbench(settings, database),
    )


def readiness_of(services: Services) -> Readiness:
    """Ready means: database, assistant, actions (and Redis, if used) answer."""

    async def database() -> None:
        await services.threads.run(services.database.check)

    async def actions() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            (await client.get(services.settings.actions_url.rstrip("/") + "/health")).raise_for_status()

    checks = {"database": database, "rasa": services.assistant.check, "actions": actions}
    if services.settings.redis_url is not None:
        checks["redis"] = services.pubsub.check
    return Readiness(checks)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application.

    Args:
        settings: of this installation; default: read from the environment.

    The database is brought to the newest schema when the application starts.
    """
    settings = settings or get_settings()
    origins = check_origins(settings.allowed_origins)
    configure_logging()
    services = build_services(settings)
    housekeeping = Housekeeping(services.threads, [services.identity.sweep])
    reading = Reading(settings.knowledge_dir)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await services.threads.run(upgrade, settings.database_url)
        await services.threads.run(prepare, settings, services.database)
        await services.threads.run(services.desk.rulebook.seed)
        await services.pubsub.start()
        await services.processor.start()
        await services.desk.ticker.start()
        await housekeeping.start()
        await services.cases.chores.start()
        reading_ahead = asyncio.create_task(reading.prepare(), name="read the knowledge")
        log.info("server_started")
        yield
        await asyncio.wait([reading_ahead])
        await housekeeping.close()
        await services.desk.ticker.close()
        await services.cases.chores.close()
        await services.processor.close()
        await services.assistant.close()
        await services.pubsub.close()
        services.database.close()
        log.info("server_stopped")

    app = FastAPI(
        title="诺言智能客服",
        description='银行智能客服的客户接口。所有错误都是 {"error": {"code", "text"}},text 为可直接展示的中文。',
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.state.chat = services.chat
    app.state.password_threads = DatabaseThreads(PASSWORD_THREADS)
    install_error_handlers(app)
    app.include_router(health_router(readiness_of(services)))
    app.include_router(metrics_router(services.metrics, settings.secret_key))
    app.include_router(routes.router)
    app.include_router(case_routes.router)
    app.include_router(identity_routes.router)
    app.include_router(staff_routes.router)
    app.include_router(staff_case_routes.router)
    app.include_router(customer_routes.router)
    app.include_router(desk_routes.router)
    app.include_router(supervisor_routes.router)
    app.include_router(webhook_routes.router)
    app.include_router(desk_socket_router(services.desk))
    app.include_router(training_routes.router)
    if settings.env == "development":
        app.include_router(desk_bench_router(services.desk.bench))
        app.include_router(identity_bench_router(services.identity))
        app.include_router(case_bench_router(services.cases.service, services.conversations))
    app.include_router(widget_router(services.chat.bank))
    app.include_router(knowledge_router(reading, Interest(services.database, services.threads)))
    app.include_router(websocket_router(services.chat, origins))
    install_pages(app, settings.web_dir, demo=settings.env == "development")

    # Added last is outermost.
    app.add_middleware(BodyLimit, upload_mb=MAX_MB)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", REQUEST_ID],
        expose_headers=[REQUEST_ID, "Retry-After"],
        max_age=600,
    )
    app.add_middleware(SecurityHeaders, origins=origins)
    app.add_middleware(RequestContext, metrics=services.metrics)
    return app


def uvicorn_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How to serve ``app``: bounded frames, our own logs, forwarded addresses only from this machine."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="wsproto",  # reads one message at a time: a flood waits in the client's own buffers
        ws_max_size=WS_MAX_BYTES,
        ws_per_message_deflate=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=10,
    )


def main() -> None:
    """Serve until told to stop (``python -m bot.server``); settings come from the environment."""
    settings = get_settings()
    uvicorn.Server(uvicorn_config(create_app(settings), settings)).run()


if __name__ == "__main__":
    main()
