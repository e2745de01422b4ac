"""The questions a model is tested with, and the examples it is trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from bot.nlu.examples import read_examples, split_intent
from bot.nlu.normaliser import normalise

BANK_ADJACENT = "bank-adjacent"
FAR = "far"


@dataclass(frozen=True)
class Question:
    """One test question with its right labels; ``mark`` is the comment above its entry, if any."""

    text: str
    act: str
    topic: str | None = None
    aspect: str | None = None
    mark: str | None = None


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a plain Rasa NLU file in their order, each with its entry's mark.

    Raises:
        ruamel.yaml.error.YAMLError: the file is no YAML.
    """
    text = path.read_text(encoding="utf-8")
    entries = YAML(typ="safe", pure=True).load(text).get("nlu") or []
    questions = []
    for entry, mark in zip(entries, _marks(text), strict=True):
        act, topic, aspect = split_intent(entry["intent"])
        lines = (line.strip() for line in entry["examples"].splitlines())
        questions += [Question(line[2:].strip(), act, topic, aspect, mark) for line in lines if line.startswith("- ")]
    return questions


def seen_in_training(questions: Sequence[Question], folder: Path) -> list[bool]:
    """Return for each question whether the examples under ``folder`` hold it, politeness and spelling aside."""
    known = {normalise(example.text) for example in read_examples(sorted(folder.rglob("*.yml")))}
    return [normalise(question.text) in known for question in questions]


def data_digest(folder: Path) -> str:
    """Return the digest of all example files under ``folder``: the same digest means the same examples."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yml")):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _marks(text: str) -> list[str | None]:
    """Return, for each intent of the file, the comment line right above it."""
    marks: list[str | None] = []
    comment = None
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("- intent:"):
            marks.append(comment)
            comment = None
        elif stripped.startswith("#"):
            comment = stripped.lstrip("# ")
        elif stripped:
            comment = None
    return marks
