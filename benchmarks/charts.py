"""Charts of the report as PNG: confusion of acts, calibration, out-of-scope curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from benchmarks.accuracy import act_confidence, operating_point, reliability, scores, topic_confidence
from benchmarks.questions import BANK_ADJACENT, FAR, Question
from benchmarks.reading import FALLBACK, Reading
from benchmarks.throughput import Flow
from bot.nlu.decision import OUT_OF_SCOPE

matplotlib.use("Agg")

from matplotlib import pyplot as plt

Models = Mapping[str, Sequence[Reading]]
"""Readings by the name of the model."""


def confusion(path: Path, questions: Sequence[Question], models: Models) -> None:
    """Draw right acts (rows) against predicted acts (columns), one panel a model."""
    acts = sorted({question.act for question in questions})
    columns = [*acts, FALLBACK]
    figure, panels = plt.subplots(1, len(models), figsize=(9 * len(models), 8), squeeze=False)
    for panel, (name, readings) in zip(panels[0], models.items(), strict=True):
        counts = np.zeros((len(acts), len(columns)), dtype=int)
        for question, reading in zip(questions, readings, strict=True):
            if reading.act in columns:
                counts[acts.index(question.act), columns.index(reading.act)] += 1
        panel.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
        for row, column in zip(*counts.nonzero(), strict=True):
            dark = counts[row, column] > counts[row].sum() / 2
            colour = "white" if dark else "black"
            panel.text(column, row, counts[row, column], ha="center", va="center", fontsize=7, color=colour)
        panel.set_xticks(range(len(columns)), columns, rotation=90, fontsize=8)
        panel.set_yticks(range(len(acts)), acts, fontsize=8)
        panel.set(title=name, xlabel="predicted act", ylabel="right act")
    _save(figure, path)


def calibration(path: Path, questions: Sequence[Question], models: Models) -> None:
    """Draw stated confidence against the share right, for acts and for topics."""
    figure, panels = plt.subplots(1, 2, figsize=(11, 5))
    for panel, title, confidence in zip(panels, ("act", "topic"), (act_confidence, topic_confidence), strict=True):
        panel.plot([0, 1], [0, 1], color="grey", linestyle=":")
        for name, readings in models.items():
            points = reliability(*confidence(questions, readings))
            stated, right, counts = zip(*points, strict=True) if points else ((), (), ())
            panel.plot(stated, right, marker="o", label=name)
            for place, count in zip(zip(stated, right, strict=True), counts, strict=True):
                panel.annotate(str(count), place, fontsize=7, xytext=(3, -9), textcoords="offset points")
        panel.set(title=title, xlabel="stated confidence", ylabel="share right", xlim=(0, 1.02), ylim=(0, 1.02))
        panel.legend()
    _save(figure, path)


def out_of_scope(path: Path, questions: Sequence[Question], models: Models, signals: Mapping[str, str]) -> None:
    """Draw the share of out-of-scope messages rejected against the share of in-scope messages kept."""
    figure, panel = plt.subplots(figsize=(7, 5.5))
    keeps = np.linspace(0.5, 1.0, 101)
    for colour, (name, readings) in zip(("tab:blue", "tab:orange"), models.items(), strict=False):
        inside = scores(signals[name], questions, readings, lambda question: question.act != OUT_OF_SCOPE)
        for mark, style in ((FAR, "-"), (BANK_ADJACENT, "--")):
            outside = scores(signals[name], questions, readings, partial(_is_marked, mark))
            if outside:
                cuts = [operating_point(inside, keep) for keep in keeps]
                rejected = [np.mean([score < cut for score in outside]) for cut in cuts]
                panel.plot(keeps, rejected, style, color=colour, label=f"{name}, {mark}")
    panel.axvline(0.95, color="grey", linestyle=":")
    panel.set(xlabel="share of in-scope messages kept", ylabel="share of out-of-scope messages rejected")
    panel.set_ylim(0, 1.02)
    panel.legend(loc="lower left")
    _save(figure, path)


def flowing(path: Path, flows: Mapping[str, Flow]) -> None:
    """Draw messages a second, replies and memory of whole assistants side by side."""
    views: list[tuple[str, Callable[[Flow], Mapping[str, float]]]] = [
        ("messages a second", lambda f: {"16 at once": f.per_second}),
        ("reply, ms", lambda f: {"p50": f.p50_ms, "p95": f.p95_ms, "turn 5": f.early_ms, "turn 500": f.late_ms or 0}),
        ("processor time a message, ms", lambda f: {"all processes": f.cpu_ms, "Rasa": f.rasa_cpu_ms}),
        ("memory of Rasa, MB", lambda f: {"resident": f.memory_mb}),
        ("start to ready, s", lambda f: {"all processes": f.ready_seconds}),
    ]
    figure, panels = plt.subplots(1, len(views), figsize=(17, 4), gridspec_kw={"width_ratios": [1, 3, 2, 1, 1]})
    width = 0.8 / len(flows)
    for panel, (title, values) in zip(panels, views, strict=True):
        for number, (name, flow) in enumerate(flows.items()):
            found = values(flow)
            places = [place + number * width for place in range(len(found))]
            panel.bar_label(panel.bar(places, list(found.values()), width, label=name), fmt="%.3g", fontsize=7)
            panel.set_xticks([place + 0.4 - width / 2 for place in range(len(found))], list(found), fontsize=8)
        panel.set_title(title, fontsize=9)
    panels[0].legend(fontsize=8)
    _save(figure, path)


def _is_marked(mark: str, question: Question) -> bool:
    return question.act == OUT_OF_SCOPE and question.mark == mark


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)
