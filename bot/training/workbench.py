"""All parts of the trainers' workbench on one database, and what needs several of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.nlu.examples import read_examples
from bot.processes.training import data_digest
from bot.settings import PROJECT_ROOT, Settings
from bot.store.database import Database
from bot.training import job
from bot.training.candidates import Candidates
from bot.training.inbox import Filter, Inbox
from bot.training.job import Jobs
from bot.training.labels import Label, shared_taxonomy
from bot.training.staging import Staged, publish_data, withdraw_data
from bot.training.versions import Version, Versions

if TYPE_CHECKING:
    from bot.training.checks import Problem


class Workbench:
    """What trainers do. Libraries of understanding are loaded at the first use: a server need not wait for them.

    Args:
        project: folder whose ``data/`` is the truth.
    """

    def __init__(self, settings: Settings, database: Database, project: Path = PROJECT_ROOT) -> None:
        self.database = database
        self._work = settings.var_dir / "training"
        self._project = project
        self._checked: tuple[str, list[Problem]] | None = None
        self.taxonomy = shared_taxonomy()
        self.inbox = Inbox(database)
        self.candidates = Candidates(database, self.taxonomy)
        self.jobs = Jobs(database)
        self.versions = Versions(database)

    def grouped(self, wanted: Filter) -> list[dict[str, Any]]:
        """Return the inbox in groups: ``name``, ``count`` of messages, ``items``."""
        from bot.training.grouping import MOST_GROUPED, groups, name_of

        items = self.inbox.items(wanted, MOST_GROUPED)
        texts = [item.text for item in items]
        return [
            {
                "name": name_of([texts[place] for place in places]),
                "count": sum(len(items[place].places) for place in places),
                "items": [items[place].as_json() for place in places],
            }
            for places in groups(texts)
        ]

    def similar_examples(self, text: str) -> list[dict[str, Any]]:
        """Return examples of the data spelled like ``text``: ``text``, ``intent``, ``likeness`` (0 to 1)."""
        from bot.training.grouping import Similar

        nlu = self._project / "data" / "nlu"
        examples = read_examples(sorted(path for path in nlu.glob("*.yml") if path.name != "responses.yml"))
        return [
            {
                "text": examples[place].text,
                "intent": Label(examples[place].act, examples[place].topic, examples[place].aspect).intent,
                "likeness": likeness,
            }
            for place, likeness in Similar([example.text for example in examples]).nearest(text)
        ]

    def check(self) -> list[Problem]:
        """Return what is wrong with the training data, looked at again only when it changed."""
        from bot.training.checks import check_training

        digest = data_digest(self._project)
        if self._checked is None or self._checked[0] != digest:
            self._checked = digest, check_training(self._project)
        return self._checked[1]

    def train(self, who: str) -> str:
        """Start a training; returns the job's id.

        Raises:
            TrainingBusy: one is under way.
        """
        job_id = self.jobs.begin(who)
        job.spawn(job_id, who)
        return job_id

    def publish(self, digest: str, who: str, overrule_reason: str | None = None) -> Version:
        """Write the version's examples into the data and make it live.

        Raises:
            GatesFailed, ModelTampered, ModelNotFound: as `Versions.publish`.
            TrainingFileChanged: the data was changed by hand since it was trained.
        """
        version = self.versions.publishable(digest, overrule_reason)
        if version.candidates:
            root = self._work / "data"
            publish_data(Staged(root, digest, version.changed_files or {}, version.candidates), self._project)
            self.candidates.trained(version.candidates, who, digest)
        return self.versions.publish(digest, who, overrule_reason)

    def rollback(self, who: str) -> Version:
        """Make the version before the live one live again, and take the examples of the one after it out of the data.

        Raises:
            ModelNotFound: there was none before.
            ModelTampered: the file of the one before is missing or another one.
        """
        live = self.versions.live()
        before = self.versions.roll_back(who)
        if live is not None and live.candidates:
            added = [self.candidates.get(candidate) for candidate in live.candidates]
            withdraw_data(live.changed_files or {}, added, self._project)
            self.candidates.untrained(live.candidates, who, live.digest)
        return before
