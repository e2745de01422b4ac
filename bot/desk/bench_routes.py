"""``/api/bench``: the desk as a test bench needs it; in development only, and only from this machine."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Extra, Field, StrictStr

from bot.desk.bench import DeskBench
from bot.http.bench import bench_only
from bot.store.pubsub import DESK_TOPIC, LOG_GREW, desk_event

ConversationId = Annotated[str, Path(max_length=32)]


class _Request(BaseModel):
    class Config:
        extra = Extra.forbid


class StateIn(_Request):
    """How the desk is staffed; null: as it really is."""

    state: Literal["agents_online", "no_agents", "off_hours"] | None
    conversation_id: StrictStr | None = Field(None, max_length=32)


class TextIn(_Request):
    """What the agent says."""

    text: StrictStr = Field(..., min_length=1, max_length=8000)


class SilenceIn(_Request):
    """How long nobody says anything."""

    seconds: float = Field(..., gt=0, le=86_400)


class VisitsIn(_Request):
    """How often the customer has been here before."""

    count: int = Field(..., ge=0, le=100)


def desk_bench_router(bench: DeskBench) -> APIRouter:
    """Return the routes; to be mounted in development only."""
    router = APIRouter(prefix="/api/bench", include_in_schema=False, dependencies=[Depends(bench_only)])

    async def run(request: Request, conversation_id: str | None, function: Any, *arguments: Any) -> Response:
        services = request.app.state.services
        await services.threads.run(function, *arguments)
        if conversation_id is not None:
            await services.pubsub.publish(conversation_id, LOG_GREW)
            await services.pubsub.publish(DESK_TOPIC, desk_event(conversation_id))
        return Response(status_code=204)

    @router.post("/desk", status_code=204)
    async def desk(body: StateIn, request: Request) -> Response:
        return await run(request, None, bench.set_state, body.state, body.conversation_id)

    @router.post("/conversations/{conversation_id}/agent-joins", status_code=204)
    async def joins(conversation_id: ConversationId, request: Request) -> Response:
        return await run(request, conversation_id, bench.agent_joins, conversation_id)

    @router.post("/conversations/{conversation_id}/agent-says", status_code=204)
    async def says(conversation_id: ConversationId, body: TextIn, request: Request) -> Response:
        return await run(request, conversation_id, bench.agent_says, conversation_id, body.text)

    @router.post("/conversations/{conversation_id}/agent-proposes-bot", status_code=204)
    async def proposes(conversation_id: ConversationId, request: Request) -> Response:
        return await run(request, conversation_id, bench.agent_proposes_bot, conversation_id)

    @router.post("/conversations/{conversation_id}/silence", status_code=204)
    async def silence(conversation_id: ConversationId, body: SilenceIn, request: Request) -> Response:
        return await run(request, conversation_id, bench.silence, conversation_id, body.seconds)

    @router.post("/conversations/{conversation_id}/visits", status_code=204)
    async def visits(conversation_id: ConversationId, body: VisitsIn, request: Request) -> Response:
        return await run(request, conversation_id, bench.visits, conversation_id, body.count)

    return router
