"""Train when the data changed, and find the model that fits the data."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from bot.knowledge.responses import FILE as RESPONSES
from bot.processes.stack import COMMON_ENVIRONMENT, CannotStart
from bot.processes.supervisor import python
from bot.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "models"
_STARTS = re.compile(r"Starting to train component '(\w+)'")
_FILES = ("config.yml", "domain.yml")
_FOLDERS = ("data/nlu", "data/rules", "data/stories", "data/lexicon", "bot/nlu")


def data_digest(root: Path = PROJECT_ROOT) -> str:
    """Return the digest of everything a model is made of: data, configuration and components."""
    digest = hashlib.sha256()
    paths = [root / name for name in _FILES]
    for folder in _FOLDERS:
        paths += sorted(path for path in (root / folder).rglob("*") if path.is_file() and not _is_derived(path))
    for path in paths:
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _is_derived(path: Path) -> bool:
    return path.suffix == ".pyc" or path.name == Path(RESPONSES).name


def trained_model(models: Path = MODELS) -> Path | None:
    """Return the model that was trained on the present data; None when there is none."""
    path = models / f"nuoyan-{data_digest()}.tar.gz"
    return path if path.is_file() else None


def ensure_model(models: Path = MODELS) -> Path:
    """Return the model of the present data, training it first when data changed.

    Raises:
        CannotStart: training failed; its output stands above.
    """
    if (model := trained_model(models)) is not None:
        return model
    return train_into(models / f"nuoyan-{data_digest()}.tar.gz", PROJECT_ROOT)


def train_into(model: Path, root: Path) -> Path:
    """Train on the data under ``root`` unless the archive ``model`` is there already; returns it.

    Raises:
        CannotStart: training failed; its output stands above.
    """
    if model.is_file():
        return model
    data = [str(root / "data" / name) for name in ("nlu", "rules", "stories")]
    log = model.with_name("training.log")
    result = _run_showing_progress(
        python(
            *("-m", "rasa", "train", "--fixed-model-name", model.name.removesuffix(".tar.gz")),
            *("--config", str(root / "config.yml"), "--domain", str(root / "domain.yml")),
            *("--out", str(model.parent), "--data", *data, "--skip-validation"),
        ),
        log,
    )
    if result != 0:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        raise CannotStart("\n".join(["训练没有成功，请按下面的提示修改 data/ 里的文件，再运行 make train。", *tail]))
    return model


def _run_showing_progress(command: tuple[str, ...], log: Path) -> int:
    """Run a training, its output in ``log`` and one line a component on the terminal; return its exit code."""
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **COMMON_ENVIRONMENT, "OMP_NUM_THREADS": str(os.cpu_count() or 1)}
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(  # noqa: S603
            command,
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as training,
    ):
        for line in training.stdout or ():
            output.write(line)
            if (found := _STARTS.search(line)) is not None:
                print(f"  训练 {found.group(1)}…", file=sys.stderr, flush=True)
        return training.wait()
