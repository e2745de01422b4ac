"""One Markdown table, ours | stock | ratio | ours on all examples, and the same figures as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.accuracy import KEEP, Accuracy
from benchmarks.parse import Parsed
from benchmarks.process import MEGABYTE
from benchmarks.throughput import Flow
from benchmarks.train import Trained

NOTHING = "–"


@dataclass(frozen=True)
class Result:
    """All figures of one configuration; ``unseen`` are those without questions that are training examples too."""

    trained: Trained
    parsed: Parsed
    accuracy: Accuracy
    unseen: Accuracy


Results = Mapping[str, Result]
"""Results by the name of their column; only ``ours`` is always there."""

OURS, STOCK, ALL = "ours", "stock", "ours_all"
"""Ours and stock train on the same examples; the third is ours trained on all there are."""


@dataclass(frozen=True)
class Row:
    """One line of the table; what was not measured is not among the values. ``notes`` stand behind the figures."""

    label: str
    values: Mapping[str, float | None]
    unit: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    def markdown(self, columns: Sequence[str]) -> str:
        """Return the line with the ratio ours to stock; shares have a difference in points instead."""
        cells = [self._cell(name) for name in columns]
        return f"| {' | '.join([self.label, *cells, self._comparison()])} |"

    def _cell(self, name: str) -> str:
        value, note = self.values.get(name), self.notes.get(name, "")
        if value is None:
            return note or NOTHING
        text = f"{value * 100:.1f} %" if self.unit == "%" else f"{_plain(value)} {self.unit}".strip()
        return f"{text} ({note})" if note else text

    def _comparison(self) -> str:
        ours, stock = self.values.get(OURS), self.values.get(STOCK)
        if ours is None or stock is None:
            return NOTHING
        if self.unit == "%":
            return f"{(ours - stock) * 100:+.1f} points"
        return f"{ours / stock:.2f} ×" if stock else NOTHING


def cost_rows(results: Results) -> list[Row]:
    """Return the lines about time and memory."""
    parsing: list[tuple[str, str, Callable[[Result], float]]] = [
        ("model archive", "MB", lambda r: r.trained.model.stat().st_size / MEGABYTE),
        ("start to first readable message", "s", lambda r: r.parsed.load_seconds),
        ("memory of the reading process", "MB", lambda r: r.parsed.memory_mb),
        ("parse latency p50", "ms", lambda r: r.parsed.percentile(50)),
        ("parse latency p95", "ms", lambda r: r.parsed.percentile(95)),
        ("processor time a message, median", "ms", lambda r: r.parsed.cpu_median()),
    ]
    return [
        _training("training, wall time", "seconds", "s", results),
        _training("training, processor time", "cpu_seconds", "s", results),
        _training("training, memory at the peak", "peak_mb", "MB", results),
        *(
            Row(label, {name: figure(result) for name, result in results.items()}, unit)
            for label, unit, figure in parsing
        ),
    ]


def flow_rows(flows: Mapping[str, Flow]) -> list[Row]:
    """Return the lines about whole assistants at work."""
    figures: list[tuple[str, str, Callable[[Flow], float | None]]] = [
        ("messages answered a second, 16 customers at once", "", lambda f: f.per_second),
        ("reply then, p50", "ms", lambda f: f.crowded_ms),
        ("processor time a message, all processes", "ms", lambda f: f.cpu_ms),
        ("processor time a message, Rasa alone", "ms", lambda f: f.rasa_cpu_ms),
        ("reply to one customer, p50", "ms", lambda f: f.p50_ms),
        ("reply to one customer, p95", "ms", lambda f: f.p95_ms),
        ("reply around turn 5", "ms", lambda f: f.early_ms),
        ("reply around turn 500", "ms", lambda f: f.late_ms),
        ("turn 500 : turn 5", "", lambda f: f.late_ms / f.early_ms if f.late_ms else None),
        ("start to all processes ready", "s", lambda f: f.ready_seconds),
        ("memory of the Rasa process", "MB", lambda f: f.memory_mb),
    ]
    return [Row(label, {name: figure(flow) for name, flow in flows.items()}, unit) for label, unit, figure in figures]


def accuracy_rows(results: Results) -> list[Row]:
    """Return the lines about being right, over all questions."""
    return _accuracy_rows({name: result.accuracy for name, result in results.items()})


def unseen_rows(results: Results) -> list[Row]:
    """Return the same lines over the questions that are no training examples."""
    return _accuracy_rows({name: result.unseen for name, result in results.items()})


def _accuracy_rows(found: Mapping[str, Accuracy]) -> list[Row]:
    keep = f"at {KEEP * 100:.0f} % of in-scope messages kept"
    figures: list[tuple[str, str, Callable[[Accuracy], float | None]]] = [
        ("act", "%", lambda a: a.act),
        ("topic", "%", lambda a: a.topic),
        ("aspect", "%", lambda a: a.aspect),
        ("topic and aspect both", "%", lambda a: a.answer),
        ("urgent acts, recall", "%", lambda a: a.urgent_recall),
        ("urgent acts, precision", "%", lambda a: a.urgent_precision),
        (f"out of scope rejected, far, {keep}", "%", lambda a: a.rejection.far),
        (f"out of scope rejected, bank-adjacent, {keep}", "%", lambda a: a.rejection.bank_adjacent),
        ("out-of-scope AUROC", "", lambda a: a.rejection.auroc),
        ("out-of-scope AUROC, far", "", lambda a: a.rejection.auroc_far),
        ("out-of-scope AUROC, bank-adjacent", "", lambda a: a.rejection.auroc_bank_adjacent),
        ("calibration error, act", "", lambda a: a.act_calibration_error),
        ("calibration error, topic", "", lambda a: a.topic_calibration_error),
    ]
    return [
        Row(label, {name: figure(accuracy) for name, accuracy in found.items()}, unit)
        for label, unit, figure in figures
    ]


def table(lines: Sequence[Row], columns: Sequence[str]) -> str:
    """Return the rows as one Markdown table with a column for each name."""
    titles = [name.replace("_", ", ") for name in columns]
    head = [f"| | {' | '.join(titles)} | ours : stock |", f"|---|{'---:|' * (len(columns) + 1)}"]
    return "\n".join([*head, *(line.markdown(columns) for line in lines)])


def machine() -> dict[str, Any]:
    """Return what the figures depend on apart from the code: machine, load, versions, time."""
    return {
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3, 1),
        "load_average": [round(load, 2) for load in psutil.getloadavg()],
        "python": platform.python_version(),
        "rasa": version("rasa"),
    }


def markdown(about: dict[str, Any], results: Results, flows: Mapping[str, Flow]) -> str:
    """Return the whole report: where it was measured, the tables, the charts."""
    host, columns = about["machine"], list(results)
    signals = ", ".join(f"{name} `{result.accuracy.rejection.signal}`" for name, result in results.items())
    seen = ", ".join(f"{count} by {name}" for name, count in about["seen"].items())
    return "\n".join(
        [
            "# Ours beside stock Rasa",
            "",
            f"{host['time']}, {host['cores']} cores (load {host['load_average'][0]} before), "
            f"{host['memory_gb']} GB, Python {host['python']}, Rasa {host['rasa']}, "
            f"{about['threads']} OpenMP thread(s) a process.",
            _trained_on(about),
            f"Tested with {about['questions']} questions of `{about['test']}`, one message at a time. "
            f"Out of scope by: {signals} (stock: the better of its two signals).",
            "",
            table([*cost_rows(results), *accuracy_rows(results)], columns),
            *_flowing(flows),
            "",
            f"Some of the questions are also training examples, word for word: {seen}. Without them:",
            "",
            table(unseen_rows(results), columns),
            "",
            "![Acts: right and predicted](confusion.png)",
            "![Confidence and share right](calibration.png)",
            "![Out-of-scope messages rejected at each share of in-scope messages kept](out_of_scope.png)",
            "",
        ]
    )


def _flowing(flows: Mapping[str, Flow]) -> list[str]:
    if not flows:
        return []
    loads = ", ".join(f"{name} {flow.load_average[0]} to {flow.load_average[1]}" for name, flow in flows.items())
    return [
        "",
        "The whole assistants at work, models of the same sample, same questions, same actions "
        f"(load average before and after: {loads}):",
        "",
        table(flow_rows(flows), list(flows)),
        "",
        "![Whole assistants at work](throughput.png)",
    ]


def _trained_on(about: dict[str, Any]) -> str:
    if about["examples"] == about["all_examples"]:
        return f"Trained on all {about['examples']:,} examples (`{about['data']}`)."
    return (
        f"Ours and stock trained on the same {about['examples']:,} of {about['all_examples']:,} examples "
        f"(`{about['data']}`: {about['per_label']} of each topic and aspect, acts in the same proportion); "
        "the last column is ours on all of them."
    )


def figures(result: Result) -> dict[str, Any]:
    """Return the figures of one configuration for JSON, without the single readings."""
    return {
        "model": str(result.trained.model),
        "note": result.trained.note,
        "training": asdict(result.trained.cost) if result.trained.cost else None,
        "load_seconds": result.parsed.load_seconds,
        "memory_mb": result.parsed.memory_mb,
        "latency_ms": {f"p{share}": result.parsed.percentile(share) for share in (50, 95, 99)},
        "cpu_ms_median": result.parsed.cpu_median(),
        "accuracy": asdict(result.accuracy),
        "accuracy_unseen": asdict(result.unseen),
    }


def write(folder: Path, name: str, text: str) -> Path:
    """Write ``text`` to a file of the report's folder and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _training(label: str, part: str, unit: str, results: Results) -> Row:
    costs = {name: result.trained.cost for name, result in results.items()}
    values = {name: getattr(cost, part) if cost else None for name, cost in costs.items()}
    return Row(label, values, unit, {name: result.trained.note for name, result in results.items()})


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"
