"""Change single lines of a training file; every other byte, comment and blank stays as it is.

A YAML library finds the places, plain text is spliced there: nothing is written anew, so nothing
can be reordered, re-quoted or lost. A file that somebody changed by hand meanwhile is never overwritten.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.errors import TrainingFileBroken, TrainingFileChanged, UnknownExample


@dataclass(frozen=True)
class Place:
    """One ``intent`` entry: its name, the lines of its examples, the indentation of an example.

    Attributes:
        intent: name as written, for example ``ask/card.loss.how``.
        lines: 0-based line numbers of the examples, in order.
        after: number of the line behind which a new example goes.
        indent: what stands before the ``- `` of an example.
    """

    intent: str
    lines: tuple[int, ...]
    after: int
    indent: str


class ExamplesFile:
    """One NLU file as text with known places.

    Args:
        path: the file.

    Raises:
        TrainingFileBroken: no YAML, or not in the form of Rasa's NLU files; says the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        raw = path.read_bytes()
        self.digest = digest_of(raw)
        self._newline = "\r\n" if b"\r\n" in raw else "\n"
        try:
            self._lines = raw.decode("utf-8").splitlines(keepends=True)
        except UnicodeDecodeError as error:
            raise TrainingFileBroken(file=path.name, line=0, reason="不是 UTF-8 编码") from error
        self.places = _places(path.name, "".join(self._lines), self._lines)

    @property
    def text(self) -> str:
        """The file as it would be saved."""
        return "".join(self._lines)

    def examples(self, intent: str) -> list[str]:
        """Return the examples of ``intent`` in this file, in their order."""
        return [text for place in self._of(intent) for text in self.texts(place)]

    def texts(self, place: Place) -> list[str]:
        """Return the examples of one entry, in the order of its lines."""
        return [self._example(number) for number in place.lines]

    def add(self, intent: str, text: str) -> None:
        """Put an example behind the last one of ``intent``; a new entry at the end when there is none.

        Raises:
            ValueError: the text has more than one line or is empty.
        """
        if not text.strip() or "\n" in text or "\r" in text:
            raise ValueError("an example is one line")
        places = self._of(intent)
        if places:
            place = places[-1]
            self._insert(place.after + 1, f"{place.indent}- {text.strip()}")
        else:
            if self._lines and self._lines[-1].strip():
                self._insert(len(self._lines), "")
            for line in (f"- intent: {intent}", "  examples: |", f"    - {text.strip()}"):
                self._insert(len(self._lines), line)
        self._reread()

    def remove(self, intent: str, text: str) -> None:
        """Take an example out.

        Raises:
            UnknownExample: it does not stand under ``intent``.
        """
        for place in self._of(intent):
            for number in place.lines:
                if self._example(number) == text.strip():
                    del self._lines[number]
                    self._reread()
                    return
        raise UnknownExample(file=self.path.name)

    def save(self) -> None:
        """Write the file in one step.

        Raises:
            TrainingFileChanged: it is no longer what was read; nothing was written.
        """
        if digest_of(self.path.read_bytes()) != self.digest:
            raise TrainingFileChanged(file=self.path.name)
        raw = self.text.encode("utf-8")
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "wb") as output:
                output.write(raw)
            Path(name).chmod(self.path.stat().st_mode & 0o777)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self.digest = digest_of(raw)

    def _insert(self, at: int, line: str) -> None:
        if at > 0 and self._lines and not self._lines[at - 1].endswith(("\n", "\r")):
            self._lines[at - 1] += self._newline
        self._lines.insert(at, line + self._newline)

    def _example(self, number: int) -> str:
        return self._lines[number].strip()[1:].strip()

    def _of(self, intent: str) -> list[Place]:
        return [place for place in self.places if place.intent == intent]

    def _reread(self) -> None:
        self.places = _places(self.path.name, self.text, self._lines)


def digest_of(raw: bytes) -> str:
    """Return the name of a file's contents."""
    return hashlib.sha256(raw).hexdigest()


def _places(name: str, text: str, lines: Sequence[str]) -> list[Place]:
    try:
        root: Any = YAML(typ="rt", pure=True).compose(text)
    except YAMLError as error:
        quoted = "quoted scalar" in str(getattr(error, "context", ""))  # found at the end, begun where it is wrong
        mark = getattr(error, "context_mark" if quoted else "problem_mark", None)
        line = mark.line + 1 if mark is not None else 0
        raise TrainingFileBroken(file=name, line=line, reason="缩进、引号或冒号写得不对") from error
    entries = _value(root, "nlu")
    if entries is None or (isinstance(entries, ScalarNode) and not entries.value):
        return []
    if not isinstance(entries, SequenceNode):
        raise TrainingFileBroken(file=name, line=entries.start_mark.line + 1, reason="nlu 下面应是一列 intent")
    found = []
    for entry in entries.value:
        intent, examples = _value(entry, "intent"), _value(entry, "examples")
        if not isinstance(intent, ScalarNode) or not isinstance(examples, ScalarNode) or examples.style != "|":
            reason = "每一项应有 intent 和 examples: |"
            raise TrainingFileBroken(file=name, line=entry.start_mark.line + 1, reason=reason)
        first = examples.start_mark.line + 1
        last = examples.end_mark.line + (1 if examples.end_mark.column else 0)  # no line end behind the last line
        numbers = [number for number in range(first, min(last, len(lines))) if lines[number].lstrip().startswith("- ")]
        after = numbers[-1] if numbers else examples.start_mark.line
        indent = lines[after][: len(lines[after]) - len(lines[after].lstrip())] if numbers else "    "
        found.append(Place(str(intent.value), tuple(numbers), after, indent))
    return found


def _value(node: Node | None, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
