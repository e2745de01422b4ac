"""What supervisors maintain in the console, begun from files: phrase rules and canned replies.

At the start what a file has and the database has not is added; what was changed or switched off in the
console stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pypinyin import Style, lazy_pinyin
from ruamel.yaml import YAML
from sqlalchemy import Table, delete, insert, select, update

from bot.chat.conversations import now
from bot.errors import EntryExists, EntryNotFound, InvalidRequest
from bot.store import desk_tables as desk
from bot.store.database import Database
from bot.store.upsert import insert_missing

MOST_FOUND = 20


@dataclass(frozen=True)
class Finding:
    """A rule that a text breaks."""

    key: str
    action: str
    hint: str
    clause: str | None
    found: str


class Rulebook:
    """Phrase rules and canned replies.

    Args:
        folder: holds ``phrases.yml`` and ``canned.yml``.
    """

    def __init__(self, database: Database, folder: Path, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock

    def seed(self) -> None:
        """Add what the files have and the database has not.

        Raises:
            OSError: a file is missing.
            re.error: a rule is no regular expression.
        """
        phrases = _read(self._folder / "phrases.yml")
        for rule in phrases:
            re.compile(str(rule["pattern"]))
        common = {"enabled": True, "updated_at": self._clock()}
        with self._database.write() as connection:
            rules = [{**rule, **common, "clause": rule.get("clause")} for rule in phrases]
            insert_missing(connection, desk.phrase_rules, rules)
            replies = [{**reply, **common} for reply in _read(self._folder / "canned.yml")]
            insert_missing(connection, desk.canned_replies, replies)

    def findings(self, text: str) -> list[Finding]:
        """The enabled rules that ``text`` breaks, what blocks first."""
        squeezed = re.sub(r"\s+", "", text)
        found = []
        for rule in self._all(desk.phrase_rules):
            if not rule.enabled:
                continue
            pattern = re.escape(rule.pattern) if rule.kind == "word" else rule.pattern
            match = re.search(pattern, squeezed)
            if match is not None:
                found.append(Finding(rule.key, rule.action, rule.hint, rule.clause, match.group()[:40]))
        return sorted(found, key=lambda one: one.action != "block")

    def canned(self, query: str, values: Mapping[str, str]) -> list[dict[str, Any]]:
        """Replies whose title, text, category, key or pinyin initials contain ``query``, placeholders filled in."""
        wanted = query.strip().lower()
        found = []
        for row in self._all(desk.canned_replies):
            initials = pinyin_initials(row.title)
            haystack = (initials, row.title.lower(), row.key, row.category.lower(), row.text.lower())
            if row.enabled and (not wanted or any(wanted in part for part in haystack)):
                rank = 0 if initials.startswith(wanted) else 1 if wanted in row.title.lower() else 2
                found.append((rank, row.category, row.key, _shown_reply(row, initials, values)))
        found.sort(key=lambda one: one[:3])
        return [one[3] for one in found[: MOST_FOUND if wanted else None]]

    def rules(self) -> list[dict[str, Any]]:
        """All phrase rules, as the console edits them."""
        return [dict(row._mapping) for row in self._all(desk.phrase_rules)]

    def replies(self) -> list[dict[str, Any]]:
        """All canned replies, as the console edits them."""
        return [dict(row._mapping) for row in self._all(desk.canned_replies)]

    def add(self, table: Table, values: Mapping[str, Any], by: str) -> None:
        """Add an entry; raises ``EntryExists``, ``InvalidRequest`` for a pattern that is none."""
        _check(values)
        with self._database.write() as connection:
            known = connection.execute(select(table.c.key).where(table.c.key == values["key"])).one_or_none()
            if known is not None:
                raise EntryExists()
            connection.execute(insert(table).values(**values, updated_by=by, updated_at=self._clock()))

    def change(self, table: Table, key: str, values: Mapping[str, Any], by: str) -> None:
        """Replace an entry; raises ``EntryNotFound``, ``InvalidRequest``."""
        _check(values)
        with self._database.write() as connection:
            changed = connection.execute(
                update(table).where(table.c.key == key).values(**values, updated_by=by, updated_at=self._clock())
            ).rowcount
        if changed != 1:
            raise EntryNotFound()

    def remove(self, table: Table, key: str) -> None:
        """Delete an entry; one that a file has is better switched off. Raises ``EntryNotFound``."""
        with self._database.write() as connection:
            if connection.execute(delete(table).where(table.c.key == key)).rowcount != 1:
                raise EntryNotFound()

    def _all(self, table: Table) -> list[Any]:
        with self._database.read() as connection:
            return list(connection.execute(select(table).order_by(table.c.key)).all())


def pinyin_initials(text: str) -> str:
    """The first letter of every syllable: 开场问候 → ``kcwh``."""
    return "".join(part[0] for part in lazy_pinyin(text, style=Style.FIRST_LETTER) if part).lower()


def _shown_reply(row: Any, initials: str, values: Mapping[str, str]) -> dict[str, Any]:
    text = re.sub(r"\{(\w+)\}", lambda match: values.get(match[1]) or match[0], row.text)
    return {"key": row.key, "title": row.title, "category": row.category, "text": text, "initials": initials}


def _read(path: Path) -> list[dict[str, Any]]:
    return [dict(entry) for entry in YAML(typ="safe").load(path.read_text(encoding="utf-8")) or []]


def _check(values: Mapping[str, Any]) -> None:
    if values.get("kind") == "regex":
        try:
            re.compile(values["pattern"])
        except re.error as error:
            raise InvalidRequest(field="pattern") from error
