"""Files that customers and staff add to a case: pictures and PDF, kept outside everything that is served.

The type is decided by content, never by name; on disk a file has a random name; the shown name is cleaned,
masked, and gets the ending of its real type.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import filetype
from sqlalchemy import delete, func, insert, select

from bot.cases import wording
from bot.cases.actions import AddFile
from bot.cases.days import now
from bot.cases.model import Actor, Case
from bot.cases.service import CaseService, masked_text
from bot.errors import FileNotFound, FileRefused, FileTooLarge
from bot.store.case_tables import case_files
from bot.store.database import Database

MAX_MB = 5
MAX_BYTES = MAX_MB * 1024 * 1024
MAX_FILES = 20
MAX_NAME = 80

ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
}
_ID = re.compile(r"[0-9a-f]{32}")
_PATH = re.compile(r"[\\/]")
_UNSAFE = re.compile(r'[<>:"|?*]')


@dataclass(frozen=True)
class CaseFile:
    """One file; ``name`` may be shown, ``added_by`` is customer or staff."""

    id: str
    case_number: str
    name: str
    media_type: str
    size: int
    added_by: str
    created_at: datetime


class CaseFiles:
    """Keeps files of cases in ``directory``; who may see a case has been decided before."""

    def __init__(self, database: Database, service: CaseService, directory: Path) -> None:
        self._database = database
        self._service = service
        self._directory = directory

    def add(self, number: str, name: str, content: bytes, by: Actor) -> tuple[Case, CaseFile]:
        """Keep a file and note it in the case's timeline.

        Args:
            number: canonical number of an existing case.
            name: as the client calls the file; only its last part is looked at.

        Raises:
            FileTooLarge, FileRefused: too big, empty, neither picture nor PDF, too many.
            CaseActionRefused: the case has ended.
        """
        media_type = checked_type(content)
        with self._database.read() as connection:
            table = case_files
            count = connection.execute(
                select(func.count()).select_from(table).where(table.c.case_number == number)
            ).scalar_one()
        if count >= MAX_FILES:
            raise FileRefused(wording.FILE_COUNT.format(limit=MAX_FILES))
        file = CaseFile(
            id=secrets.token_hex(16),
            case_number=number,
            name=shown_name(name, media_type),
            media_type=media_type,
            size=len(content),
            added_by=by.kind.value,
            created_at=now(),
        )
        with self._written(file.id, content), self._listed(file, content):
            case = self._service.act(number, AddFile(file_id=file.id, name=file.name), by)
        return case, file

    def of_case(self, number: str) -> list[CaseFile]:
        """All files of a case, oldest first."""
        return self.of_cases([number])[number]

    def of_cases(self, numbers: list[str]) -> dict[str, list[CaseFile]]:
        """All files of several cases, oldest first."""
        found: dict[str, list[CaseFile]] = {number: [] for number in numbers}
        table = case_files
        if numbers:
            with self._database.read() as connection:
                rows = connection.execute(
                    select(table).where(table.c.case_number.in_(numbers)).order_by(table.c.created_at)
                ).all()
            for row in rows:
                found[row.case_number].append(_file(row))
        return found

    def get(self, number: str, file_id: str) -> tuple[CaseFile, Path]:
        """A file of a case and where its content lies.

        Raises:
            FileNotFound: no such file in this case.
        """
        if not _ID.fullmatch(file_id):
            raise FileNotFound()
        table = case_files
        with self._database.read() as connection:
            row = connection.execute(
                select(table).where(table.c.id == file_id, table.c.case_number == number)
            ).one_or_none()
        path = self._path(file_id)
        if row is None or not path.is_file():
            raise FileNotFound()
        return _file(row), path

    def _path(self, file_id: str) -> Path:
        return self._directory / file_id[:2] / file_id

    @contextmanager
    def _listed(self, file: CaseFile, content: bytes) -> Iterator[None]:
        """The file's row; gone again when what follows fails."""
        with self._database.write() as connection:
            connection.execute(insert(case_files).values(sha256=hashlib.sha256(content).hexdigest(), **vars(file)))
        try:
            yield
        except BaseException:
            with self._database.write() as connection:
                connection.execute(delete(case_files).where(case_files.c.id == file.id))
            raise

    @contextmanager
    def _written(self, file_id: str, content: bytes) -> Iterator[None]:
        """The content on disk; gone again when what follows fails."""
        path = self._path(file_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            yield
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def checked_type(content: bytes) -> str:
    """The media type of a file that is taken; raises ``FileTooLarge``, ``FileRefused``."""
    if len(content) > MAX_BYTES:
        raise FileTooLarge(limit_mb=MAX_MB)
    if not content:
        raise FileRefused(wording.FILE_EMPTY)
    media_type = filetype.guess_mime(content)
    if media_type not in ENDINGS:
        raise FileRefused(wording.FILE_TYPE)
    return str(media_type)


def shown_name(name: str, media_type: str) -> str:
    """A name that is safe to show and to save under: no path, no control characters, masked, real ending."""
    last = _PATH.split(name)[-1]
    visible = "".join(char for char in last if unicodedata.category(char)[0] not in "CZ" or char == " ")
    stem = _UNSAFE.sub("_", visible).strip(" .")
    for ending in (*ENDINGS.values(), ".jpeg"):
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)].strip(" .")
            break
    return (masked_text(stem)[:MAX_NAME] or wording.FILE_UNNAMED) + ENDINGS[media_type]


def _file(row: Any) -> CaseFile:
    return CaseFile(
        id=row.id,
        case_number=row.case_number,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        added_by=row.added_by,
        created_at=row.created_at,
    )
