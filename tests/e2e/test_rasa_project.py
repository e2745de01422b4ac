"""It stays a plain Rasa project: Rasa's own commands work at the top level."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from bot.settings import PROJECT_ROOT


def rasa(*arguments: str, var_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of Rasa as a developer would."""
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "NUOYAN_VAR_DIR": str(var_dir),
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }
    return subprocess.run(
        [sys.executable, "-m", "rasa", *arguments],
        cwd=PROJECT_ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_rasa_finds_the_data_valid(tmp_path: Path) -> None:
    result = rasa("data", "validate", var_dir=tmp_path)
    assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]


def test_rasa_finds_no_failed_story(model: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    result = rasa(
        *("test", "core", "--stories", "tests/stories", "--model", str(model)),
        *("--out", str(report), "--fail-on-prediction-errors"),
        var_dir=tmp_path,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
    stories = YAML(typ="safe")
    failed = stories.load((report / "failed_test_stories.yml").read_text(encoding="utf-8"))
    assert not failed or not failed.get("stories")
    warned = stories.load((report / "stories_with_warnings.yml").read_text(encoding="utf-8"))
    assert not warned or not warned.get("stories")
    score = json.loads((report / "story_report.json").read_text(encoding="utf-8"))
    assert score["conversation_accuracy"]["correct"] == score["conversation_accuracy"]["total"] >= 3
