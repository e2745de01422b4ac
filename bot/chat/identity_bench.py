"""``/api/bench``: the last one-time code of a conversation; in development only, and only from this machine."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from bot.errors import PageNotFound
from bot.http.bench import bench_only
from bot.identity.build import Identity


class CodeOut(BaseModel):
    """The code that would be on the customer's phone."""

    code: str


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

    return router
