"""The kernel heads: they learn, their probabilities are probabilities, labels may be missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bot.nlu.encoders import Vectors
from bot.nlu.heads import Heads, KernelOptions, Support

WORDS = {"card": ["补卡", "换卡", "银行卡丢了", "卡坏了"], "loan": ["贷款", "房贷利率", "提前还贷", "按揭"]}
DIMENSION = 8


def around(direction: int, count: int, seed: int, spread: float = 0.2) -> Vectors:
    """Unit vectors around one axis."""
    rows = np.random.default_rng(seed).normal(0.0, spread, (count, DIMENSION))
    rows[:, direction] += 1.0
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def problem(per_label: int = 12, seed: int = 1) -> tuple[list[str], Vectors, list[str]]:
    """Two well separated labels."""
    texts = [f"{WORDS[label][row % 4]}{row}" for label in WORDS for row in range(per_label)]
    vectors = np.concatenate([around(place, per_label, seed + place) for place in range(len(WORDS))])
    return texts, vectors, [label for label in WORDS for _ in range(per_label)]


@pytest.fixture(scope="module")
def heads() -> Heads:
    texts, vectors, labels = problem()
    half = [label if row % 3 else None for row, label in enumerate(labels)]
    return Heads.fit(texts, vectors, {"topic": labels, "aspect": half, "nobody": [None] * len(labels)})


def test_that_a_separable_problem_is_learned(heads: Heads) -> None:
    texts, vectors, labels = problem(per_label=20, seed=50)
    found = heads.probabilities(texts, vectors)["topic"]
    named = [heads.heads["topic"].labels[column] for column in found.argmax(axis=1)]
    assert named == labels
    assert found.max(axis=1).min() > 0.8


def test_that_probabilities_are_not_negative_and_sum_to_one(heads: Heads) -> None:
    strange = np.concatenate([around(5, 3, 9), np.zeros((1, DIMENSION), dtype=np.float32)])
    found = heads.probabilities(["天气", "x", "1", ""], strange)
    for name in ("topic", "aspect"):
        assert found[name].shape == (4, 2)
        assert (found[name] >= 0).all()
        assert np.allclose(found[name].sum(axis=1), 1.0, atol=1e-5)


def test_that_every_head_has_a_finite_positive_temperature(heads: Heads) -> None:
    temperatures = [head.temperature for head in heads.heads.values()]
    assert np.isfinite(temperatures).all() and min(temperatures) > 0


def test_that_examples_without_a_label_are_not_forced_into_one(heads: Heads) -> None:
    assert heads.heads["aspect"].labels == ["card", "loan"]
    texts, vectors, labels = problem(per_label=6, seed=70)
    found = heads.probabilities(texts, vectors)["aspect"]
    assert [("card", "loan")[column] for column in found.argmax(axis=1)] == labels


def test_that_a_head_without_any_label_knows_nothing(heads: Heads) -> None:
    texts, vectors, _ = problem(per_label=2, seed=3)
    assert heads.heads["nobody"].labels == []
    assert heads.probabilities(texts, vectors)["nobody"].shape == (4, 0)


def test_that_contradictory_examples_make_a_head_less_sure() -> None:
    texts, vectors, labels = problem(per_label=30)
    rng = np.random.default_rng(5)
    muddled = [str(rng.choice(list(WORDS))) if rng.random() < 0.6 else label for label in labels]
    sure, unsure = (
        Heads.fit(texts, vectors, {"topic": given}).probabilities(texts, vectors)["topic"].max(axis=1).mean()
        for given in (labels, muddled)
    )
    assert unsure < sure - 0.1


def test_that_calibration_is_honest_about_unseen_examples() -> None:
    """Mean confidence on new examples of a noisy problem is near the share that is right."""
    rng = np.random.default_rng(11)

    def noisy(seed: int) -> tuple[list[str], Vectors, np.ndarray[Any, Any]]:
        vectors = np.concatenate([around(place, 150, seed + place, spread=0.6) for place in range(2)])
        return [f"问{row}" for row in range(300)], vectors, np.repeat(["card", "loan"], 150)

    texts, vectors, labels = noisy(100)
    flipped = np.where(rng.random(300) < 0.2, rng.permutation(labels), labels)
    options = KernelOptions(ngrams=0.0, sounds=0.0)
    heads = Heads.fit(texts, vectors, {"topic": [str(label) for label in flipped]}, options)
    fresh_texts, fresh_vectors, fresh_labels = noisy(200)
    found = heads.probabilities(fresh_texts, fresh_vectors)["topic"]
    right = np.array(heads.heads["topic"].labels)[found.argmax(axis=1)] == fresh_labels
    assert abs(found.max(axis=1).mean() - right.mean()) < 0.15


def test_that_words_decide_when_vectors_do_not() -> None:
    texts = ["补办银行卡", "银行卡挂失", "提前还贷款", "贷款利率"] * 3
    vectors = np.tile(around(0, 1, 1), (len(texts), 1))
    heads = Heads.fit(texts, vectors, {"topic": ["card", "card", "loan", "loan"] * 3})
    found = heads.probabilities(["银行卡换新", "贷款结清"], vectors[:2])["topic"]
    assert [heads.heads["topic"].labels[column] for column in found.argmax(axis=1)] == ["card", "loan"]


def test_that_sounds_help_with_homophones() -> None:
    texts = ["挂失", "补办", "赎回", "理财"]
    vectors = np.tile(around(0, 1, 1), (len(texts), 1))
    labels = ["loss", "replace", "redeem", "buy"]
    heads = Heads.fit(texts, vectors, {"topic": labels}, KernelOptions(sounds=0.5))
    found = heads.probabilities(["挂师", "bu ban", "里才"], vectors[:3])["topic"]
    named = [heads.heads["topic"].labels[column] for column in found.argmax(axis=1)]
    assert named == ["loss", "replace", "buy"]


@pytest.mark.parametrize("count", [0, 1])
def test_that_too_few_examples_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="two examples"):
        Heads.fit(["补卡"] * count, around(0, count, 1), {"topic": ["card"] * count})


def test_that_a_label_without_support_loses_to_another() -> None:
    """What is like both acts is a question only when it is about a topic."""
    texts = ["补卡", "换卡", "转账", "汇款", "天气", "电影", "足球", "做菜"]
    vectors = np.concatenate([around(0, 4, 1), around(1, 4, 2)])
    acts = ["ask"] * 4 + ["other"] * 4
    topics = ["card"] * 2 + ["transfer"] * 2 + [None] * 4
    between = around(0, 1, 7) + around(1, 1, 8)
    unit = (between / np.linalg.norm(between)).astype(np.float32)
    free, held = (
        Heads.fit(texts, vectors, {"act": acts, "topic": topics}, support=support).probabilities(["什么"], unit)
        for support in (None, Support("act", "ask", "topic"))
    )
    assert held["act"][0, 0] < free["act"][0, 0]
    assert np.allclose(held["topic"], free["topic"])


def test_that_calibration_leaves_the_factor_alone() -> None:
    """Few examples are all calibrated on: their weights still solve the regression."""
    texts, vectors, labels = problem(per_label=6)
    options = KernelOptions(ridge=0.3)
    heads = Heads.fit(texts, vectors, {"topic": labels}, options)
    scores = np.log(heads.probabilities(texts, vectors)["topic"]) * heads.heads["topic"].temperature
    assert (scores.argmax(axis=1) == np.array([("card", "loan").index(label) for label in labels])).all()
    assert np.ptp(scores, axis=1).mean() == pytest.approx(1.0, abs=0.35)
