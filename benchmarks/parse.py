"""Read test questions with a trained model, one message at a time, the way a running Rasa does.

Runs as a program of its own (`python -m benchmarks.parse MODEL QUESTIONS OUT`), so that the
memory and the loading time it reports are those of one model and nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.process import MEGABYTE, environment, run_measured
from benchmarks.questions import read_questions
from benchmarks.reading import Reading, reading_of

WARM_UP = tuple(f"先试{number}遍,我的卡找不到了怎么办" for number in range(1, 21))
"""Messages before the clock runs; none of them is a test question, so no cache is filled with one."""


@dataclass(frozen=True)
class Parsed:
    """All readings of a model and what reading cost.

    Attributes:
        load_seconds: from the start of the process to a model that can read.
        memory_mb: resident memory of the process after the last message.
        milliseconds: wall time of each message, in order.
        cpu_milliseconds: processor time of each message; it does not grow with what else runs.
    """

    readings: list[Reading]
    load_seconds: float
    memory_mb: float
    milliseconds: list[float]
    cpu_milliseconds: list[float]

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds that ``share`` percent of the messages stay under."""
        return round(float(np.percentile(self.milliseconds, share)), 2)

    def cpu_median(self) -> float:
        """Return the processor time of the median message in milliseconds."""
        return round(float(np.median(self.cpu_milliseconds)), 2)


def parse(model: Path, questions: Path, log: Path, threads: int) -> Parsed:
    """Read ``questions`` with ``model`` in a fresh process.

    Raises:
        ProgramFailed: the process ended with an error.
    """
    with tempfile.TemporaryDirectory(prefix="bench-parse-") as scratch:
        out = Path(scratch) / "readings.json"
        arguments = ("-m", "benchmarks.parse", str(model), str(questions), str(out))
        run_measured(arguments, environment(threads, Path(scratch) / "cache"), log)
        found = json.loads(out.read_text(encoding="utf-8"))
    return Parsed(**{**found, "readings": [Reading(**reading) for reading in found["readings"]]})


async def _read(model: Path, texts: Sequence[str]) -> Parsed:
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    agent = Agent.load(str(model))
    if agent.processor is None:
        raise SystemExit(f"{model} is no trained model")
    process = psutil.Process()
    loaded = time.time() - process.create_time()
    for text in WARM_UP:
        await agent.processor.parse_message(UserMessage(text))
    found: list[dict[str, Any]] = []
    wall: list[float] = []
    cpu: list[float] = []
    for text in texts:
        started, worked = time.perf_counter(), time.process_time()
        found.append(await agent.processor.parse_message(UserMessage(text)))
        wall.append(round((time.perf_counter() - started) * 1_000, 3))
        cpu.append(round((time.process_time() - worked) * 1_000, 3))
    memory = process.memory_info().rss / MEGABYTE
    return Parsed([reading_of(parsed) for parsed in found], round(loaded, 1), round(memory, 1), wall, cpu)


def main() -> None:
    """Read all questions of a file and write the readings as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    parsed = asyncio.run(_read(given.model, [question.text for question in read_questions(given.questions)]))
    given.out.write_text(json.dumps(asdict(parsed), ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
