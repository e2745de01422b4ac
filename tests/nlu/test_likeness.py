"""No templated filling: examples differ from each other, inside a label and across labels."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from bot.nlu.examples import Example
from bot.nlu.normaliser import normalise

NEAR = 0.8
"""Share of common character pairs (Jaccard) from which two sentences are nearly the same."""
INSIDE = 0.01
"""At most so many examples may have a near twin under their own label."""
ACROSS = 0.002
"""At most so many may have one under another label: those teach the border by one word, more would be noise."""
LEAST_PAIRS = 5
"""Shorter sentences («要带什么») cannot help being alike."""
BLOCK = 1_000


@pytest.fixture(scope="module")
def twins(examples: list[Example]) -> tuple[int, int, int]:
    """How many examples are long enough to judge, have a near twin in their label, in another."""
    texts = sorted({normalise(example.text): example for example in examples}.items())
    texts = [(text, example) for text, example in texts if len(text) > LEAST_PAIRS]
    pairs = CountVectorizer(analyzer="char", ngram_range=(2, 2), binary=True, dtype=np.int32)
    rows = pairs.fit_transform([text for text, _ in texts]).tocsr()
    sizes: NDArray[np.int64] = np.asarray(rows.sum(axis=1)).ravel()
    labels = [(example.act, example.topic, example.aspect) for _, example in texts]
    inside, across = set(), set()
    for start in range(0, len(texts), BLOCK):
        common = (rows[start : start + BLOCK] @ rows.T).tocoo()
        left, right = common.row + start, common.col
        near = (left < right) & (common.data >= NEAR * (sizes[left] + sizes[right] - common.data))
        for one, other in zip(left[near], right[near], strict=True):
            (inside if labels[one] == labels[other] else across).update((int(one), int(other)))
    return len(texts), len(inside), len(across)


def test_that_hardly_any_example_has_a_near_twin_in_its_label(twins: tuple[int, int, int]) -> None:
    judged, inside, _ = twins
    assert inside <= INSIDE * judged, f"{inside} of {judged}"


def test_that_hardly_any_example_has_a_near_twin_in_another_label(twins: tuple[int, int, int]) -> None:
    judged, _, across = twins
    assert across <= ACROSS * judged, f"{across} of {judged}"


def test_that_beginnings_are_many(examples: list[Example]) -> None:
    """Templates show in their beginnings: no four characters open more than one in a hundred sentences."""
    openings: dict[str, int] = defaultdict(int)
    for example in examples:
        openings[normalise(example.text)[:4]] += 1
    frequent = {opening: count for opening, count in openings.items() if count > 0.01 * len(examples)}
    assert frequent == {}
