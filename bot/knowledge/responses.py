"""The short answers as Rasa responses, so that stock Rasa can train on the same project."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from bot.knowledge.model import KnowledgeBase

FILE = "data/nlu/responses.yml"
HEADER = "# Written by `nuoyan knowledge responses` from data/knowledge; do not edit.\n"


def responses_text(knowledge: KnowledgeBase, day: date) -> str:
    """Return the content of the responses file: one ``utter_ask/<topic>.<aspect>`` an answer."""
    responses = {}
    for topic in knowledge.topics.values():
        for aspect in topic.answers:
            answer = topic.answer(aspect, day)
            name = topic.id if topic.is_standard else f"{topic.id}.{aspect}"
            if answer is not None:
                responses[f"utter_ask/{name}"] = [{"text": answer.short}]
    for aspect in knowledge.aspects:
        responses[f"utter_ask/context.{aspect}"] = [{"text": "请问您说的是哪项业务?"}]
    stream = StringIO()
    yaml = YAML()
    yaml.width = 4096  # type: ignore[assignment]  # declared as None in the library
    yaml.dump({"version": "3.1", "responses": responses}, stream)
    return HEADER + stream.getvalue()


def stale(knowledge: KnowledgeBase, day: date, root: Path) -> bool:
    """Return whether the file under ``root`` differs from what the knowledge base says on ``day``."""
    path = root / FILE
    return not path.is_file() or path.read_text(encoding="utf-8") != responses_text(knowledge, day)
