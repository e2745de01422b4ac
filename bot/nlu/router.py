"""The trained whole of understanding apart from Rasa: normalise, score, rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.nlu.decision import ASK, Scores
from bot.nlu.encoders import Vectors
from bot.nlu.examples import split_intent
from bot.nlu.heads import Floats, Heads, KernelOptions, Support
from bot.nlu.normaliser import normalise

HEADS = ("act", "topic", "aspect")
TOP = 5
QUESTION = Support(head="act", label=ASK, by="topic")
"""A question is about a topic: what is about none is more likely something else, or not the bank's business."""


@dataclass
class Sample:
    """One message: its own text, its sentence vector (None: nothing said), for training its intent."""

    text: str
    vector: Vectors | None
    intent: str | None = None


@dataclass
class Router:
    """Scores messages; trained once, stored in the model archive."""

    heads: Heads
    dimension: int

    @classmethod
    def fit(cls, samples: Sequence[Sample], options: KernelOptions | None = None) -> Router:
        """Return a router trained on all samples that have an intent.

        Raises:
            ValueError: there are fewer than two samples with intent and vector.
        """
        labelled = [
            sample for sample in samples if sample.intent and sample.vector is not None and normalise(sample.text)
        ]
        parts = [split_intent(sample.intent or "") for sample in labelled]
        labels = {name: [part[position] for part in parts] for position, name in enumerate(HEADS)}
        if not labelled:
            raise ValueError("no example has both an intent and a sentence vector")
        vectors = np.stack([sample.vector for sample in labelled if sample.vector is not None])
        heads = Heads.fit([normalise(sample.text) for sample in labelled], vectors, labels, options, QUESTION)
        return cls(heads, vectors.shape[1])

    def score(self, samples: Sequence[Sample]) -> list[Scores]:
        """Return the scores of every sample, in order; of one that says nothing, no label at all."""
        if not samples:
            return []
        texts = [normalise(sample.text) for sample in samples]
        nothing = np.zeros(self.dimension, dtype=np.float32)
        vectors = np.stack([nothing if sample.vector is None else sample.vector for sample in samples])
        found = self.heads.probabilities(texts, vectors)
        ranked = {name: _ranked(self.heads.heads[name].labels, found[name]) for name in HEADS}
        return [Scores(*(ranked[name][row] if text else () for name in HEADS)) for row, text in enumerate(texts)]


def _ranked(labels: Sequence[str], probabilities: Floats) -> list[tuple[tuple[str, float], ...]]:
    order = np.argsort(-probabilities, axis=1)[:, :TOP]
    return [
        tuple((labels[column], float(row[column])) for column in columns)
        for row, columns in zip(probabilities, order, strict=True)
    ]
