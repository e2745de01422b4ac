"""Read conversation files; say in Chinese what is wrong: file, conversation, turn, key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from bot.knowledge.loader import KnowledgeError, read_yaml
from bot.training.dialogues.schema import Dialogue
from bot.training.dialogues.wording import explain


class DialogueFileError(ValueError):
    """A conversation file that cannot be used.

    Attributes:
        problems: one Chinese line each: file, conversation id, turn, what is wrong.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_dialogues(paths: list[Path]) -> list[Dialogue]:
    """Return the conversations of all files, in order.

    Raises:
        DialogueFileError: with every problem of every file.
    """
    found: list[Dialogue] = []
    problems: list[str] = []
    for path in paths:
        for result in _parse_file(path):
            if isinstance(result, Dialogue):
                found.append(result)
            else:
                problems.append(result)
    seen: set[tuple[str, str]] = set()
    for dialogue in found:
        if (dialogue.file, dialogue.id) in seen:
            problems.append(f"{dialogue.file}：会话 {dialogue.id}：编号重复，同一个文件里已经有了")
        seen.add((dialogue.file, str(dialogue.id)))
    if not found and not problems:
        problems.append("没有找到任何会话")
    if problems:
        raise DialogueFileError(problems)
    return found


def _parse_file(path: Path) -> Iterator[Dialogue | str]:
    try:
        entries = read_yaml(path)
    except (KnowledgeError, UnicodeDecodeError, OSError) as error:
        problem = error.problem if isinstance(error, KnowledgeError) else "读不出来，应是 UTF-8 编码的文件"
        yield f"{path.name}：{problem}"
        return
    if not isinstance(entries, list):
        yield f"{path.name}：文件应是一个会话列表，每个会话以“- id: …”开头"
        return
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            yield f"{path.name}：第 {number} 个会话：应是一组“键: 值”"
            continue
        name = entry.get("id") or f"（第 {number} 个，没有 id）"
        if "file" in entry:
            yield f"{path.name}：会话 {name}：不认识的键 file"
            continue
        try:
            yield Dialogue.parse_obj({**entry, "file": path.name})
        except ValidationError as error:
            yield from (f"{path.name}：会话 {name}：{line}" for line in explain(error))
