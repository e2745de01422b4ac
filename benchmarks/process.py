"""Run a program of its own and watch what it costs: wall time and memory of its whole process tree."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PROJECT_ROOT = Path(__file__).resolve().parent.parent
POLL_SECONDS = 0.2
MEGABYTE = 1024 * 1024


class ProgramFailed(RuntimeError):
    """A measured program ended with an error; the end of its log is the message."""


@dataclass(frozen=True)
class Cost:
    """What a program and its children cost.

    Attributes:
        seconds: wall time; on a shared machine it grows with what else runs.
        cpu_seconds: processor time, which does not.
        peak_mb: the most resident memory at once, in megabytes.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def environment(threads: int, cache: Path) -> dict[str, str]:
    """Return the environment every measured program gets: same threads, own cache, nothing reported.

    ``threads`` binds OpenMP and OpenBLAS. TensorFlow has its own pool and may use every core:
    that can only favour the configuration that trains with it.
    """
    return {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "RASA_CACHE_DIRECTORY": str(cache),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
    }


def run_measured(arguments: Sequence[str], env: Mapping[str, str], log: Path) -> Cost:
    """Run this Python with ``arguments`` in the project's folder and return its cost.

    In: arguments after ``python``, the environment, a file for its output.

    Raises:
        ProgramFailed: the program ended with an error.
    """
    started, cpu_before = time.perf_counter(), _cpu_of_children()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=PROJECT_ROOT, env=dict(env), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            peak = _watch(process)
        except BaseException:
            process.kill()
            process.wait()
            raise
    seconds, cpu = time.perf_counter() - started, _cpu_of_children() - cpu_before
    if process.returncode != 0:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
        raise ProgramFailed(f"{' '.join(arguments)} ended with {process.returncode}:\n{tail}")
    return Cost(round(seconds, 1), round(cpu, 1), round(peak / MEGABYTE, 1))


def _cpu_of_children() -> float:
    """Return the processor seconds of all children that ended so far, theirs included."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _watch(process: subprocess.Popen[bytes]) -> int:
    """Return the greatest resident size of the process tree until it ended, in bytes."""
    tree = psutil.Process(process.pid)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(tree))
        time.sleep(POLL_SECONDS)
    return peak


def _resident(tree: psutil.Process) -> int:
    total = 0
    try:
        for process in (tree, *tree.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.Error:
        pass  # ended between listing and reading
    return total
