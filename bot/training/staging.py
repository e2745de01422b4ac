"""Approved examples applied to a copy of the data; the data itself changes only when a model is published.

Files stay the truth: publishing writes exactly the changed files, each only if nobody touched it since
the copy was made, and the result carries the digest under which the model was trained.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import TrainingFileChanged
from bot.processes.training import data_digest
from bot.settings import PROJECT_ROOT
from bot.training.candidates import Candidate
from bot.training.yaml_file import ExamplesFile, digest_of

NLU = Path("data") / "nlu"
OWN_FILE = "workbench.yml"
_COPIED = ("config.yml", "domain.yml", "data/nlu", "data/rules", "data/stories", "data/lexicon", "data/taxonomy.yml")
_LINKED = ("bot",)
_EMPTY = 'version: "3.1"\n\nnlu:\n'


@dataclass(frozen=True)
class Staged:
    """A copy of the training data with candidates in it.

    Attributes:
        root: folder that looks like the project to Rasa.
        digest: of the data and code a model of it is made from.
        changed: file names under ``data/nlu`` with the digest of the original (None: a new file).
        candidates: ids of what was added.
    """

    root: Path
    digest: str
    changed: dict[str, str | None]
    candidates: tuple[str, ...]


def stage(root: Path, candidates: Iterable[Candidate], project: Path = PROJECT_ROOT) -> Staged:
    """Copy the data to ``root`` and add the candidates, each where most examples of its label stand.

    Raises:
        TrainingFileBroken: a file of the data can't be read.
    """
    shutil.rmtree(root, ignore_errors=True)
    for name in _COPIED:
        source, target = project / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.is_file():
            shutil.copy2(source, target)
    for name in _LINKED:
        (root / name).symlink_to(project / name)
    files = [
        ExamplesFile(path)
        for path in sorted((root / NLU).glob("*.yml"))
        if path.name not in ("responses.yml", OWN_FILE)
    ]
    own = root / NLU / OWN_FILE
    added: list[str] = []
    changed: dict[str, str | None] = {}
    for candidate in candidates:
        intent = candidate.label.intent
        file = max(files, key=lambda file: len(file.examples(intent)), default=None)
        if file is None or not file.examples(intent):
            if not own.exists():
                changed[OWN_FILE] = None
                own.write_text(_EMPTY, encoding="utf-8")
            file = ExamplesFile(own)
            files.append(file)
        if candidate.text not in file.examples(intent):
            changed.setdefault(file.path.name, file.digest)
            file.add(intent, candidate.text)
            file.save()
        added.append(candidate.id)
    return Staged(root, data_digest(root), changed, tuple(added))


def publish_data(staged: Staged, project: Path = PROJECT_ROOT) -> list[Path]:
    """Write the changed files into the project; returns them.

    Raises:
        TrainingFileChanged: a file was changed by hand since it was staged; nothing was written.
    """
    for name, digest in staged.changed.items():
        target = project / NLU / name
        present = digest_of(target.read_bytes()) if target.exists() else None
        if present != digest:
            raise TrainingFileChanged(file=name)
    written = []
    for name in staged.changed:
        target = project / NLU / name
        partial = target.with_suffix(".yml.part")
        shutil.copyfile(staged.root / NLU / name, partial)
        partial.replace(target)
        written.append(target)
    return written


def withdraw_data(names: Iterable[str], candidates: Iterable[Candidate], project: Path = PROJECT_ROOT) -> None:
    """Take examples out of the project's files again, byte for byte as it was before they came.

    In: the files that publishing changed, the candidates whose examples stand there; one that somebody
    took out by hand meanwhile is passed over.

    Raises:
        TrainingFileBroken, TrainingFileChanged: a file can't be read, or is being changed; later files stay.
    """
    wanted = [(candidate.label.intent, candidate.text) for candidate in candidates]
    for name in names:
        path = project / NLU / name
        if not path.exists():
            continue
        file = ExamplesFile(path)
        for intent, text in wanted:
            if text in file.examples(intent):
                file.remove(intent, text)
        if name == OWN_FILE and not any(place.lines for place in file.places):
            path.unlink()
        else:
            file.save()
