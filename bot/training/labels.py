"""The labels trainers may give: acts, topics and aspects of the taxonomy, with their Chinese titles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin

from bot.errors import UnknownLabel
from bot.knowledge.loader import read_yaml
from bot.nlu.decision import ASK
from bot.nlu.examples import CONTEXT_TOPIC
from bot.settings import PROJECT_ROOT

TAXONOMY = PROJECT_ROOT / "data" / "taxonomy.yml"


@dataclass(frozen=True)
class Label:
    """What a message is: ``topic`` and ``aspect`` only with act ``ask``.

    A section of the standard (``std.x.y``) has no aspect; topic ``context`` is a question that names
    no topic («要带什么»).
    """

    act: str
    topic: str | None = None
    aspect: str | None = None

    @property
    def intent(self) -> str:
        """The name of the Rasa intent, for example ``ask/card.loss.how``."""
        if self.topic is None:
            return self.act
        return f"{self.act}/{self.topic}" + (f".{self.aspect}" if self.aspect else "")


class Taxonomy:
    """All labels.

    Args:
        path: the taxonomy file.
    """

    def __init__(self, path: Path = TAXONOMY) -> None:
        entries = read_yaml(path)
        self.acts: dict[str, str] = dict(entries["acts"])
        self.topics: dict[str, str] = {
            **entries["topics"],
            **entries["standards"],
            CONTEXT_TOPIC: "承接上文(没有说业务)",
        }
        self.aspects: dict[str, str] = dict(entries["aspects"])

    def check(self, label: Label) -> None:
        """Raise unless the label exists and its parts go together.

        Raises:
            UnknownLabel: names the part at fault.
        """
        if label.act not in self.acts:
            raise UnknownLabel(label=label.act)
        if label.act != ASK:
            if label.topic or label.aspect:
                raise UnknownLabel(label=str(label.topic or label.aspect))
            return
        if label.topic not in self.topics:
            raise UnknownLabel(label=label.topic or "(没有主题)")
        if label.topic.startswith("std."):
            if label.aspect is not None:
                raise UnknownLabel(label=label.aspect)
        elif label.aspect not in self.aspects:
            raise UnknownLabel(label=label.aspect or "(没有方面)")

    def knows(self, label: Label) -> bool:
        """Whether `check` would let the label pass."""
        try:
            self.check(label)
        except UnknownLabel:
            return False
        return True

    def choices(self) -> dict[str, list[dict[str, str]]]:
        """Return all labels with title and pinyin initials, for typing."""
        return {
            name: [{"id": key, "title": title, "pinyin": initials(title)} for key, title in entries.items()]
            for name, entries in (("acts", self.acts), ("topics", self.topics), ("aspects", self.aspects))
        }


def initials(text: str) -> str:
    """Return the pinyin initials of ``text``: 「挂失」 → ``gs``."""
    return "".join(
        part[0] for part in lazy_pinyin(text, style=Style.FIRST_LETTER) if part and part[0].isalnum()
    ).lower()


@lru_cache(maxsize=1)
def shared_taxonomy() -> Taxonomy:
    """Return the project's taxonomy, read once."""
    return Taxonomy()
