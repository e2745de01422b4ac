"""Train a configuration as a bank would, `rasa train`, and keep what it cost beside the model."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.process import PROJECT_ROOT, Cost, environment, run_measured
from benchmarks.questions import data_digest


@dataclass(frozen=True)
class Trained:
    """A trained model and what its training cost (None: unknown).

    ``note`` goes with the training figures: "reused" when the model is older than this run,
    "other examples" when it was trained on other data than this run's.
    """

    model: Path
    cost: Cost | None
    note: str = ""


def train(name: str, config: Path, data: Path, folder: Path, threads: int) -> Trained:
    """Train ``config`` on the examples in ``data`` in a fresh process with an empty cache.

    In: a name for the files, the Rasa configuration, a folder of NLU files, where model and log go.
    Out: the model; what it cost also stands beside it, in ``<name>.json``.

    Raises:
        ProgramFailed: training ended with an error.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as scratch:
        out = Path(scratch) / "models"
        arguments = [
            *("-m", "rasa", "train", "--config", str(config), "--domain", "domain.yml"),
            *("--data", str(data), "data/rules", "data/stories"),
            *("--out", str(out), "--fixed-model-name", name, "--skip-validation", "--force"),
        ]
        cost = run_measured(arguments, environment(threads, Path(scratch) / "cache"), folder / f"{name}.train.log")
        model = folder / f"{name}.tar.gz"
        shutil.move(out / f"{name}.tar.gz", model)
    known = {"cost": asdict(cost), "data": data_digest(data)}
    _card(model).write_text(json.dumps(known), encoding="utf-8")
    return Trained(model, cost)


def reuse(model: Path, data: Path) -> Trained:
    """Return a model that was trained earlier, with its cost when that is still known.

    In: a model archive, the folder of this run's examples.

    Raises:
        FileNotFoundError: there is no such model.
    """
    if not model.is_file():
        raise FileNotFoundError(model)
    if not _card(model).is_file():
        return Trained(model, None, "reused")
    known = json.loads(_card(model).read_text(encoding="utf-8"))
    same = known["data"] == data_digest(data)
    return Trained(model, Cost(**known["cost"]), "reused" if same else "reused, other examples")


def _card(model: Path) -> Path:
    """Return the file beside a model that keeps what its training cost and on what it was trained."""
    return model.with_name(model.name.removesuffix(".tar.gz") + ".json")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train one configuration from the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("name", help="name of the model's files")
    parser.add_argument("config", type=Path, help="Rasa configuration")
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT / "data" / "nlu", help="folder of NLU files")
    parser.add_argument("--folder", type=Path, default=PROJECT_ROOT / "benchmarks" / "out" / "models")
    parser.add_argument("--threads", type=int, default=1, help="OpenMP threads")
    given = parser.parse_args(arguments)
    print(train(given.name, given.config.resolve(), given.data.resolve(), given.folder.resolve(), given.threads))


if __name__ == "__main__":
    main()
