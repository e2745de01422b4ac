"""Several small calibrated classifiers that share one kernel over the example questions.

How alike two sentences are is the Gaussian kernel of their mean-centred encoder vectors plus
the cosines of their character n-grams and of their sounds. Kernel ridge regression on that likeness is solved
exactly, for all heads at once, in place of the one matrix it needs; the same factorisation yields
leave-one-out scores, on which each head's temperature is calibrated without a second training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.encoders import Vectors
from bot.nlu.sounds import sound_ngrams

Floats = NDArray[np.float32]

_TFIDF: dict[str, Any] = {"sublinear_tf": True, "dtype": np.float32}
_BLOCK = 1024
"""Rows of likeness that are worked out at a time."""
_CALIBRATION = 3000
"""Examples whose leave-one-out scores set the temperatures: enough for a steady figure."""
_SEED = 20261126


@dataclass(frozen=True)
class KernelOptions:
    """Shape of the kernel and of the regression.

    Attributes:
        gamma: width of the Gaussian kernel on unit vectors.
        ngrams: weight of the character n-grams beside the vectors.
        sounds: weight of the pinyin syllables beside the vectors.
        ridge: regularisation; larger is smoother.
        support: how much a label loses for each point that its support lacks, see `Support`.
        enough: support at which nothing is lost.
    """

    gamma: float = 0.7
    ngrams: float = 0.3
    sounds: float = 0.5
    ridge: float = 0.2
    support: float = 0.75
    enough: float = 0.5


@dataclass(frozen=True)
class Support:
    """A label that needs another head to know something: what is a question must be about a topic.

    Attributes:
        head, label: the label in question.
        by: the head whose best score has to reach `KernelOptions.enough`.
    """

    head: str
    label: str
    by: str


@dataclass
class Head:
    """One classifier: its labels, its dual weights (examples × labels) and its temperature."""

    labels: list[str]
    weights: Floats
    temperature: float = 1.0

    def probabilities(self, scores: Floats) -> Floats:
        """Return calibrated probabilities of scores, shape ``(n, len(labels))``."""
        return _softmax(scores / self.temperature) if self.labels else scores


class Heads:
    """All heads over one set of examples."""

    def __init__(self, options: KernelOptions, support: Support | None = None) -> None:
        self.options = options
        self.support = support
        self.heads: dict[str, Head] = {}
        self._views = (
            (self.options.ngrams, TfidfVectorizer(analyzer="char", ngram_range=(1, 3), **_TFIDF)),
            (self.options.sounds, TfidfVectorizer(analyzer=sound_ngrams, **_TFIDF)),
        )
        self._mean: Vectors
        self._vectors: Vectors
        self._known: Any

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        vectors: Vectors,
        labels: Mapping[str, Sequence[str | None]],
        options: KernelOptions | None = None,
        support: Support | None = None,
    ) -> Heads:
        """Return heads trained on normalised texts and their unit vectors.

        In: n texts, vectors of shape ``(n, d)``, for each head n labels or None, a label that needs support.

        Raises:
            ValueError: there are fewer than two examples.
        """
        if len(texts) < 2:
            raise ValueError("the heads need at least two examples")
        heads = cls(options or KernelOptions(), support)
        order = np.random.default_rng(_SEED).permutation(len(texts))  # those calibrated on come last
        texts, vectors = [texts[row] for row in order], vectors[order]
        heads._mean = vectors.mean(axis=0)
        heads._vectors = heads._centred(vectors)
        for _, view in heads._views:
            view.fit(texts)
        spelled = heads._spelled(texts)
        heads._known = spelled.T.tocsr()
        lower = heads._factor(spelled)
        spread = _inverse_diagonal(lower, _CALIBRATION)
        targets: dict[str, Floats] = {}
        for name, given in labels.items():
            known = sorted({label for label in given if label is not None})
            targets[name] = _one_hot([given[row] for row in order], known)
            heads.heads[name] = Head(known, linalg.cho_solve((lower, True), targets[name], check_finite=False))
        heads._calibrate({name: target[-len(spread) :] for name, target in targets.items()}, spread)
        return heads

    def _calibrate(self, targets: Mapping[str, Floats], spread: Floats) -> None:
        """Set the temperatures on leave-one-out scores: of the last examples, by the diagonal of the inverse."""
        left_out = {
            name: target - self.heads[name].weights[-len(spread) :] / spread[:, None]
            for name, target in targets.items()
        }
        for name, scores in self._supported(left_out).items():
            known = targets[name].any(axis=1)
            if known.any():
                self.heads[name].temperature = _temperature(scores[known], targets[name][known].argmax(axis=1))

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> dict[str, Floats]:
        """Return, for each head, probabilities of shape ``(len(texts), labels)``."""
        kernel = self._likeness(self._centred(vectors), self._spelled(texts))
        scores = self._supported({name: kernel @ head.weights for name, head in self.heads.items()})
        return {name: head.probabilities(scores[name]) for name, head in self.heads.items()}

    def _supported(self, scores: dict[str, Floats]) -> dict[str, Floats]:
        """Return the scores after the label that needs support has lost what it lacks."""
        need = self.support
        if need is None or need.label not in self.heads[need.head].labels or not self.heads[need.by].labels:
            return scores
        lack = np.maximum(0.0, self.options.enough - scores[need.by].max(axis=1).clip(min=0.0))
        reduced = scores[need.head].copy()
        reduced[:, self.heads[need.head].labels.index(need.label)] -= self.options.support * lack
        return {**scores, need.head: reduced}

    def _centred(self, vectors: Vectors) -> Vectors:
        centred = vectors - self._mean
        norms = np.linalg.norm(centred, axis=1, keepdims=True)
        unit: Vectors = centred / np.maximum(norms, 1e-6)
        return unit

    def _spelled(self, texts: Sequence[str]) -> Any:
        """Return the weighted n-gram views side by side, so that one product sums their cosines."""
        return sparse.hstack([np.sqrt(weight) * view.transform(texts) for weight, view in self._views], format="csr")

    def _likeness(self, vectors: Vectors, spelled: Any) -> Floats:
        kernel: Floats = vectors @ self._vectors.T
        kernel -= 1
        kernel *= 2 * self.options.gamma
        np.exp(kernel, out=kernel)
        kernel += (spelled @ self._known).toarray()
        return kernel

    def _factor(self, spelled: Any) -> Floats:
        """Return the lower Cholesky factor of the regularised likeness of all examples to each other."""
        count = len(self._vectors)
        gram = np.empty((count, count), dtype=np.float32)
        for start in range(0, count, _BLOCK):
            block = slice(start, start + _BLOCK)
            gram[block] = self._likeness(self._vectors[block], spelled[block])
        gram[np.diag_indices(count)] += self.options.ridge
        lower: Floats = linalg.cholesky(gram.T, lower=True, overwrite_a=True, check_finite=False)
        return lower


def _inverse_diagonal(lower: Floats, last: int) -> Floats:
    """Return the last entries of the diagonal of the inverse of ``lower @ lower.T``.

    The inverse of a lower triangle ends in the inverse of its last corner: only that is needed.
    """
    corner = np.array(lower[-last:, -last:], order="F")  # a copy: the factor is still needed
    root, failed = linalg.lapack.strtri(corner, lower=1, overwrite_c=1)
    if failed:
        raise ValueError("the examples are too much alike to be told apart")
    diagonal: Floats = np.einsum("ij,ij->j", root, root)
    return diagonal


def _one_hot(given: Sequence[str | None], labels: Sequence[str]) -> Floats:
    """Return the regression's targets: an example without a label is an example of none of them."""
    place = {label: column for column, label in enumerate(labels)}
    rows = [row for row, label in enumerate(given) if label is not None]
    target = np.zeros((len(given), len(labels)), dtype=np.float32)
    target[rows, [place[label] for label in given if label is not None]] = 1.0
    return target


def _temperature(scores: Floats, target: NDArray[np.int64]) -> float:
    """Return the temperature with the least log loss of ``softmax(scores / temperature)``."""
    rows = np.arange(len(target))

    def loss(log_temperature: float) -> float:
        probabilities = _softmax(scores / np.exp(log_temperature))
        return float(-np.log(np.maximum(probabilities[rows, target], 1e-9)).mean())

    best = optimize.minimize_scalar(loss, bounds=(-6.0, 1.0), method="bounded", options={"xatol": 0.02})
    return float(np.exp(best.x))


def _softmax(scores: Floats) -> Floats:
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return result
