"""Build the spaCy pipeline that marks products, channels, amounts, dates and case numbers.

The pipeline is a blank ``zh`` model cut into single characters: an entity that does not fall
on a token boundary would be dropped without a word, and characters leave no other boundary.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import spacy
from ruamel.yaml import YAML
from spacy.language import Language


def build_pipeline(source: Path) -> Language:
    """Return the pipeline described by an entities file (``phrases`` and ``patterns``).

    Raises:
        FileNotFoundError: there is no such file.
    """
    entries = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
    language = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "char"}}})
    ruler: Any = language.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": label, "pattern": term, "id": group["id"]}
            for label, groups in entries["phrases"].items()
            for group in groups
            for term in group["terms"]
        ]
        + [
            {"label": label, "pattern": pattern}
            for label, patterns in entries["patterns"].items()
            for pattern in patterns
        ]
    )
    return language


def save_pipeline(source: Path, target: Path) -> None:
    """Build the pipeline of ``source`` and save it at ``target``, as `SpacyNLP` loads it."""
    build_pipeline(source).to_disk(target)
