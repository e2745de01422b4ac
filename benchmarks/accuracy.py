"""How often a model is right, and how well it knows what is not its business. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.questions import BANK_ADJACENT, FAR, Question
from benchmarks.reading import Reading
from bot.nlu.decision import ASK, OUT_OF_SCOPE, URGENT_ACTS

KEEP = 0.95
"""Share of in-scope messages that the operating point must let through."""

BINS = 10


@dataclass(frozen=True)
class Rejection:
    """How well one signal tells out-of-scope messages; shares between 0 and 1, None without such questions.

    Attributes:
        signal: name of the score that was cut.
        threshold: the cut: what scores below is rejected.
        kept: share of in-scope messages at or above it (at least `KEEP`).
        bank_adjacent, far: share of those out-of-scope messages below it.
        auroc, auroc_bank_adjacent, auroc_far: area under the curve over all cuts.
    """

    signal: str
    threshold: float
    kept: float
    bank_adjacent: float | None
    far: float | None
    auroc: float | None
    auroc_bank_adjacent: float | None
    auroc_far: float | None


@dataclass(frozen=True)
class Accuracy:
    """All figures of a model on one test file; shares between 0 and 1, None when nothing was asked."""

    act: float | None
    topic: float | None
    aspect: float | None
    answer: float | None
    urgent_recall: float | None
    urgent_precision: float | None
    act_calibration_error: float
    topic_calibration_error: float
    rejection: Rejection


Signal = Callable[[Reading], float]

SIGNALS: dict[str, Signal] = {
    "1 − P(out_of_scope)": lambda reading: 1.0 - reading.acts.get(OUT_OF_SCOPE, 0.0),
    "best in-scope intent": lambda reading: max(
        (p for name, p in reading.acts.items() if name != OUT_OF_SCOPE), default=0.0
    ),
}
"""Scores that are high for messages in scope; ours uses the first, stock the better of both."""


def measure(questions: Sequence[Question], readings: Sequence[Reading], signals: Sequence[str]) -> Accuracy:
    """Return the figures of a model that read ``questions`` as ``readings``.

    In: questions and readings in the same order; names of `SIGNALS`, of which the one with the
    best AUROC counts. A fallback is a wrong act. Topic and aspect are judged on questions
    (act ``ask``) by the best guess alone, whatever the act; the aspect only where there is one.

    Raises:
        ValueError: the two differ in length.
    """
    pairs = list(zip(questions, readings, strict=True))
    asked = [(question, reading) for question, reading in pairs if question.act == ASK]
    act_right = [question.act == reading.act for question, reading in pairs]
    topic_right = [question.topic == reading.topic for question, reading in asked]
    aspects = [question.aspect == reading.aspect for question, reading in asked if question.aspect]
    answers = [
        question.topic == reading.topic and (not question.aspect or question.aspect == reading.aspect)
        for question, reading in asked
    ]
    urgent = [question.act == reading.act for question, reading in pairs if question.act in URGENT_ACTS]
    alarms = [question.act == reading.act for question, reading in pairs if reading.act in URGENT_ACTS]
    return Accuracy(
        act=_share(act_right),
        topic=_share(topic_right),
        aspect=_share(aspects),
        answer=_share(answers),
        urgent_recall=_share(urgent),
        urgent_precision=_share(alarms),
        act_calibration_error=calibration_error(*act_confidence(questions, readings)),
        topic_calibration_error=calibration_error(*topic_confidence(questions, readings)),
        rejection=max((rejection(name, questions, readings) for name in signals), key=lambda found: found.auroc or 0.0),
    )


def rejection(signal: str, questions: Sequence[Question], readings: Sequence[Reading]) -> Rejection:
    """Return how well the signal of that name tells out-of-scope messages from the others."""
    inside, near, far, outside = (
        scores(signal, questions, readings, wanted)
        for wanted in (
            lambda question: question.act != OUT_OF_SCOPE,
            lambda question: question.act == OUT_OF_SCOPE and question.mark == BANK_ADJACENT,
            lambda question: question.act == OUT_OF_SCOPE and question.mark == FAR,
            lambda question: question.act == OUT_OF_SCOPE,
        )
    )
    threshold = operating_point(inside)
    return Rejection(
        signal=signal,
        threshold=threshold,
        kept=_share([score >= threshold for score in inside]) or 0.0,
        bank_adjacent=_share([score < threshold for score in near]),
        far=_share([score < threshold for score in far]),
        auroc=auroc(inside, outside),
        auroc_bank_adjacent=auroc(inside, near),
        auroc_far=auroc(inside, far),
    )


def scores(
    signal: str, questions: Sequence[Question], readings: Sequence[Reading], wanted: Callable[[Question], bool]
) -> list[float]:
    """Return the signal's score of every reading whose question is wanted."""
    score = SIGNALS[signal]
    return [score(reading) for question, reading in zip(questions, readings, strict=True) if wanted(question)]


def operating_point(inside: Sequence[float], keep: float = KEEP) -> float:
    """Return the highest cut at which at least ``keep`` of the in-scope scores are not below it; 0 without any."""
    if not inside:
        return 0.0
    ordered = sorted(inside)
    return ordered[int(np.floor((1.0 - keep) * len(ordered) + 1e-9))]


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Return the chance that an in-scope score is above an out-of-scope one (ties count half)."""
    if not inside or not outside:
        return None
    return float(roc_auc_score([1] * len(inside) + [0] * len(outside), [*inside, *outside]))


def act_confidence(questions: Sequence[Question], readings: Sequence[Reading]) -> tuple[list[float], list[bool]]:
    """Return each best-ranked act's confidence and whether it is right, the fallback aside."""
    confidence, right = [], []
    for question, reading in zip(questions, readings, strict=True):
        best = max(reading.acts, key=reading.acts.__getitem__, default="")
        confidence.append(reading.acts.get(best, 0.0))
        right.append(best == question.act)
    return confidence, right


def topic_confidence(questions: Sequence[Question], readings: Sequence[Reading]) -> tuple[list[float], list[bool]]:
    """Return each question's topic confidence and whether the topic is right."""
    pairs = [pair for pair in zip(questions, readings, strict=True) if pair[0].act == ASK]
    return [reading.topic_confidence for _, reading in pairs], [q.topic == reading.topic for q, reading in pairs]


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float, int]]:
    """Return mean confidence, share right and count of every bin of equal width that is not empty."""
    stated, correct = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    bins: NDArray[np.int64] = np.minimum((stated * BINS).astype(int), BINS - 1)
    return [
        (float(stated[bins == place].mean()), float(correct[bins == place].mean()), int((bins == place).sum()))
        for place in range(BINS)
        if (bins == place).any()
    ]


def calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Return the expected calibration error: how far stated confidence is from the share right."""
    total = max(len(confidence), 1)
    return sum(abs(stated - correct) * count / total for stated, correct, count in reliability(confidence, right))


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None
