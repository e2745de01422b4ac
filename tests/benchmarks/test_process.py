from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.process import ProgramFailed, environment, run_measured


def test_a_program_is_measured_with_its_children(tmp_path: Path) -> None:
    child = "import time; block = bytearray(80_000_000); time.sleep(1.5)"
    parent = f"import subprocess, sys; print('working'); subprocess.run([sys.executable, '-c', {child!r}])"
    cost = run_measured(("-c", parent), os.environ, tmp_path / "log")
    assert cost.seconds >= 1.5
    assert cost.peak_mb > 80
    assert cost.cpu_seconds < 60
    assert (tmp_path / "log").read_text() == "working\n"


def test_a_failure_shows_the_end_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="no model here"):
        run_measured(("-c", "raise SystemExit('no model here')"), os.environ, tmp_path / "log")


def test_every_measured_program_gets_the_same_threads_and_its_own_cache(tmp_path: Path) -> None:
    env = environment(2, tmp_path)
    assert env["OMP_NUM_THREADS"] == env["OPENBLAS_NUM_THREADS"] == "2"
    assert env["RASA_CACHE_DIRECTORY"] == str(tmp_path)
    assert env["RASA_TELEMETRY_ENABLED"] == "false"
