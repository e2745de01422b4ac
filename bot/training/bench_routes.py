"""``/api/bench``: cases that a conversation test needs; in development only, and only from this machine."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Extra, Field, StrictStr

from bot.cases.service import CaseService
from bot.chat.conversations import Conversations
from bot.http.bench import bench_only
from bot.training.fixtures import Fixture, plant

ConversationId = Annotated[str, Path(max_length=32)]


class CaseIn(BaseModel):
    """A case; ``owner`` self belongs to the customer of the conversation."""

    owner: Literal["self", "other"]
    phone_tail: StrictStr | None = Field(None, regex=r"^[0-9]{4}$")
    kind: StrictStr | None = Field(None, max_length=60)
    subject: StrictStr | None = Field(None, max_length=200)
    holder: StrictStr | None = Field(None, max_length=60)
    status: StrictStr | None = Field(None, max_length=60)

    class Config:
        extra = Extra.forbid


class CaseOut(BaseModel):
    """Its number."""

    number: str


def case_bench_router(cases: CaseService, conversations: Conversations) -> APIRouter:
    """Return the routes; to be mounted in development only."""
    router = APIRouter(prefix="/api/bench", include_in_schema=False, dependencies=[Depends(bench_only)])

    def planted(conversation_id: str, body: CaseIn) -> CaseOut:
        conversation = conversations.get(conversation_id)
        given = body.dict(exclude={"owner"})
        case = plant(cases, Fixture(own=body.owner == "self", **given), conversation.customer_ref)
        return CaseOut(number=case.number)

    @router.post("/conversations/{conversation_id}/cases", status_code=201)
    async def add(conversation_id: ConversationId, body: CaseIn, request: Request) -> CaseOut:
        """File a case before the conversation goes on."""
        found: CaseOut = await request.app.state.services.threads.run(planted, conversation_id, body)
        return found

    return router
