"""Structured JSON logs that never contain what people wrote.

Three guards: keys that could hold such text are removed from every event; exceptions are logged as
type and place (file:line), never with their message, which may quote values; and what is left is
masked like a customer's text.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.types import EventDict, Processor

from bot.privacy import masking_processor

HANDLER_NAME = "nuoyan"
_NEVER = frozenset({"text", "reason", "blocks", "payload", "token", "title", "body", "message", "replies"})
_QUIET = ("uvicorn.access", "uvicorn.error", "httpx", "httpcore", "alembic", "asyncio", "websockets")


def _drop_private(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for key in _NEVER & event.keys():
        event[key] = "[removed]"
    return event


def where(error: BaseException) -> list[str]:
    """The last places an exception came through, as ``file.py:line``."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:]]


def _shorten_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    info: Any = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error: BaseException | None = None
    if isinstance(info, BaseException):
        error = info
    elif isinstance(info, tuple) and len(info) == 3 and isinstance(info[1], BaseException):
        trace: TracebackType | None = info[2]
        error = info[1].with_traceback(trace)
    if error is not None:
        event["error_type"] = type(error).__name__
        event["where"] = where(error)
    return event


def configure_logging(level: int = logging.INFO) -> None:
    """Send all logs, ours and the libraries', as JSON lines to stderr. May be called again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_private,
        _shorten_exception,
        masking_processor,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(HANDLER_NAME)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if other.get_name() != HANDLER_NAME] + [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
