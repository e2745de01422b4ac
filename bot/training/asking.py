"""Ask the assistant from the command line, the customer's way but without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from actions.interpret import interpret
from actions.responder import Responder
from actions.turn import Turn
from bot.knowledge.day import today_in_bank
from bot.knowledge.loader import shared_knowledge
from bot.knowledge.replies import shared_replies
from bot.nlu.decision import Scores
from bot.nlu.understanding import BATCH, Understanding, Understood
from bot.privacy import mask
from bot.processes.training import ensure_model
from bot.settings import get_settings

MAX_CHARS = 2_000


class Asker:
    """Answers single questions, each as the first of a conversation."""

    def __init__(self, understanding: Understanding, responder: Responder, today: date) -> None:
        self._understanding = understanding
        self._responder = responder
        self._today = today

    @classmethod
    def load(cls) -> Asker:
        """Return an asker on the model of the present data (trained first when there is none)."""
        directory = get_settings().knowledge_dir
        responder = Responder(shared_knowledge(directory), shared_replies(directory))
        return cls(Understanding(ensure_model()), responder, today_in_bank())

    def ask_lines(self, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield one answer a non-empty line of JSON, in order; a bad line yields an ``error``."""
        waiting = (line for line in lines if line.strip())
        while batch := list(islice(waiting, BATCH)):
            questions = [_question(line) for line in batch]
            answers = iter(self.ask([question for question in questions if "error" not in question]))
            for question in questions:
                yield question if "error" in question else next(answers)

    def ask(self, questions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return one answer a question ``{"id", "text"}``, in order."""
        asked = list(questions)
        texts = [mask(str(question["text"])[:MAX_CHARS]).text for question in asked]
        understood = self._understanding.read(texts)
        replies = asyncio.run(self._answers(texts, understood))
        return [{"id": question["id"], **reply} for question, reply in zip(asked, replies, strict=True)]

    async def read(self, texts: Sequence[str]) -> list[Scores]:
        """Score further wordings (see `actions.reading.Reader`)."""
        return [Scores.from_json(understood.routing) for understood in self._understanding.read(texts)]

    async def _answers(self, texts: Sequence[str], understood: Sequence[Understood]) -> list[dict[str, Any]]:
        return [await self._answer(text, one) for text, one in zip(texts, understood, strict=True)]

    async def _answer(self, text: str, understood: Understood) -> dict[str, Any]:
        """Return the first routing and, for a message with several questions, all answers."""
        turn = Turn(text=text, routing=understood.routing, entities=understood.entities)
        reading = await interpret(turn, self._responder.knowledge, self)
        responses = self._responder.respond(reading, {}, self._today)
        blocks = [block for response in responses for block in response.blocks]
        citations = [block for block in blocks if block["type"] == "citation"]
        routing = responses[0].routing
        return {
            **{key: routing[key] for key in ("act", "topic", "aspect", "confidence", "alternatives", "decision")},
            "citations": [{key: value for key, value in block.items() if key != "type"} for block in citations],
            "reply": "\n".join(spoken(blocks)),
        }


def spoken(blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a reply as plain text, citations left out."""
    for block in blocks:
        kind = block["type"]
        if kind == "text":
            yield block["text"]
        elif kind == "steps":
            yield from (f"{number}. {item}" for number, item in enumerate(block["items"], 1))
        elif kind == "facts":
            yield f"{block['title']}:"
            yield from (
                f"· {item['label']}:{item['text']}" if item.get("label") else f"· {item['text']}"
                for item in block["items"]
            )
        elif kind == "buttons":
            yield "/".join(button["title"] for button in block["buttons"])


def _question(line: str) -> dict[str, Any]:
    try:
        question = json.loads(line)
        text = question["text"]
        if not isinstance(text, str):
            raise TypeError
        return {"id": question.get("id"), "text": text.encode("utf-8", "replace").decode("utf-8")}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {"id": None, "error": '每行应是一个 JSON 对象,例如 {"id": "1", "text": "卡丢了怎么办"}'}
