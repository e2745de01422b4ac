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
    """

    gamma: float = 0.7
    ngrams: float = 0.3
    sounds: float = 0.5
    ridge: float = 0.2


@dataclass
class Head:
    """One classifier: its labels, its dual weights (examples × labels) and its temperature."""

    labels: list[str]
    weights: Floats
    temperature: float

    def probabilities(self, kernel: Floats) -> Floats:
        """Return calibrated probabilities, shape ``(n, len(labels))``, for kernel rows."""
        if not self.labels:
            return np.zeros((len(kernel), 0), dtype=np.float32)
        return _softmax(kernel @ self.weights / self.temperature)


class Heads:
    """All heads over one set of examples."""

    def __init__(self, options: KernelOptions) -> None:
        self.options = options
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
    ) -> Heads:
        """Return heads trained on normalised texts and their unit vectors.

        In: n texts, vectors of shape ``(n, d)``, for each head n labels or None.

        Raises:
            ValueError: there are fewer than two examples.
        """
        if len(texts) < 2:
            raise ValueError("the heads need at least two examples")
        heads = cls(options or KernelOptions())
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
        for name, given in labels.items():
            heads.heads[name] = _fit_head(lower, spread, [given[row] for row in order])
        return heads

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> dict[str, Floats]:
        """Return, for each head, probabilities of shape ``(len(texts), labels)``."""
        kernel = self._likeness(self._centred(vectors), self._spelled(texts))
        return {name: head.probabilities(kernel) for name, head in self.heads.items()}

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


def _fit_head(lower: Floats, spread: Floats, given: Sequence[str | None]) -> Head:
    """Return the regression of one-hot targets; its temperature from leave-one-out scores.

    In: the factor of the likeness, the last entries of its inverse's diagonal, the labels.
    An example without a label in this head is an example of none of its labels; a head for
    which no example has a label knows nothing.
    """
    labels = sorted({label for label in given if label is not None})
    if not labels:
        return Head([], np.zeros((len(given), 0), dtype=np.float32), 1.0)
    place = {label: column for column, label in enumerate(labels)}
    rows = np.array([row for row, label in enumerate(given) if label is not None])
    one_hot = np.zeros((len(given), len(labels)), dtype=np.float32)
    one_hot[rows, [place[label] for label in given if label is not None]] = 1.0
    weights: Floats = linalg.cho_solve((lower, True), one_hot, check_finite=False)
    held = one_hot[-len(spread) :]
    left_out = held - weights[-len(spread) :] / spread[:, None]
    known = held.any(axis=1)
    return Head(labels, weights, _temperature(left_out[known], held[known].argmax(axis=1)))


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
