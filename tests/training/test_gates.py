"""Gates: risk first, no topic much worse, nothing lost at the border of scope."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.training.evaluation import Reading, frozen_examples, load, save
from bot.training.gates import compare


def reading(label: str, got: str | None = None, confidence: float = 0.9, text: str = "问题") -> Reading:
    def parts(name: str) -> tuple[str, str | None]:
        return ("ask", name) if "." in name else (name, None)

    act, topic = parts(label)
    got_act, got_topic = parts(got or label)
    return Reading(text, act, topic, None, got_act, got_topic, None, confidence, "answer")


def failed(live: list[Reading], candidate: list[Reading]) -> set[str]:
    return {gate.id for gate in compare(live, candidate).gates if not gate.passed}


GOOD = [
    *(reading("report_fraud", text=f"盗刷{n}") for n in range(10)),
    *(reading("card.replace", text=f"补卡{n}") for n in range(20)),
    *(reading("transfer.limit", text=f"限额{n}") for n in range(60)),
    *(reading("out_of_scope", text=f"天气{n}") for n in range(10)),
]


def with_wrong(label: str, number: int, got: str = "card.pin") -> list[Reading]:
    left = number
    found = []
    for one in GOOD:
        wrong = one.label == label and left > 0
        left -= wrong
        made = reading(one.label, got, text=one.text)
        found.append(made if wrong else one)
    return found


def test_that_an_equal_model_passes() -> None:
    found = compare(GOOD, list(GOOD))
    assert found.passed
    assert found.accuracy == {"live": 1.0, "candidate": 1.0}
    assert found.changes == []


@pytest.mark.parametrize(
    ("label", "number", "gates"),
    [
        ("report_fraud", 1, {"risky_recall", "overall"}),
        ("card.replace", 1, {"overall"}),
        ("card.replace", 2, {"overall", "topics"}),
        ("out_of_scope", 1, {"overall", "scope"}),
    ],
)
def test_that_each_loss_closes_its_gates(label: str, number: int, gates: set[str]) -> None:
    assert failed(GOOD, with_wrong(label, number)) == gates


def test_that_one_missed_fraud_is_not_made_good_by_many_gains() -> None:
    live = with_wrong("transfer.limit", 30)
    candidate = with_wrong("report_fraud", 1)
    found = compare(live, candidate)
    assert found.accuracy["candidate"] > found.accuracy["live"]
    assert {gate.id for gate in found.gates if not gate.passed} == {"risky_recall"}
    assert not found.passed
    assert [change.better for change in found.changes] == [False, *[True] * 30]


def test_that_mistakes_and_calibration_are_counted() -> None:
    candidate = with_wrong("card.replace", 3)
    found = compare(GOOD, candidate)
    assert found.confusions == [("card.replace", "card.pin", 3)]
    assert sum(entry["number"] for entry in found.calibration) == len(GOOD)
    assert found.labels["card.replace"] == {"number": 20, "live": 1.0, "candidate": 0.85}
    assert found.as_json()["passed"] is False


def test_that_different_questions_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same questions"):
        compare(GOOD, GOOD[1:])
    with pytest.raises(ValueError, match="same questions"):
        compare(GOOD, [replace(GOOD[0], text="别的"), *GOOD[1:]])


def test_that_readings_survive_a_file(tmp_path: Path) -> None:
    save(GOOD, tmp_path / "readings.json")
    assert load(tmp_path / "readings.json") == GOOD
    assert len(frozen_examples()) > 1_000
