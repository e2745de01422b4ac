"""Word lists: one word a line, ``#`` starts a comment."""

from __future__ import annotations

from pathlib import Path


def read_lexicon(path: Path) -> list[str]:
    """Return the words of a dictionary file: one a line, ``#`` starts a comment.

    Raises:
        FileNotFoundError: there is no such file.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return [word for line in lines if (word := line.partition("#")[0].strip())]
