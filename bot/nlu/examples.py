"""Read example questions from plain Rasa YAML without starting Rasa."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

CONTEXT_TOPIC = "context"
"""Label of questions that name no topic (「要带什么」): the conversation tells what they are about."""


@dataclass(frozen=True)
class Example:
    """One example sentence with its labels; topic and aspect only for act ``ask``."""

    text: str
    act: str
    topic: str | None = None
    aspect: str | None = None


def split_intent(intent: str) -> tuple[str, str | None, str | None]:
    """Return act, topic and aspect of an intent name.

    ``ask/card.replace.how`` → ``("ask", "card.replace", "how")``; a section of the standard
    has no aspect of its own: ``ask/std.6.2`` → ``("ask", "std.6.2", None)``.
    """
    act, _, key = intent.partition("/")
    if not key:
        return act, None, None
    if key.startswith("std."):
        return act, key, None
    topic, _, aspect = key.rpartition(".")
    return act, topic, aspect


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Return all examples of the given files, in their order.

    Raises:
        ruamel.yaml.error.YAMLError: a file is no YAML.
    """
    examples = []
    yaml = YAML(typ="safe", pure=True)
    for path in paths:
        for entry in yaml.load(path.read_text(encoding="utf-8")).get("nlu") or []:
            act, topic, aspect = split_intent(entry["intent"])
            lines = (line.strip() for line in entry["examples"].splitlines())
            examples += [Example(line[2:].strip(), act, topic, aspect) for line in lines if line.startswith("- ")]
    return examples
