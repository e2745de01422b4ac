"""``/api/bench``: the last one-time code, and tokens of demo customers; in development only, from this machine only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from bot.errors import PageNotFound
from bot.http.bench import bench_only
from bot.identity.build import Identity
from bot.identity.demo_customers import DEMO_CUSTOMERS, demo_token


class CodeOut(BaseModel):
    """The code that would be on the customer's phone."""

    code: str


class CustomerOut(BaseModel):
    """A demo customer."""

    ref: str
    name: str


class TokenOut(BaseModel):
    """A signed token."""

    token: str


def identity_bench_router(identity: Identity) -> APIRouter:
    """Return the routes; to be mounted in development only."""
    router = APIRouter(prefix="/api/bench", include_in_schema=False, dependencies=[Depends(bench_only)])

    @router.get("/conversations/{conversation_id}/code")
    async def code(conversation_id: Annotated[str, Path(max_length=32)], request: Request) -> CodeOut:
        """The live code of a conversation; 404 when there is none."""
        shown = await request.app.state.services.threads.run(identity.codes.shown, conversation_id)
        if shown is None:
            raise PageNotFound()
        return CodeOut(code=shown)

    @router.get("/customers")
    async def customers() -> list[CustomerOut]:
        """Who can be signed in on the demo bank's page."""
        return [CustomerOut(ref=one.ref, name=one.name) for one in DEMO_CUSTOMERS]

    @router.get("/token")
    async def token(customer: Annotated[str, Query(regex=r"^[A-Za-z0-9_.\-]{1,64}$")]) -> TokenOut:
        """A fresh token, as a bank's page would make one for this customer."""
        return TokenOut(token=demo_token(identity.keys, identity.issuer, identity.audience, customer))

    return router
