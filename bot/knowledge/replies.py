"""What the assistant says to everything that is no question, read from ``replies.yml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.blocks import Reply
from bot.knowledge.compose import Block, citation_block
from bot.knowledge.loader import parse_citation
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.reading import KnowledgeError, as_list, as_table, as_texts, interpolate, read_table

FILE = "replies.yml"
_KEYS = {"text", "steps", "facts", "facts_title", "buttons", "handoff", "cite"}


class Replies:
    """Composed replies by name: an act of the taxonomy or an outcome such as ``not_understood``."""

    def __init__(self, blocks: dict[str, list[Block]]) -> None:
        self._blocks = blocks

    def __contains__(self, name: object) -> bool:
        return name in self._blocks

    def blocks(self, name: str) -> list[Block]:
        """Return the blocks of one reply.

        Raises:
            KeyError: there is no reply of that name.
        """
        return [dict(block) for block in self._blocks[name]]


@lru_cache(maxsize=4)
def shared_replies(directory: Path) -> Replies:
    """Return the replies of ``directory``, read once a process."""
    from bot.knowledge.loader import shared_knowledge

    return load_replies(directory, shared_knowledge(directory))


def load_replies(directory: Path, knowledge: KnowledgeBase) -> Replies:
    """Return all replies of ``directory/replies.yml`` with bank values filled in.

    Raises:
        KnowledgeError: an entry has no text, an unknown key, source, topic or bank value.
    """
    entries = read_table(directory / FILE)
    return Replies({name: _compose(name, entry, knowledge) for name, entry in entries.items()})


def _compose(name: str, entry: Any, knowledge: KnowledgeBase) -> list[Block]:
    if not isinstance(entry, dict) or not entry.get("text"):
        raise KnowledgeError(FILE, name, "缺少 text")
    if unknown := set(entry) - _KEYS:
        raise KnowledgeError(FILE, name, f"不认识的键:{'、'.join(sorted(unknown))}")

    def text(value: Any) -> str:
        return interpolate(FILE, name, str(value), knowledge.bank)

    blocks: list[Block] = [{"type": "text", "text": text(entry["text"])}]
    if steps := entry.get("steps"):
        blocks.append({"type": "steps", "title": "请这样做", "items": list(map(text, as_texts(FILE, name, steps)))})
    if facts := entry.get("facts"):
        items = [{"label": label, "text": text(value)} for label, value in as_table(FILE, name, facts).items()]
        title = str(entry.get("facts_title") or "渠道")
        blocks.append({"type": "facts", "kind": "where", "title": title, "items": items})
    if buttons := as_list(FILE, name, entry.get("buttons")):
        blocks.append({"type": "buttons", "buttons": [_button(name, button, knowledge) for button in buttons]})
    if handoff := entry.get("handoff"):
        blocks.append({"type": "handoff", **as_table(FILE, name, handoff)})
    for item in as_list(FILE, name, entry.get("cite")):
        blocks.append(citation_block(parse_citation(FILE, name, item, knowledge.sources)))
    try:
        Reply.parse_obj({"blocks": blocks})
    except ValidationError as error:
        raise KnowledgeError(FILE, name, f"不符合回复的格式:{_first(error)}") from error
    return blocks


def _button(name: str, entry: Any, knowledge: KnowledgeBase) -> Block:
    button = as_table(FILE, name, entry)
    if missing := {"title", "topic", "aspect"} - set(button):
        raise KnowledgeError(FILE, name, f"按钮缺少 {'、'.join(sorted(missing))}")
    if button["topic"] not in knowledge.known_topics:
        raise KnowledgeError(FILE, name, f"按钮指向不存在的主题:{button['topic']}")
    return {"title": str(button["title"]), "payload": {"topic": button["topic"], "aspect": button["aspect"]}}


def _first(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
