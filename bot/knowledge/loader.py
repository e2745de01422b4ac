"""Read ``data/knowledge`` into a `KnowledgeBase`; say in Chinese what is wrong with a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.knowledge.model import CERTAINTIES, LIST_KEYS, Answer, Citation, KnowledgeBase, Promise, Source, Topic

_VALUE = re.compile(r"\{([a-z_]+\.[a-z_0-9]+)\}")
_ANSWER_KEYS = {"short", "certainty", "cite", "facts", "note", "from", "until", *LIST_KEYS}
_TOPIC_KEYS = {"id", "title", "aliases", "review_by", "related", "answers", "promises"}


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
        KnowledgeError: the file is missing or is no valid YAML.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            return YAML(typ="safe", pure=True).load(stream)
    except FileNotFoundError as error:
        raise KnowledgeError(path.name, "", "文件不存在") from error
    except YAMLError as error:
        raise KnowledgeError(path.name, "", f"不是有效的 YAML:{error}") from error


def load_knowledge(directory: Path) -> KnowledgeBase:
    """Return the whole knowledge base of ``directory``.

    Raises:
        KnowledgeError: the first file that cannot be used.
    """
    taxonomy = read_yaml(directory.parent / "taxonomy.yml")
    bank = read_yaml(directory / "bank.yml")
    sources = {
        str(key): Source(id=str(key), **{name: str(value) for name, value in entry.items()})
        for key, entry in read_yaml(directory / "sources.yml").items()
    }
    topics = {}
    for path in knowledge_files(directory):
        topic = parse_topic(path.name, read_yaml(path), sources, bank)
        topics[topic.id] = topic
    return KnowledgeBase(
        topics=topics,
        sources=sources,
        bank=bank,
        aspects=taxonomy["aspects"],
        acts=taxonomy["acts"],
        known_topics={**taxonomy["topics"], **taxonomy["standards"]},
    )


@lru_cache(maxsize=4)
def shared_knowledge(directory: Path) -> KnowledgeBase:
    """Return `load_knowledge` of ``directory``, read once a process."""
    return load_knowledge(directory)


def knowledge_files(directory: Path) -> Iterator[Path]:
    """Yield the topic files of ``directory`` in a stable order."""
    for room in ("services", "standards"):
        yield from sorted((directory / room).glob("*.yml"))


def parse_topic(file: str, entry: Any, sources: dict[str, Source], bank: dict[str, Any]) -> Topic:
    """Return the topic that a file's content describes.

    Raises:
        KnowledgeError: a key is missing or unknown, or a value has the wrong form.
    """
    if not isinstance(entry, dict):
        raise KnowledgeError(file, "", "文件应是一组“键: 值”")
    if unknown := set(entry) - _TOPIC_KEYS:
        raise KnowledgeError(file, "", f"不认识的键:{'、'.join(sorted(map(str, unknown)))}")
    for key in ("id", "title", "review_by", "answers"):
        if not entry.get(key):
            raise KnowledgeError(file, key, "缺少这一项")
    if file != f"{entry['id']}.yml":
        raise KnowledgeError(file, "id", f"文件名应与 id 一致:{entry['id']}.yml")
    answers = {}
    for aspect, value in entry["answers"].items():
        variants = value if isinstance(value, list) else [value]
        answers[str(aspect)] = tuple(
            _parse_answer(file, f"answers.{aspect}", variant, sources, bank) for variant in variants
        )
    return Topic(
        id=str(entry["id"]),
        title=str(entry["title"]),
        aliases=tuple(map(str, entry.get("aliases") or ())),
        review_by=_as_date(file, "review_by", entry["review_by"]),
        related=tuple(map(str, entry.get("related") or ())),
        answers=answers,
        promises=tuple(
            Promise(str(item["text"]), str(item["clause"])) for item in entry.get("promises") or ()
        ),
    )


def _parse_answer(file: str, where: str, entry: Any, sources: dict[str, Source], bank: dict[str, Any]) -> Answer:
    if not isinstance(entry, dict):
        raise KnowledgeError(file, where, "应写成“short: …”等几项")
    if unknown := set(entry) - _ANSWER_KEYS:
        raise KnowledgeError(file, where, f"不认识的键:{'、'.join(sorted(map(str, unknown)))}")
    if not entry.get("short"):
        raise KnowledgeError(file, where, "缺少 short(一两句话的直接回答)")
    if entry.get("certainty") not in CERTAINTIES:
        raise KnowledgeError(file, where, f"certainty 应为 {'、'.join(CERTAINTIES)} 之一")

    def text(value: Any) -> str:
        return interpolate(file, where, str(value), bank)

    lists = {key: tuple(text(item) for item in entry.get(key) or ()) for key in LIST_KEYS}
    return Answer(
        short=text(entry["short"]),
        certainty=entry["certainty"],
        citations=tuple(parse_citation(file, where, item, sources) for item in entry.get("cite") or ()),
        facts=tuple((str(label), text(value)) for label, value in (entry.get("facts") or {}).items()),
        note=text(entry["note"]) if entry.get("note") else None,
        valid_from=_as_date(file, where, entry["from"]) if entry.get("from") else None,
        valid_until=_as_date(file, where, entry["until"]) if entry.get("until") else None,
        **lists,
    )


def parse_citation(file: str, where: str, entry: Any, sources: dict[str, Source]) -> Citation:
    """Return the citation that ``{source, clause, certainty}`` names.

    Raises:
        KnowledgeError: the source is not in ``sources.yml``, or the certainty is none.
    """
    source = sources.get(str(entry.get("source"))) if isinstance(entry, dict) else None
    if source is None:
        raise KnowledgeError(file, where, f"引用的来源不在 sources.yml 中:{entry}")
    if entry.get("certainty") not in CERTAINTIES:
        raise KnowledgeError(file, where, f"引用的 certainty 应为 {'、'.join(CERTAINTIES)} 之一")
    return Citation(source, str(entry.get("clause", "")), entry["certainty"])


def interpolate(file: str, where: str, text: str, bank: dict[str, Any]) -> str:
    """Return ``text`` with every ``{group.key}`` replaced by this bank's value.

    Raises:
        KnowledgeError: ``bank.yml`` has no such value.
    """

    def value(match: re.Match[str]) -> str:
        group, _, name = match.group(1).partition(".")
        try:
            return str(bank[group][name])
        except KeyError as error:
            raise KnowledgeError(file, where, f"bank.yml 里没有 {match.group(1)}") from error

    return _VALUE.sub(value, text)


def _as_date(file: str, where: str, value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise KnowledgeError(file, where, f"日期应写成 2027-05-31 的形式,现在是 {value!r}") from error
