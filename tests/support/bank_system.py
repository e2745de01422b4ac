"""The bank's case system as a real HTTP server, after the contract, with faults that a test switches on.

Every request and every answer is checked against docs/bank-case-system.openapi.yml.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from jsonschema import Draft202012Validator, RefResolver
from pydantic import parse_obj_as
from ruamel.yaml import YAML
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.cases.actions import AnyAction
from bot.cases.model import Actor, ActorKind, CaseKind, CaseStatus, Priority
from bot.cases.repository import CaseFilter, NewCase
from bot.cases.rules import load_case_rules
from bot.cases.secrecy import Signer
from bot.cases.sql_repository import SqlCaseRepository
from bot.cases.wire import from_wire, to_wire
from bot.errors import CaseConflict, CaseNotFound, CaseUrgedToday, CustomerError
from bot.identity.keys import Keys
from bot.store.database import Database
from bot.store.migrate import upgrade
from tests.support.serving import serving

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "the-banks-token"
CONTRACT = YAML(typ="safe").load((ROOT / "docs" / "bank-case-system.openapi.yml").read_text(encoding="utf-8"))

Fault = Callable[[Request], Awaitable[Response | None]]


def check(schema: str, value: Any) -> Any:
    """``value``, if it is what the contract says."""
    resolver = RefResolver.from_schema(CONTRACT)
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}"}, resolver=resolver).validate(value)
    return value


class BankCaseSystem:
    """Keeps cases in a database of its own.

    Attributes:
        requests: method, path and key of every request, faults included.
        acts: bodies of the actions that were carried out or refused.
        before: a fault that runs before a request is carried out; an answer it gives is given instead.
        after: one that runs after it was carried out.
        contract_broken: what did not fit the contract.
    """

    def __init__(self, database_url: str) -> None:
        upgrade(database_url)
        rules = load_case_rules(ROOT / "data" / "cases")
        self.repository = SqlCaseRepository(Database(database_url), rules, Keys("bank"), Signer(["bank"]))
        self.requests: list[tuple[str, str, str | None]] = []
        self.acts: list[dict[str, Any]] = []
        self.before: Fault | None = None
        self.after: Fault | None = None
        self.contract_broken: list[str] = []
        self.url = ""

    def total(self) -> int:
        """How many cases there are."""
        return self.repository.search(CaseFilter(), 1, 0).total

    async def handle(self, request: Request) -> Response:
        """One request."""
        key = request.headers.get("idempotency-key")
        self.requests.append((request.method, request.url.path, key))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": {"code": "unauthorized", "text": "没有权限"}}, 401)
        await request.body()
        if self.before is not None and (fault := await self.before(request)) is not None:
            return fault
        try:
            answer = await self._answer(request, key)
        except CustomerError as error:
            answer = self._error(error)
        except Exception as error:  # the test looks at it
            self.contract_broken.append(repr(error))
            raise
        if self.after is not None and (fault := await self.after(request)) is not None:
            return fault
        return answer

    def _error(self, error: CustomerError) -> Response:
        status, code = 422, "refused"
        if isinstance(error, CaseNotFound):
            status, code = 404, "not_found"
        elif isinstance(error, CaseConflict):
            status, code = 409, "conflict"
        elif isinstance(error, CaseUrgedToday):
            status, code = 409, "urged_today"
        return JSONResponse(check("Error", {"error": {"code": code, "text": error.text}}), status)

    async def _answer(self, request: Request, key: str | None) -> Response:
        number = request.path_params.get("number", "")
        if request.method == "POST":
            assert key
            body = await request.json()
            if number:
                self.acts.append(check("Act", body))
                action = parse_obj_as(AnyAction, body["action"])  # type: ignore[arg-type]
                case = await run_in_threadpool(
                    self.repository.act, number, action, _actor(body["by"]), body.get("version"), key
                )
                return JSONResponse(check("Case", to_wire(case)))
            check("NewCase", body)
            new = NewCase(from_wire(body["case"]), body.get("contact_phone") or "", _actor(body["by"]))
            return JSONResponse(check("Case", to_wire(await run_in_threadpool(self.repository.file, new, key))), 201)
        if request.url.path.endswith("/contact"):
            contact = await run_in_threadpool(self.repository.contact, number)
            return JSONResponse(check("Contact", {"contact_phone": contact}))
        if number:
            found = await run_in_threadpool(self.repository.find, number)
            if found is None:
                raise CaseNotFound()
            return JSONResponse(check("Case", to_wire(found)))
        return JSONResponse(check("Page", await run_in_threadpool(self._page, request)))

    def _page(self, request: Request) -> dict[str, Any]:
        query = request.query_params
        if "customer_ref" in query:
            cases = self.repository.of_customer(query["customer_ref"])
            return {"cases": [to_wire(case) for case in cases], "total": len(cases)}
        if "conversation_id" in query:
            cases = self.repository.of_conversation(query["conversation_id"])
            return {"cases": [to_wire(case) for case in cases], "total": len(cases)}
        wanted = CaseFilter(
            kinds=tuple(CaseKind(kind) for kind in query.getlist("kind")),
            statuses=tuple(CaseStatus(status) for status in query.getlist("status")),
            responsible=query.get("responsible", ""),
            unassigned=query.get("unassigned") == "true",
            priority=Priority(query["priority"]) if "priority" in query else None,
            overdue=query.get("overdue") == "true",
            text=query.get("q", ""),
        )
        page = self.repository.search(wanted, int(query["limit"]), int(query.get("offset", "0")))
        return {"cases": [to_wire(case) for case in page.cases], "total": page.total}


def _actor(by: dict[str, str]) -> Actor:
    return Actor(ActorKind(by["kind"]), by["id"], by.get("name", ""))


@contextmanager
def bank_case_system(database_url: str) -> Iterator[BankCaseSystem]:
    """The bank's system on a free port."""
    system = BankCaseSystem(database_url)
    app = Starlette(
        routes=[
            Route("/api/cases", system.handle, methods=["GET", "POST"]),
            Route("/api/cases/{number}", system.handle),
            Route("/api/cases/{number}/contact", system.handle),
            Route("/api/cases/{number}/actions", system.handle, methods=["POST"]),
        ]
    )
    with serving(uvicorn.Config(app, log_config=None, ws="none")) as url:
        system.url = url + "/api"
        yield system
    assert system.contract_broken == []


def gate() -> tuple[Fault, threading.Event, threading.Event]:
    """A fault that holds every request: (fault, set when one arrives, set to let all go)."""
    import asyncio

    arrived, opened = threading.Event(), threading.Event()

    async def wait(_request: Request) -> None:
        arrived.set()
        while not opened.is_set():
            await asyncio.sleep(0.005)

    return wait, arrived, opened


def answering(status: int, body: bytes = b"", times: int | None = None) -> Fault:
    """A fault that gives one answer, at most ``times`` times."""
    left = [times]

    async def answer(_request: Request) -> Response | None:
        if left[0] is not None:
            if left[0] == 0:
                return None
            left[0] -= 1
        return Response(body, status_code=status, media_type="application/json")

    return answer
