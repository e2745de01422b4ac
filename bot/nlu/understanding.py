"""The trained assistant's ears without its mouth: load a model once, read any number of texts."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.engine import loader
from rasa.engine.constants import PLACEHOLDER_MESSAGE
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from bot.nlu.classifier import ROUTING
from bot.nlu.guard import as_text

BATCH = 128


@dataclass(frozen=True)
class Understood:
    """What the pipeline found in one text: its routing (see `decide_routing`), entities as Rasa gives them."""

    routing: dict[str, Any]
    entities: list[dict[str, Any]]


class Understanding:
    """The pipeline of a trained model, read in batches.

    Args:
        model: path of a model archive.

    Raises:
        FileNotFoundError: there is no such archive.
    """

    def __init__(self, model: Path) -> None:
        if not model.is_file():
            raise FileNotFoundError(model)
        self._directory = tempfile.TemporaryDirectory(prefix="nuoyan-model-")
        metadata, self._runner = loader.load_predict_graph_runner(
            Path(self._directory.name), model, LocalModelStorage, DaskGraphRunner
        )
        self._target = metadata.nlu_target

    def read(self, texts: Sequence[str]) -> list[Understood]:
        """Return what was understood of every (already masked) text, in order."""
        found: list[Understood] = []
        for start in range(0, len(texts), BATCH):
            batch = [UserMessage(as_text(text)) for text in texts[start : start + BATCH]]
            for message in self._runner.run(inputs={PLACEHOLDER_MESSAGE: batch}, targets=[self._target])[self._target]:
                found.append(Understood(message.get(ROUTING) or {}, message.get("entities") or []))
        return found
