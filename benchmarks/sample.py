"""A smaller copy of the training examples that keeps every label: for comparisons that must end today."""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.nlu.examples import Example, read_examples

SAMPLE = "sample.yml"


def copy_sample(source: Path, target: Path, per_label: int | None) -> int:
    """Copy the examples under ``source`` to ``target`` and return how many there are.

    In: a folder of NLU files, a folder that does not exist yet, the number of examples for each topic and aspect
    (None: all). Files without examples (responses) are copied as they are. The same examples give the same sample.
    """
    shutil.copytree(source, target)
    files = sorted(target.rglob("*.yml"))
    examples = read_examples(files)
    if per_label is None:
        return len(examples)
    chosen = choose(examples, per_label)
    for path in files:
        if YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")).get("nlu"):
            path.unlink()
    _write(target / SAMPLE, chosen)
    return len(chosen)


def choose(examples: Sequence[Example], per_label: int) -> list[Example]:
    """Return ``per_label`` examples of every topic and aspect, and of every act the share that questions keep.

    Acts are broad and have ten times the examples of one topic and aspect: a fixed number would starve them.
    Which examples stay depends on the digest of their words alone.
    """
    by_label: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_label[_intent(example)].append(example)
    asked = {label: found for label, found in by_label.items() if found[0].topic is not None}
    kept = sum(min(per_label, len(found)) for found in asked.values())
    share = kept / max(1, sum(len(found) for found in asked.values()))
    return [
        example
        for label, found in sorted(by_label.items())
        for example in sorted(found, key=_place)[
            : per_label if label in asked else max(per_label, round(share * len(found)))
        ]
    ]


def _place(example: Example) -> bytes:
    return hashlib.sha256(example.text.encode()).digest()


def _intent(example: Example) -> str:
    if example.topic is None:
        return example.act
    return f"{example.act}/{example.topic}" + (f".{example.aspect}" if example.aspect else "")


def _write(path: Path, examples: Sequence[Example]) -> None:
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for example in examples:
        texts[_intent(example)].append(example.text)
    entries = [
        {"intent": intent, "examples": LiteralScalarString("".join(f"- {text}\n" for text in found))}
        for intent, found in texts.items()
    ]
    with path.open("w", encoding="utf-8") as output:
        YAML().dump({"version": "3.1", "nlu": entries}, output)
