"""Read ``data/knowledge`` into a `KnowledgeBase`; say in Chinese what is wrong with a file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.knowledge.model import CERTAINTIES, LIST_KEYS, Answer, Citation, KnowledgeBase, Promise, Source, Topic
from bot.knowledge.reading import (
    KnowledgeError,
    as_date,
    as_list,
    as_table,
    as_texts,
    interpolate,
    read_table,
    read_yaml,
)

__all__ = [
    "KnowledgeError",
    "knowledge_files",
    "load_knowledge",
    "parse_citation",
    "parse_topic",
    "read_popular",
    "read_sources",
    "read_taxonomy",
    "read_yaml",
    "shared_knowledge",
]

POPULAR = "popular.yml"
_ANSWER_KEYS = {"short", "certainty", "cite", "facts", "note", "from", "until", *LIST_KEYS}
_TOPIC_KEYS = {"id", "title", "aliases", "review_by", "related", "answers", "promises"}
_SOURCE_KEYS = {"title", "number", "date", "kind"}
_TAXONOMY_PARTS = ("aspects", "topics", "standards", "acts")


def load_knowledge(directory: Path) -> KnowledgeBase:
    """Return the whole knowledge base of ``directory``.

    Raises:
        KnowledgeError: the first file that cannot be used.
    """
    taxonomy = read_taxonomy(directory)
    bank = read_table(directory / "bank.yml")
    sources = read_sources(directory)
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
        popular=read_popular(directory),
    )


def read_taxonomy(directory: Path) -> dict[str, dict[str, str]]:
    """Return aspects, topics, standards and acts of the taxonomy beside ``directory``.

    Raises:
        KnowledgeError: the file cannot be read or lacks one of them.
    """
    taxonomy = read_table(directory.parent / "taxonomy.yml")
    return {part: as_table("taxonomy.yml", part, taxonomy.get(part)) for part in _TAXONOMY_PARTS}


def read_popular(directory: Path) -> tuple[str, ...]:
    """Return the topics shown first while nothing is known of what customers ask; none without the file.

    Raises:
        KnowledgeError: the file is no list of topic ids.
    """
    path = directory / POPULAR
    return tuple(as_texts(POPULAR, "", read_yaml(path))) if path.exists() else ()


def read_sources(directory: Path) -> dict[str, Source]:
    """Return what answers may cite, by code.

    Raises:
        KnowledgeError: an entry has no title or an unknown key.
    """
    sources = {}
    for code, entry in read_table(directory / "sources.yml").items():
        fields = as_table("sources.yml", code, entry)
        if unknown := set(fields) - _SOURCE_KEYS:
            raise KnowledgeError("sources.yml", code, f"不认识的键:{'、'.join(sorted(unknown))}")
        if not fields.get("title"):
            raise KnowledgeError("sources.yml", code, "缺少 title")
        sources[code] = Source(id=code, **{name: str(value) for name, value in fields.items()})
    return sources


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
        raise KnowledgeError(file, "", "应是一组“键: 值”")
    if unknown := set(entry) - _TOPIC_KEYS:
        raise KnowledgeError(file, "", f"不认识的键:{'、'.join(sorted(map(str, unknown)))}")
    for key in ("id", "title", "review_by", "answers"):
        if not entry.get(key):
            raise KnowledgeError(file, key, "缺少这一项")
    if file != f"{entry['id']}.yml":
        raise KnowledgeError(file, "id", f"文件名应与 id 一致:{entry['id']}.yml")
    return Topic(
        id=str(entry["id"]),
        title=str(entry["title"]),
        aliases=tuple(as_texts(file, "aliases", entry.get("aliases"))),
        review_by=as_date(file, "review_by", entry["review_by"]),
        related=tuple(as_texts(file, "related", entry.get("related"))),
        answers={
            aspect: _parse_variants(file, f"answers.{aspect}", value, sources, bank)
            for aspect, value in as_table(file, "answers", entry["answers"]).items()
        },
        promises=tuple(_parse_promise(file, item) for item in as_list(file, "promises", entry.get("promises"))),
    )


def _parse_promise(file: str, entry: Any) -> Promise:
    if not isinstance(entry, dict) or not entry.get("text") or not entry.get("clause"):
        raise KnowledgeError(file, "promises", "每一项应写 text 和 clause")
    return Promise(str(entry["text"]), str(entry["clause"]))


def _parse_variants(
    file: str, where: str, value: Any, sources: dict[str, Source], bank: dict[str, Any]
) -> tuple[Answer, ...]:
    variants = value if isinstance(value, list) else [value]
    if not variants:
        raise KnowledgeError(file, where, "缺少内容")
    return tuple(_parse_answer(file, where, variant, sources, bank) for variant in variants)


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

    lists = {key: tuple(map(text, as_texts(file, f"{where}.{key}", entry.get(key)))) for key in LIST_KEYS}
    facts = as_table(file, f"{where}.facts", entry.get("facts") or {})
    return Answer(
        short=text(entry["short"]),
        certainty=entry["certainty"],
        citations=tuple(parse_citation(file, where, item, sources) for item in as_list(file, where, entry.get("cite"))),
        facts=tuple((label, text(value)) for label, value in facts.items()),
        note=text(entry["note"]) if entry.get("note") else None,
        valid_from=as_date(file, where, entry["from"]) if entry.get("from") else None,
        valid_until=as_date(file, where, entry["until"]) if entry.get("until") else None,
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
