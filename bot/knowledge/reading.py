"""Read YAML files that people edit, and say in Chinese which file is wrong, where and why."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_VALUE = re.compile(r"\{([^{}]*)\}")


class KnowledgeError(ValueError):
    """A knowledge file that cannot be used.

    Attributes:
        file: name of the file.
        where: the place in it, for example ``answers.how``.
        problem: what is wrong, in Chinese, for the person who edits the file.
    """

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"{file}: {where}: {problem}" if where else f"{file}: {problem}")
        self.file, self.where, self.problem = file, where, problem


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file as plain Python values.

    Raises:
        KnowledgeError: the file is missing, is not UTF-8 or is no valid YAML.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            return YAML(typ="safe", pure=True).load(stream)
    except FileNotFoundError as error:
        raise KnowledgeError(path.name, "", "文件不存在") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError(path.name, "", "不是 UTF-8 编码:请另存为 UTF-8") from error
    except YAMLError as error:
        raise KnowledgeError(path.name, "", f"不是有效的 YAML:{error}") from error


def read_table(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file that is one mapping.

    Raises:
        KnowledgeError: the same as `read_yaml`, or the content is something else.
    """
    return as_table(path.name, "", read_yaml(path))


def as_table(file: str, where: str, value: Any) -> dict[str, Any]:
    """Return ``value`` if it is a mapping.

    Raises:
        KnowledgeError: it is not.
    """
    if not isinstance(value, dict):
        raise KnowledgeError(file, where, "应是一组“键: 值”")
    return {str(key): item for key, item in value.items()}


def as_list(file: str, where: str, value: Any) -> list[Any]:
    """Return ``value`` if it is a list; nothing at all is the empty list.

    Raises:
        KnowledgeError: it is something else; a text would fall apart into its characters.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise KnowledgeError(file, where, "应是列表,每行以“- ”开头")
    return value


def as_texts(file: str, where: str, value: Any) -> list[str]:
    """Return the items of a list of texts.

    Raises:
        KnowledgeError: it is no list, or an item is no text (often a colon that wants quotes).
    """
    items = as_list(file, where, value)
    for item in items:
        if isinstance(item, (dict, list)) or item is None:
            raise KnowledgeError(file, where, f"每一项应是一句话,有冒号时请加引号:{item}")
    return [str(item) for item in items]


def as_date(file: str, where: str, value: Any) -> date:
    """Return the day that ``value`` names.

    Raises:
        KnowledgeError: it names none.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise KnowledgeError(file, where, f"日期应写成 2027-05-31 的形式,现在是 {value!r}") from error


def interpolate(file: str, where: str, text: str, bank: dict[str, Any]) -> str:
    """Return ``text`` with every ``{group.key}`` replaced by this bank's value.

    Raises:
        KnowledgeError: ``bank.yml`` has no such value, or braces hold something else.
    """

    def value(match: re.Match[str]) -> str:
        group, _, name = match.group(1).partition(".")
        values = bank.get(group)
        found = values.get(name) if isinstance(values, dict) else None
        if found is None or isinstance(found, (dict, list)):
            raise KnowledgeError(file, where, f"bank.yml 里没有 {match.group(1)}")
        return str(found)

    return _VALUE.sub(value, text)
