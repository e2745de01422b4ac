"""Reading the knowledge without a conversation: search and the answers of one topic. Public; asks no assistant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any

import anyio.to_thread
import structlog
from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from bot.chat.interest import Interest
from bot.chat.routes import counted
from bot.errors import InvalidRequest, RateLimited, TopicNotFound
from bot.http.handlers import documented
from bot.knowledge.compose import ASPECT_TITLES, NEXT_QUESTIONS, compose_answer, told_aspects
from bot.knowledge.day import today_in_bank
from bot.knowledge.loader import KnowledgeError, shared_knowledge
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.search import LONGEST_QUERY, MOST_HITS, KnowledgeSearch, by_interest

SHOWN_FIRST = 12

log = structlog.get_logger(__name__)


class Found(BaseModel):
    """A topic; ``aspect`` names the answer that fits best, ``short`` is its first sentence or two."""

    topic: str
    title: str
    aspect: str
    short: str


class FoundOut(BaseModel):
    """Topics, best first; without a query the most asked first."""

    results: list[Found]


class AnswerOut(BaseModel):
    """One answer of a topic as blocks, citations last; ``question`` is how to ask the bot for it."""

    aspect: str
    title: str
    question: str
    blocks: list[dict[str, Any]] = Field(..., description="消息块,见 blocks 规范")


class RelatedOut(BaseModel):
    """A topic worth reading next."""

    topic: str
    title: str


class TopicOut(BaseModel):
    """All that is told about a topic today."""

    topic: str
    title: str
    answers: list[AnswerOut]
    related: list[RelatedOut]


class Reading:
    """What can be read as of today; the index is built anew when a day begins.

    Args:
        directory: where the knowledge is.
        today: which day it is at the bank.
    """

    def __init__(self, directory: FilePath, today: Callable[[], date] = today_in_bank) -> None:
        self._directory = directory
        self._today = today
        self._lock = asyncio.Lock()

    async def prepare(self) -> None:
        """Read and index ahead of the first question; what cannot be read is logged and tried again when asked."""
        try:
            await self.search()
        except KnowledgeError as error:
            log.error("knowledge_unreadable", file=error.file)

    async def search(self) -> tuple[KnowledgeBase, KnowledgeSearch]:
        """Return the knowledge and today's index over it; whoever comes first in a process waits for both."""
        async with self._lock:
            return await anyio.to_thread.run_sync(shared_search, self._directory, self.today())

    def today(self) -> date:
        """Return the day as of which rules are told."""
        return self._today()

    async def topic(self, name: str) -> TopicOut:
        """Return what is told about a topic today.

        Raises:
            TopicNotFound: there is none of that name.
        """
        (knowledge, _index), day = await self.search(), self.today()
        topic = knowledge.topics.get(name)
        if topic is None:
            raise TopicNotFound()
        aspects = told_aspects(topic, day) if day <= topic.review_by else []
        return TopicOut(
            topic=topic.id,
            title=topic.title,
            answers=[
                AnswerOut(
                    aspect=aspect,
                    title=topic.title if topic.is_standard else ASPECT_TITLES[aspect],
                    question=_question(topic.title, None if topic.is_standard else aspect),
                    blocks=compose_answer(knowledge, topic.id, aspect, day),
                )
                for aspect in aspects or ["overview"]
            ],
            related=[
                RelatedOut(topic=other, title=knowledge.topics[other].title)
                for other in topic.related
                if other in knowledge.topics
            ],
        )


@lru_cache(maxsize=4)
def shared_search(directory: FilePath, day: date) -> tuple[KnowledgeBase, KnowledgeSearch]:
    """Return the knowledge and the index over it as of ``day``, made once a process and day."""
    knowledge = shared_knowledge(directory)
    return knowledge, KnowledgeSearch(knowledge, day)


def _question(title: str, aspect: str | None) -> str:
    """Return the question that a customer would ask the bot for this answer."""
    if aspect in NEXT_QUESTIONS:
        return f"{title}{NEXT_QUESTIONS[aspect]}"
    return f"{title}的{ASPECT_TITLES[aspect]}" if aspect in ASPECT_TITLES else f"{title}有什么规定"


def knowledge_router(reading: Reading, interest: Interest) -> APIRouter:
    """Return ``GET /api/knowledge/search`` and ``GET /api/knowledge/topics/{topic}``."""
    router = APIRouter(prefix="/api/knowledge", tags=["常见问题"], dependencies=[Depends(counted)])

    @router.get("/search", summary="搜索常见问题", responses=documented(InvalidRequest, RateLimited))
    async def search(
        q: Annotated[
            str, Query(max_length=LONGEST_QUERY, description="几个字、拼音或拼音首字母;空则列出最常问的")
        ] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_HITS)] = SHOWN_FIRST,
    ) -> FoundOut:
        """Find topics by characters, pinyin or initials, slips of the finger forgiven."""
        knowledge, index = await reading.search()
        asked = await interest.asked()
        if q.strip():
            hits = await anyio.to_thread.run_sync(index.find, q, asked, limit)
        else:
            hits = index.first(by_interest(knowledge, asked), limit)
        return FoundOut(results=[Found(topic=h.topic, title=h.title, aspect=h.aspect, short=h.short) for h in hits])

    @router.get(
        "/topics/{topic}",
        summary="一个主题的全部答复",
        responses=documented(TopicNotFound, InvalidRequest, RateLimited),
    )
    async def read_topic(topic: Annotated[str, Path(max_length=64)]) -> TopicOut:
        """Read all answers of a topic as of today."""
        return await reading.topic(topic)

    return router
