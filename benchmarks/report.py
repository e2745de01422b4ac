"""One Markdown table, ours | stock | ratio, and the same figures as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.accuracy import KEEP, Accuracy
from benchmarks.parse import Parsed
from benchmarks.process import MEGABYTE
from benchmarks.train import Trained

NOTHING = "–"


@dataclass(frozen=True)
class Result:
    """All figures of one configuration; ``unseen`` are those without questions that are training examples too."""

    trained: Trained
    parsed: Parsed
    accuracy: Accuracy
    unseen: Accuracy


@dataclass(frozen=True)
class Row:
    """One line of the table; None is what was not measured. ``notes`` stand behind the two figures."""

    label: str
    ours: float | None
    stock: float | None
    unit: str = ""
    notes: tuple[str, str] = ("", "")

    def markdown(self) -> str:
        """Return the line with the ratio ours to stock; shares have a difference in points instead."""
        ours, stock = (self._cell(*cell) for cell in zip((self.ours, self.stock), self.notes, strict=True))
        return f"| {self.label} | {ours} | {stock} | {self._comparison()} |"

    def _cell(self, value: float | None, note: str) -> str:
        if value is None:
            return note or NOTHING
        text = f"{value * 100:.1f} %" if self.unit == "%" else f"{_plain(value)} {self.unit}".strip()
        return f"{text} ({note})" if note else text

    def _comparison(self) -> str:
        if self.ours is None or self.stock is None:
            return NOTHING
        if self.unit == "%":
            return f"{(self.ours - self.stock) * 100:+.1f} points"
        return f"{self.ours / self.stock:.2f} ×" if self.stock else NOTHING


def cost_rows(ours: Result, stock: Result | None) -> list[Row]:
    """Return the lines about time and memory."""
    return [
        _training("training, wall time", "seconds", "s", ours, stock),
        _training("training, processor time", "cpu_seconds", "s", ours, stock),
        _training("training, memory at the peak", "peak_mb", "MB", ours, stock),
        _row("model archive", lambda r: r.trained.model.stat().st_size / MEGABYTE, "MB", ours, stock),
        _row("start to first readable message", lambda r: r.parsed.load_seconds, "s", ours, stock),
        _row("memory of the reading process", lambda r: r.parsed.memory_mb, "MB", ours, stock),
        _row("parse latency p50", lambda r: r.parsed.percentile(50), "ms", ours, stock),
        _row("parse latency p95", lambda r: r.parsed.percentile(95), "ms", ours, stock),
        _row("processor time a message, median", lambda r: r.parsed.cpu_median(), "ms", ours, stock),
    ]


def accuracy_rows(ours: Result, stock: Result | None) -> list[Row]:
    """Return the lines about being right, over all questions."""
    return _accuracy_rows(lambda result: result.accuracy, ours, stock)


def unseen_rows(ours: Result, stock: Result | None) -> list[Row]:
    """Return the same lines over the questions that are no training examples."""
    return _accuracy_rows(lambda result: result.unseen, ours, stock)


def _accuracy_rows(of: Callable[[Result], Accuracy], ours: Result, stock: Result | None) -> list[Row]:
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
    return [Row(label, figure(of(ours)), figure(of(stock)) if stock else None, unit) for label, unit, figure in figures]


def table(lines: Sequence[Row]) -> str:
    """Return the rows as one Markdown table."""
    head = ["| | ours | stock | ours : stock |", "|---|---:|---:|---:|"]
    return "\n".join([*head, *(line.markdown() for line in lines)])


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


def markdown(about: dict[str, Any], ours: Result, stock: Result | None) -> str:
    """Return the whole report: where it was measured, the tables, the charts."""
    host = about["machine"]
    signals = f"Out of scope by: ours `{ours.accuracy.rejection.signal}`" + (
        f", stock `{stock.accuracy.rejection.signal}` (the better of its signals)." if stock else "."
    )
    return "\n".join(
        [
            "# Ours beside stock Rasa",
            "",
            f"{host['time']}, {host['cores']} cores (load {host['load_average'][0]} before), "
            f"{host['memory_gb']} GB, Python {host['python']}, Rasa {host['rasa']}, "
            f"{about['threads']} OpenMP thread(s) a process.",
            f"Trained on examples `{about['data']}`; tested with {about['questions']} questions of "
            f"`{about['test']}`, one message at a time.",
            signals,
            "",
            table([*cost_rows(ours, stock), *accuracy_rows(ours, stock)]),
            "",
            f"{about['seen']} of the questions are also training examples, word for word. Without them:",
            "",
            table(unseen_rows(ours, stock)),
            "",
            "![Acts: right and predicted](confusion.png)",
            "![Confidence and share right](calibration.png)",
            "![Out-of-scope messages rejected at each share of in-scope messages kept](out_of_scope.png)",
            "",
        ]
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


def _row(label: str, figure: Callable[[Result], float], unit: str, ours: Result, stock: Result | None) -> Row:
    return Row(label, figure(ours), figure(stock) if stock else None, unit)


def _training(label: str, field: str, unit: str, ours: Result, stock: Result | None) -> Row:
    values = [getattr(r.trained.cost, field) if r and r.trained.cost else None for r in (ours, stock)]
    notes = [r.trained.note if r else "" for r in (ours, stock)]
    return Row(label, values[0], values[1], unit, (notes[0], notes[1]))


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"
