"""Train and test our configuration beside the stock Rasa Chinese one: `python -m benchmarks.run`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import charts, report, throughput
from benchmarks.accuracy import SIGNALS, measure
from benchmarks.parse import parse
from benchmarks.process import PROJECT_ROOT, ProgramFailed
from benchmarks.questions import Question, data_digest, read_questions, seen_in_training
from benchmarks.report import ALL, Result
from benchmarks.sample import copy_sample
from benchmarks.throughput import Flow
from benchmarks.train import Trained, reuse, train

HERE = PROJECT_ROOT / "benchmarks"
CONFIGURATIONS = {"ours": PROJECT_ROOT / "config.yml", "stock": HERE / "stock" / "config.yml"}
OUR_SIGNAL = next(iter(SIGNALS))
PER_LABEL = 2
"""Examples of each topic and aspect; with three, stock's DIET alone takes half an hour of processor time."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and test our configuration beside the stock Rasa Chinese one; print and keep one table."""
    given = _arguments(arguments)
    questions = read_questions(given.test)
    host = report.machine()
    with tempfile.TemporaryDirectory(prefix="bench-data-") as scratch:
        every, data = Path(scratch) / "all", Path(scratch) / "nlu"
        count = copy_sample(given.data, every, None)
        sampled = copy_sample(every, data, given.per_label)  # ours and stock train on these very bytes
        trained_on = {"ours": data, "stock": data}
        if given.skip_stock:
            del trained_on["stock"]
        if sampled < count:
            trained_on[ALL] = every
        seen = {name: seen_in_training(questions, folder) for name, folder in trained_on.items()}
        results = {name: _result(name, trained_on[name], questions, seen[name], given) for name in trained_on}
        about = {
            "machine": host,
            "threads": given.threads,
            "data": data_digest(data),
            "examples": sampled,
            "per_label": given.per_label,
            "all_examples": count,
            "test": given.test.name,
            "questions": len(questions),
            "seen": {name: sum(known) for name, known in seen.items()},
        }
        flows = {} if given.skip_throughput else _flows(results, throughput.questions(data), given)
    _write(given.out, about, questions, results, flows)


def _flows(results: dict[str, Result], texts: Sequence[str], given: argparse.Namespace) -> dict[str, Flow]:
    """Return how the whole assistants keep up, each with the model of the same sample."""
    _say("ours: the whole assistant at work")
    flows = {"ours": asyncio.run(throughput.ours(results["ours"].trained.model, texts))}
    if "stock" in results:
        _say("stock: the whole assistant at work")
        log = given.out / "stock.stack.log"
        flows["stock"] = asyncio.run(throughput.stock(results["stock"].trained.model, texts, log))
    return flows


def _result(
    name: str, data: Path, questions: Sequence[Question], seen: Sequence[bool], given: argparse.Namespace
) -> Result:
    """Return all figures of one configuration, trained now unless a model is given."""
    model: Path | None = getattr(given, f"{name}_model")
    if model is not None:
        trained: Trained = reuse(model, data)
    else:
        _say(f"{name}: training")
        trained = train(
            name, CONFIGURATIONS["stock" if name == "stock" else "ours"], data, given.out / "models", given.threads
        )
    _say(f"{name}: reading {len(questions)} questions")
    parsed = parse(trained.model, given.test, given.out / f"{name}.parse.log", given.threads)
    signals = list(SIGNALS) if name == "stock" else [OUR_SIGNAL]
    unseen = [place for place, known in enumerate(seen) if not known]
    return Result(
        trained,
        parsed,
        measure(questions, parsed.readings, signals),
        measure([questions[place] for place in unseen], [parsed.readings[place] for place in unseen], signals),
    )


def _write(
    folder: Path,
    about: dict[str, Any],
    questions: Sequence[Question],
    results: dict[str, Result],
    flows: dict[str, Flow],
) -> None:
    models = {name: result.parsed.readings for name, result in results.items()}
    signals = {name: result.accuracy.rejection.signal for name, result in results.items()}
    charts.confusion(folder / "confusion.png", questions, models)
    charts.calibration(folder / "calibration.png", questions, models)
    charts.out_of_scope(folder / "out_of_scope.png", questions, models, signals)
    if flows:
        charts.flowing(folder / "throughput.png", flows)
    figures = {
        **about,
        "results": {name: report.figures(result) for name, result in results.items()},
        "throughput": {name: asdict(flow) for name, flow in flows.items()},
    }
    report.write(folder, "report.json", json.dumps(figures, ensure_ascii=False, indent=2))
    readings = [
        {**asdict(question), **{name: asdict(found[place]) for name, found in models.items()}}
        for place, question in enumerate(questions)
    ]
    report.write(folder, "readings.jsonl", "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in readings))
    text = report.markdown(about, results, flows)
    path = report.write(folder, "report.md", text)
    print(text)
    _say(f"written to {path}")


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=main.__doc__)
    parser.add_argument("--skip-stock", action="store_true", help="measure ours alone")
    parser.add_argument("--skip-throughput", action="store_true", help="do not run the whole assistants")
    parser.add_argument("--test", type=Path, default=HERE / "data" / "heldout.yml", help="NLU file of test questions")
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT / "data" / "nlu", help="examples to train on")
    parser.add_argument(
        "--per-label", type=int, default=PER_LABEL, help="examples of each topic and aspect to train on"
    )
    parser.add_argument("--all", action="store_const", const=None, dest="per_label", help="train both on all examples")
    for name in ("ours", "stock", ALL):
        parser.add_argument(f"--{name}-model".replace("_", "-"), type=Path, help=f"{name}: use this trained model")
    parser.add_argument("--out", type=Path, default=HERE / "out", help="where report, charts and models go")
    parser.add_argument("--threads", type=int, default=1, help="OpenMP threads of every measured process")
    given = parser.parse_args(arguments)
    for name in ("test", "data", "ours_model", "stock_model", f"{ALL}_model", "out"):
        if (path := getattr(given, name)) is not None:
            setattr(given, name, path.resolve())
            if name != "out" and not path.exists():
                parser.error(f"no such file or folder: {path}")
    given.out.mkdir(parents=True, exist_ok=True)
    return given


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except ProgramFailed as failure:
        sys.exit(str(failure))
