"""Answers from the knowledge for the agent to edit and send; each says where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from bot.chat.conversations import now
from bot.chat.knowledge_routes import shared_search
from bot.errors import TopicNotFound
from bot.knowledge.compose import compose_answer, resolve_aspect
from bot.knowledge.day import today_in_bank
from bot.knowledge.loader import shared_knowledge
from bot.store import desk_tables as desk
from bot.store.database import Database

MOST = 5


class Suggestions:
    """Suggested answers.

    Args:
        directory: where the knowledge is.
    """

    def __init__(
        self,
        directory: Path,
        database: Database,
        today: Callable[[], date] = today_in_bank,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._directory = directory
        self._database = database
        self._today = today
        self._clock = clock

    def titles(self) -> dict[str, str]:
        """The titles of all topics."""
        return {topic.id: topic.title for topic in shared_knowledge(self._directory).topics.values()}

    def found(self, query: str, readings: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What fits a query, or without one what the conversation was about, newest first."""
        wanted: list[tuple[str, str | None]] = []
        if query.strip():
            _knowledge, index = shared_search(self._directory, self._today())
            wanted = [(hit.topic, hit.aspect) for hit in index.find(query, {}, MOST)]
        else:
            for reading in reversed(readings):
                pairs = [(reading.get("topic"), reading.get("aspect"))]
                pairs += [(one.get("topic"), one.get("aspect")) for one in reading.get("alternatives") or ()]
                wanted += [(str(topic), aspect) for topic, aspect in pairs if topic]
        return [self.answer(topic, aspect) for topic, aspect in list(dict.fromkeys(wanted))[:MOST] if self._has(topic)]

    def answer(self, topic: str, aspect: str | None) -> dict[str, Any]:
        """One answer as blocks and as plain text with its citation.

        Raises:
            TopicNotFound: there is no such topic, or nothing is told about it today.
        """
        knowledge, today = shared_knowledge(self._directory), self._today()
        if topic not in knowledge.topics:
            raise TopicNotFound()
        known = knowledge.topics[topic]
        blocks = compose_answer(knowledge, topic, aspect, today)
        citations = [block for block in blocks if block["type"] == "citation"]
        return {
            "topic": topic,
            "aspect": None if known.is_standard else resolve_aspect(known, aspect, today),
            "title": known.title,
            "text": _as_text(blocks),
            "citation": "；".join(f"{block['source']} {block['clause']}" for block in citations),
            "blocks": blocks,
        }

    def used(self, conversation_id: str, seq: int, staff_no: str, topic: str, aspect: str | None, edited: bool) -> None:
        """Keep which suggestion a message was made from, so that the knowledge can be improved."""
        with self._database.write() as connection:
            connection.execute(
                insert(desk.suggestion_uses).values(
                    id=uuid4().hex,
                    conversation_id=conversation_id,
                    seq=seq,
                    staff_no=staff_no,
                    topic=topic,
                    aspect=aspect,
                    edited=edited,
                    created_at=self._clock(),
                )
            )

    def _has(self, topic: str) -> bool:
        return topic in shared_knowledge(self._directory).topics


def _as_text(blocks: list[dict[str, Any]]) -> str:
    lines = []
    for block in blocks:
        if block["type"] == "text":
            lines.append(str(block["text"]))
        elif block["type"] == "steps":
            lines += [f"{number}. {item}" for number, item in enumerate(block["items"], 1)]
        elif block["type"] == "facts":
            lines += ["：".join(filter(None, (item.get("label"), item["text"]))) for item in block["items"]]
    return "\n".join(lines)
