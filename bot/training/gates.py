"""Candidate against live on the same frozen questions, and the gates a candidate must pass.

Gates weigh by risk: recall of what may cost a customer money or more may not fall by a single question;
no topic may fall by more than its bound; the whole may not get worse. Pure functions on readings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.nlu.decision import OUT_OF_SCOPE, URGENT_ACTS
from bot.training.evaluation import Reading

RISKY_LABELS = frozenset({*URGENT_ACTS, "card.loss", "fraud.stolen", "fraud.scam"})
"""挂失、盗刷、被骗、人身危险、转人工: recall may not fall at all."""
OVERALL_BOUND = 0.005
TOPIC_BOUND = 0.10
TOPIC_FEWEST = 2
"""A topic may lose a tenth of its questions, but always one."""
SCOPE_BOUND = 0.02
BINS = 10


@dataclass(frozen=True)
class Gate:
    """One condition: its Chinese title, whether it holds, the figures behind it."""

    id: str
    title: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Change:
    """One question whose outcome differs between the models."""

    text: str
    label: str
    live: str
    candidate: str
    better: bool


@dataclass(frozen=True)
class Comparison:
    """Everything a trainer sees before publishing.

    Attributes:
        accuracy: ``{"live", "candidate"}`` shares over all questions.
        labels: for each label: number of questions, share right with live and with candidate.
        changes: questions that became right or wrong, worse ones first.
        confusions: the candidate's most frequent mistakes: ``(label, got, number)``.
        calibration: for each bin of the candidate's confidence: mean confidence, share right, number.
    """

    accuracy: dict[str, float]
    labels: dict[str, dict[str, float]]
    changes: list[Change]
    confusions: list[tuple[str, str, int]]
    calibration: list[dict[str, float]]
    gates: list[Gate] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(gate.passed for gate in self.gates)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison for pages and reports."""
        return {
            "accuracy": self.accuracy,
            "labels": self.labels,
            "changes": [change.__dict__ for change in self.changes],
            "confusions": [list(entry) for entry in self.confusions],
            "calibration": self.calibration,
            "gates": [gate.__dict__ for gate in self.gates],
            "passed": self.passed,
        }


def compare(live: Sequence[Reading], candidate: Sequence[Reading]) -> Comparison:
    """Compare two models' readings of the same questions in the same order.

    Raises:
        ValueError: they are not the same questions.
    """
    if [(one.text, one.label) for one in live] != [(one.text, one.label) for one in candidate]:
        raise ValueError("the models were not asked the same questions")
    labels = _by_label(live, candidate)
    changes = [
        Change(before.text, before.label, before.got, after.got, after.right)
        for before, after in zip(live, candidate, strict=True)
        if before.right != after.right
    ]
    return Comparison(
        accuracy={"live": _share(live), "candidate": _share(candidate)},
        labels=labels,
        changes=sorted(changes, key=lambda change: (change.better, change.label)),
        confusions=_confusions(candidate),
        calibration=_calibration(candidate),
        gates=[
            _risky(labels),
            _overall(live, candidate),
            _topics(labels),
            _scope(live, candidate),
        ],
    )


def _share(readings: Sequence[Reading]) -> float:
    return round(sum(reading.right for reading in readings) / len(readings), 4) if readings else 0.0


def _by_label(live: Sequence[Reading], candidate: Sequence[Reading]) -> dict[str, dict[str, float]]:
    pairs: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for before, after in zip(live, candidate, strict=True):
        pairs[before.label].append((before.right, after.right))
    return {
        label: {
            "number": len(found),
            "live": sum(before for before, _ in found) / len(found),
            "candidate": sum(after for _, after in found) / len(found),
        }
        for label, found in sorted(pairs.items())
    }


def _risky(labels: dict[str, dict[str, float]]) -> Gate:
    fallen = [
        f"{label} {entry['live']:.0%}→{entry['candidate']:.0%}"
        for label, entry in labels.items()
        if label in RISKY_LABELS and entry["candidate"] < entry["live"]
    ]
    detail = "、".join(fallen) or "都没有下降"
    return Gate("risky_recall", "挂失、盗刷、被骗、人身危险、转人工的识别率不下降", not fallen, detail)


def _overall(live: Sequence[Reading], candidate: Sequence[Reading]) -> Gate:
    before, after = _share(live), _share(candidate)
    return Gate("overall", "总体准确率不下降", after >= before - OVERALL_BOUND, f"{before:.1%}→{after:.1%}")


def _topics(labels: dict[str, dict[str, float]]) -> Gate:
    fallen = []
    for label, entry in labels.items():
        lost = (entry["live"] - entry["candidate"]) * entry["number"]
        if lost >= max(TOPIC_FEWEST, entry["number"] * TOPIC_BOUND) - 1e-9:
            fallen.append(f"{label} {entry['live']:.0%}→{entry['candidate']:.0%}（{entry['number']:g} 题）")
    return Gate("topics", "没有哪个主题明显变差", not fallen, "、".join(fallen) or "都在允许范围内")


def _scope(live: Sequence[Reading], candidate: Sequence[Reading]) -> Gate:
    def rejected(readings: Sequence[Reading]) -> float:
        outside = [reading for reading in readings if reading.act == OUT_OF_SCOPE]
        return sum(reading.got == OUT_OF_SCOPE for reading in outside) / len(outside) if outside else 1.0

    before, after = rejected(live), rejected(candidate)
    return Gate("scope", "与本行无关的问题仍能识别", after >= before - SCOPE_BOUND, f"{before:.1%}→{after:.1%}")


def _confusions(readings: Sequence[Reading], most: int = 40) -> list[tuple[str, str, int]]:
    counted = Counter((reading.label, reading.got) for reading in readings if not reading.right)
    return [(label, got, number) for (label, got), number in counted.most_common(most)]


def _calibration(readings: Sequence[Reading]) -> list[dict[str, float]]:
    bins: dict[int, list[Reading]] = defaultdict(list)
    for reading in readings:
        bins[min(int(reading.confidence * BINS), BINS - 1)].append(reading)
    return [
        {
            "confidence": round(sum(reading.confidence for reading in found) / len(found), 3),
            "right": _share(found),
            "number": len(found),
        }
        for _, found in sorted(bins.items())
    ]
