"""Model versions: what was trained, how it compared, which one is live; files are verified before loading."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from bot.chat.conversations import now
from bot.errors import GatesFailed, ModelNotFound, ModelTampered
from bot.processes.training import MODELS
from bot.store.database import Database
from bot.store.training_tables import CANDIDATE, LIVE, RETIRED, model_versions

_TABLE = model_versions


@dataclass(frozen=True)
class Version:
    """One trained model.

    Attributes:
        digest: of the data and code it was made from; names its file.
        report: the comparison with the model that was live then; None for the first.
        candidates: ids of the examples that it added.
        changed_files: file names under ``data/nlu`` with the digest of what they were made from.
    """

    digest: str
    sha256: str
    state: str
    trained_by: str
    trained_at: datetime
    report: dict[str, Any] | None = None
    candidates: tuple[str, ...] = ()
    changed_files: dict[str, str | None] | None = None
    published_by: str | None = None
    published_at: datetime | None = None
    overrule_reason: str | None = None

    @property
    def failed_gates(self) -> list[str]:
        """Titles of the gates that do not hold."""
        return [str(gate["title"]) for gate in (self.report or {}).get("gates", ()) if not gate["passed"]]

    def as_json(self) -> dict[str, Any]:
        """Return the version for the pages."""
        return {
            "digest": self.digest,
            "state": self.state,
            "trained_by": self.trained_by,
            "trained_at": self.trained_at.isoformat(),
            "published_by": self.published_by,
            "published_at": self.published_at.isoformat() if self.published_at else None,
            "overrule_reason": self.overrule_reason,
            "examples": len(self.candidates),
            "report": self.report,
        }


class Versions:
    """Repository of model versions.

    Args:
        models: folder of the model archives.
    """

    def __init__(self, database: Database, models: Path = MODELS, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._models = models
        self._clock = clock

    def path(self, digest: str) -> Path:
        """Where the archive of a version lies."""
        return self._models / f"nuoyan-{digest}.tar.gz"

    def register(
        self,
        digest: str,
        who: str,
        report: dict[str, Any] | None = None,
        candidates: Sequence[str] = (),
        changed_files: dict[str, str | None] | None = None,
        state: str = CANDIDATE,
    ) -> Version:
        """Keep a model that has just been trained, with the digest of its file.

        Raises:
            ModelTampered: its file is not there.
        """
        values = {
            "sha256": self._sha256(digest),
            "report": report,
            "candidates": list(candidates),
            "changed_files": changed_files or {},
            "trained_by": who,
            "trained_at": self._clock(),
        }
        with self._database.write() as connection:
            known = connection.execute(select(_TABLE.c.state).where(_TABLE.c.digest == digest)).scalar_one_or_none()
            if known is None:
                connection.execute(insert(_TABLE).values(digest=digest, state=state, **values))
            else:
                connection.execute(update(_TABLE).where(_TABLE.c.digest == digest).values(**values))
        return self.get(digest)

    def ensure_live(self, digest: str) -> Version:
        """Take the model of the present data for the live one (data was changed by hand, or the first start)."""
        live = self.live()
        if live is None or live.digest != digest:
            self.register(digest, "system")
            self._make_live(digest, "system", None)
        return self.get(digest)

    def get(self, digest: str) -> Version:
        """Return one version.

        Raises:
            ModelNotFound: there is none of this digest.
        """
        with self._database.read() as connection:
            row = connection.execute(select(_TABLE).where(_TABLE.c.digest == digest)).one_or_none()
        if row is None:
            raise ModelNotFound()
        return _version(row)

    def live(self) -> Version | None:
        """Return the version that serves customers."""
        with self._database.read() as connection:
            row = connection.execute(select(_TABLE).where(_TABLE.c.state == LIVE)).one_or_none()
        return None if row is None else _version(row)

    def all(self, limit: int = 50) -> list[Version]:
        """Return versions, newest first."""
        query = select(_TABLE).order_by(_TABLE.c.trained_at.desc()).limit(limit)
        with self._database.read() as connection:
            return [_version(row) for row in connection.execute(query)]

    def verified(self, digest: str) -> Path:
        """Return the archive of a version after comparing it with what was trained.

        Raises:
            ModelNotFound: there is no such version.
            ModelTampered: the file is missing or another one.
        """
        if self._sha256(digest) != self.get(digest).sha256:
            raise ModelTampered()
        return self.path(digest)

    def publishable(self, digest: str, overrule_reason: str | None = None) -> Version:
        """Return a candidate that may become live.

        In: ``overrule_reason`` only from an administrator; the caller checks the role.

        Raises:
            ModelNotFound: there is no such candidate.
            ModelTampered: its file is missing or another one.
            GatesFailed: a gate does not hold and no reason is given.
        """
        self.verified(digest)
        version = self.get(digest)
        if version.state != CANDIDATE:
            raise ModelNotFound()
        if (failed := version.failed_gates) and not (overrule_reason or "").strip():
            raise GatesFailed(gates="；".join(failed))
        return version

    def publish(self, digest: str, who: str, overrule_reason: str | None = None) -> Version:
        """Make a candidate the live version; raises as :meth:`publishable`."""
        version = self.publishable(digest, overrule_reason)
        self._make_live(digest, who, overrule_reason if version.failed_gates else None)
        return self.get(digest)

    def roll_back(self, who: str) -> Version:
        """Make the version before the live one live again; the one that was live is a candidate once more.

        Raises:
            ModelNotFound: there was none before.
            ModelTampered: its file is missing or another one.
        """
        live, before = self.live(), self.previous()
        self.verified(before.digest)
        self._make_live(before.digest, who, None)
        if live is not None:
            with self._database.write() as connection:
                connection.execute(update(_TABLE).where(_TABLE.c.digest == live.digest).values(state=CANDIDATE))
        return self.get(before.digest)

    def previous(self) -> Version:
        """Return the version that was live before the present one.

        Raises:
            ModelNotFound: there was none.
        """
        query = select(_TABLE).where(_TABLE.c.state == RETIRED).order_by(_TABLE.c.published_at.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise ModelNotFound()
        return _version(row)

    def _make_live(self, digest: str, who: str, reason: str | None) -> None:
        with self._database.write() as connection:
            connection.execute(update(_TABLE).where(_TABLE.c.state == LIVE).values(state=RETIRED))
            values = {"published_by": who, "published_at": self._clock(), "overrule_reason": reason}
            connection.execute(update(_TABLE).where(_TABLE.c.digest == digest).values(state=LIVE, **values))

    def _sha256(self, digest: str) -> str:
        path = self.path(digest)
        if not path.is_file():
            raise ModelTampered()
        found = hashlib.sha256()
        with path.open("rb") as archive:
            while chunk := archive.read(1 << 20):
                found.update(chunk)
        return found.hexdigest()


def _version(row: Any) -> Version:
    values = {name: getattr(row, name) for name in Version.__dataclass_fields__}
    return Version(**{**values, "candidates": tuple(row.candidates)})
