from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accuracy import (
    KEEP,
    SIGNALS,
    auroc,
    calibration_error,
    measure,
    operating_point,
    reliability,
    scores,
)
from benchmarks.questions import BANK_ADJACENT, FAR, Question
from benchmarks.reading import Reading

SIGNAL = "1 − P(out_of_scope)"


def reading(act: str, topic: str | None = None, aspect: str | None = None, **acts: float) -> Reading:
    return Reading(act, acts or {act: 1.0}, topic, aspect, 0.5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300))
def test_the_operating_point_keeps_enough_and_no_higher_cut_does(inside: list[float]) -> None:
    cut = operating_point(inside)
    assert sum(score >= cut for score in inside) >= KEEP * len(inside) - 1e-6
    higher = [score for score in inside if score > cut]
    if higher:
        assert sum(score >= min(higher) for score in inside) < KEEP * len(inside) + 1e-6


def test_the_operating_point_of_a_hundred_scores_gives_up_five() -> None:
    assert operating_point([place / 100 for place in range(100)]) == 0.05
    assert operating_point([0.4]) == 0.4
    assert operating_point([]) == 0.0


def test_auroc_counts_pairs_and_halves_ties() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([0.9, 0.3], [0.5]) == 0.5
    assert auroc([0.9], []) is None


def test_act_topic_and_aspect_are_shares_of_what_was_asked() -> None:
    questions = [
        Question("a", "ask", "card.replace", "how"),
        Question("b", "ask", "card.replace", "fee"),
        Question("c", "ask", "std.6.2"),
        Question("d", "greet"),
    ]
    readings = [
        reading("ask", "card.replace", "how"),
        reading("nlu_fallback", "card.replace", "how"),
        reading("ask", "std.6.2", "overview"),
        reading("thanks", "card.replace", "how"),
    ]
    found = measure(questions, readings, [SIGNAL])
    assert found.act == 0.5  # a fallback is wrong
    assert found.topic == 1.0  # judged by the guess alone, whatever the act
    assert found.aspect == 0.5  # a section of the standard has none
    assert found.answer == pytest.approx(2 / 3)


def test_urgent_acts_have_recall_and_precision() -> None:
    questions = [Question("a", "crisis"), Question("b", "report_loss"), Question("c", "ask"), Question("d", "greet")]
    readings = [reading("crisis"), reading("ask"), reading("report_fraud"), reading("greet")]
    found = measure(questions, readings, [SIGNAL])
    assert (found.urgent_recall, found.urgent_precision) == (0.5, 0.5)


def test_out_of_scope_is_rejected_below_the_operating_point() -> None:
    questions = [Question("in", "ask", "card.replace")] * 20
    readings = [reading("ask", ask=0.9, out_of_scope=place / 100) for place in range(20)]
    questions += [Question("near", "out_of_scope", mark=BANK_ADJACENT)] * 2
    readings += [reading("ask", out_of_scope=0.10), reading("out_of_scope", out_of_scope=0.7)]
    questions += [Question("far", "out_of_scope", mark=FAR)]
    readings += [reading("out_of_scope", out_of_scope=0.99)]
    found = measure(questions, readings, [SIGNAL]).rejection
    assert found.kept == 0.95
    assert found.threshold == pytest.approx(0.82)
    assert (found.bank_adjacent, found.far) == (0.5, 1.0)
    assert found.auroc_far == 1.0


def test_the_better_signal_counts() -> None:
    questions = [Question("in", "ask"), Question("out", "out_of_scope", mark=FAR)]
    readings = [reading("ask", ask=0.9), reading("ask", ask=0.4)]
    found = measure(questions, readings, list(SIGNALS)).rejection
    assert (found.signal, found.auroc) == ("best in-scope intent", 1.0)


def test_a_file_without_out_of_scope_questions_has_no_such_figures() -> None:
    found = measure([Question("a", "greet")], [reading("greet")], [SIGNAL])
    assert found.act == 1.0
    assert (found.topic, found.aspect, found.rejection.far, found.rejection.auroc) == (None, None, None, None)


def test_every_reading_needs_its_question() -> None:
    with pytest.raises(ValueError, match="shorter"):
        measure([Question("a", "greet")], [], [SIGNAL])


def test_scores_follow_the_wanted_questions() -> None:
    questions = [Question("a", "greet"), Question("b", "ask")]
    readings = [reading("greet", out_of_scope=0.25), reading("ask", out_of_scope=0.5)]
    assert scores(SIGNAL, questions, readings, lambda question: question.act == "ask") == [0.5]


def test_calibration_error_is_the_gap_between_said_and_right() -> None:
    assert calibration_error([1.0, 1.0], [True, True]) == 0.0
    assert calibration_error([0.8] * 10, [True] * 5 + [False] * 5) == pytest.approx(0.3)
    assert calibration_error([], []) == 0.0
    assert reliability([0.05, 0.95, 0.95], [False, True, False]) == [
        (pytest.approx(0.05), 0.0, 1),
        (pytest.approx(0.95), 0.5, 2),
    ]
