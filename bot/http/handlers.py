"""Every error as ``{"error": {"code", "text"}}``; nothing of what was sent is repeated in it."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from bot.errors import (
    CustomerError,
    InternalError,
    InvalidRequest,
    MessageEmpty,
    MethodNotAllowed,
    NuoyanError,
    PageNotFound,
    ServiceError,
    StoreUnavailable,
)
from bot.http.asgi import error_response

log = structlog.get_logger(__name__)

_PLACES = frozenset({"body", "query", "path", "header"})


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str = Field(..., description="稳定的错误代码", example="message_too_long")
    text: str = Field(..., description="给客户看的中文说明", example="您的消息超过了 2000 个字的上限。")


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetail


def documented(*errors: type[NuoyanError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI ``responses`` for the errors a route can answer with."""
    by_status: dict[int, list[str]] = {}
    listed: list[type[NuoyanError]] = [*errors, InternalError, StoreUnavailable]
    for error in listed:
        by_status.setdefault(error.status, []).append(error.code.value)
    return {
        status: {"model": ErrorBody, "description": "错误代码:" + "、".join(codes)}
        for status, codes in by_status.items()
    }


def _first_problem(error: RequestValidationError) -> NuoyanError:
    """The Chinese answer for the first field that doesn't fit; its name only if it is one of ours."""
    problems: list[Any] = list(error.errors())
    location = [str(part) for part in problems[0].get("loc", ())] if problems else []
    kind = str(problems[0].get("type", "")) if problems else ""
    names = [part for part in location if part not in _PLACES and not part.isdigit()]
    if kind == "value_error.jsondecode" or not names:
        return InvalidRequest(field="JSON")
    if names[-1] == "text" and kind == "type_error.none.not_allowed":
        return MessageEmpty()
    if kind == "value_error.extra":
        return InvalidRequest(field="未知字段")
    return InvalidRequest(field=names[-1].strip("_"))


def install_error_handlers(app: FastAPI) -> None:
    """Answer our own errors, FastAPI's validation errors and Starlette's HTTP errors in one form."""

    @app.exception_handler(NuoyanError)
    async def ours(request: Request, error: NuoyanError) -> JSONResponse:
        level = "info" if isinstance(error, CustomerError) else "error"
        getattr(log, level)("refused", code=error.code.value, **_figures(error))
        return error_response(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return await ours(request, _first_problem(error))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:
        return await ours(request, _from_status(error.status_code))


def _from_status(status: int) -> NuoyanError:
    if status == 404:
        return PageNotFound()
    if status == 405:
        return MethodNotAllowed()
    if 400 <= status < 500:
        return InvalidRequest(field="JSON")
    return ServiceError() if status >= 500 else InternalError()


def _figures(error: NuoyanError) -> dict[str, Any]:
    return {key: value for key, value in error.data.items() if isinstance(value, (int, float))}
