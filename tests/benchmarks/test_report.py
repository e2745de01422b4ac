from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.accuracy import measure
from benchmarks.charts import calibration, confusion, flowing, out_of_scope
from benchmarks.parse import Parsed
from benchmarks.process import Cost
from benchmarks.questions import BANK_ADJACENT, FAR, Question, data_digest
from benchmarks.reading import Reading
from benchmarks.report import Result, Row, accuracy_rows, cost_rows, figures, machine, markdown, table, unseen_rows
from benchmarks.throughput import Flow
from benchmarks.train import Trained, reuse

QUESTIONS = [
    Question("卡折断了怎么换", "ask", "card.replace", "how"),
    Question("你好", "greet"),
    Question("花呗怎么提额", "out_of_scope", mark=BANK_ADJACENT),
    Question("今天天气", "out_of_scope", mark=FAR),
]
READINGS = [
    Reading("ask", {"ask": 0.9}, "card.replace", "how", 0.8),
    Reading("nlu_fallback", {"greet": 0.2}, "card.replace", "how", 0.3),
    Reading("out_of_scope", {"out_of_scope": 0.8}, "card.replace", "how", 0.1),
    Reading("out_of_scope", {"out_of_scope": 0.9}, "card.replace", "how", 0.1),
]
SIGNAL = "1 − P(out_of_scope)"
FLOW = Flow(10.0, 500.0, 60.0, 200.0, 30.0, 40.0, 30.0, 33.0, 30.0, 12.0, (1.5, 2.5))
STOCK_FLOW = replace(FLOW, per_second=15.0, late_ms=None)


@pytest.fixture
def result(tmp_path: Path) -> Result:
    model = tmp_path / "model.tar.gz"
    model.write_bytes(b"x" * 1024 * 1024)
    parsed = Parsed(READINGS, 4.0, 300.0, [10.0, 20.0, 30.0, 40.0], [5.0, 6.0, 7.0, 90.0])
    every, unseen = measure(QUESTIONS, READINGS, [SIGNAL]), measure(QUESTIONS[1:], READINGS[1:], [SIGNAL])
    return Result(Trained(model, Cost(60.0, 90.0, 800.0)), parsed, every, unseen)


def test_a_row_sets_ours_beside_stock() -> None:
    both = ("ours", "stock")
    assert Row("load", {"ours": 3.0, "stock": 12.0}, "s").markdown(both) == "| load | 3 s | 12.0 s | 0.25 × |"
    assert Row("act", {"ours": 0.95, "stock": 0.9}, "%").markdown(both) == "| act | 95.0 % | 90.0 % | +5.0 points |"
    assert Row("memory", {"ours": 1234.4, "stock": None}, "MB").markdown(both) == "| memory | 1,234 MB | – | – |"
    assert Row("load", {"ours": 3.0, "stock": 0.0}, "s").markdown(both) == "| load | 3 s | 0 s | – |"


def test_a_third_column_stands_beside_the_comparison(result: Result) -> None:
    results = {
        "ours": result,
        "stock": result,
        "ours_all": replace(result, trained=Trained(result.trained.model, None)),
    }
    lines = table(cost_rows(results), list(results)).splitlines()
    assert lines[0] == "| | ours | stock | ours, all | ours : stock |"
    assert "| training, wall time | 60.0 s | 60.0 s | – | 1.00 × |" in lines


def test_a_reused_model_says_so_in_the_training_figures(result: Result) -> None:
    known = replace(result, trained=replace(result.trained, note="reused"))
    unknown = replace(result, trained=Trained(result.trained.model, None, "reused"))
    assert "| training, wall time | 60.0 s | 60.0 s (reused) | 1.00 × |" in table(
        cost_rows({"ours": result, "stock": known}), ["ours", "stock"]
    )
    assert "| training, wall time | 60.0 s | reused | – |" in table(
        cost_rows({"ours": result, "stock": unknown}), ["ours", "stock"]
    )


def test_the_table_without_stock_has_ours_alone(result: Result) -> None:
    alone = {"ours": result}
    lines = table([*cost_rows(alone), *accuracy_rows(alone)], ["ours"]).splitlines()
    assert lines[0] == "| | ours | ours : stock |"
    assert "| parse latency p50 | 25.0 ms | – |" in lines
    assert "| processor time a message, median | 6.5 ms | – |" in lines
    assert "| act | 75.0 % | – |" in lines
    assert all(line.endswith("| – |") for line in lines[2:])


def test_questions_that_are_training_examples_are_left_out_of_a_second_table(result: Result) -> None:
    lines = table(unseen_rows({"ours": result}), ["ours"]).splitlines()
    assert "| act | 66.7 % | – |" in lines
    assert "| topic | – | – |" in lines


def test_the_report_tells_where_and_on_what_it_was_measured(result: Result) -> None:
    about = {
        "machine": machine(),
        "threads": 1,
        "data": "abc",
        "examples": 30,
        "all_examples": 100,
        "per_label": 3,
        "test": "heldout.yml",
        "questions": 4,
        "seen": {"ours": 1, "stock": 1},
    }
    text = markdown(about, {"ours": result, "stock": result}, {"ours": FLOW, "stock": STOCK_FLOW})
    assert "4 questions of `heldout.yml`" in text
    assert "the same 30 of 100 examples (`abc`: 3 of each topic and aspect" in text
    assert "1 by ours, 1 by stock" in text
    assert "all 100 examples (`abc`)" in markdown({**about, "examples": 100}, {"ours": result}, {})
    assert "1.00 ×" in text
    assert "| messages answered a second, 16 customers at once | 60.0 | 15.0 | 4.00 × |" in text
    assert "| turn 500 : turn 5 | 1.1 | – | – |" in text
    assert "ours 1.5 to 2.5" in text
    assert json.loads(json.dumps(figures(result)))["latency_ms"]["p50"] == 25.0


def test_a_model_trained_earlier_keeps_its_cost(tmp_path: Path) -> None:
    data, model = tmp_path / "nlu", tmp_path / "stock.tar.gz"
    data.mkdir()
    with pytest.raises(FileNotFoundError):
        reuse(model, data)
    model.touch()
    assert reuse(model, data) == Trained(model, None, "reused")
    card = {"cost": {"seconds": 1.0, "cpu_seconds": 2.0, "peak_mb": 3.0}, "data": data_digest(data)}
    model.with_name("stock.json").write_text(json.dumps(card), encoding="utf-8")
    assert reuse(model, data) == Trained(model, Cost(1.0, 2.0, 3.0), "reused")
    (data / "more.yml").write_text("nlu: []", encoding="utf-8")
    assert reuse(model, data).note == "reused, other examples"


def test_charts_are_drawn(tmp_path: Path) -> None:
    models = {"ours": READINGS, "stock": READINGS}
    confusion(tmp_path / "confusion.png", QUESTIONS, models)
    calibration(tmp_path / "calibration.png", QUESTIONS, models)
    out_of_scope(tmp_path / "out_of_scope.png", QUESTIONS, models, dict.fromkeys(models, SIGNAL))
    flowing(tmp_path / "throughput.png", {"ours": FLOW, "stock": STOCK_FLOW})
    for path in tmp_path.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.glob("*.png"))) == 4
