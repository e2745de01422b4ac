"""The trainers' commands on a real database, through the command line itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT


@pytest.fixture
def nuoyan(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Runs ``nuoyan`` with a database of its own."""

    def run(*arguments: str, status: int = 0) -> str:
        environment = {**os.environ, "NUOYAN_VAR_DIR": str(tmp_path), "COLUMNS": "200"}
        environment.pop("NUOYAN_DATABASE_URL", None)
        command = [sys.executable, "-m", "bot.cli", *arguments]
        done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    return run


def test_that_an_example_is_proposed_and_reviewed_by_two(nuoyan) -> None:  # type: ignore[no-untyped-def]
    assert "没有需要处理的消息" in nuoyan("inbox")
    said = nuoyan("label", "卡叫狗叼走了咋整", "--topic", "card.loss", "--aspect", "how", "--as", "3001")
    (candidate,) = re.findall(r"[0-9a-f]{32}", said)
    assert "另一位同事" in nuoyan("review", candidate, "--as", "3001", status=1)
    assert "已通过" in nuoyan("review", candidate, "--as", "2001")
    assert "处理过了" in nuoyan("review", candidate, "--as", "9001", status=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("label", "我手机13800138000", "--topic", "card.loss", "--aspect", "how"), "个人信息"),
        (("label", "怎么挂失", "--topic", "card.nothing", "--aspect", "how"), "不在分类表"),
        (("publish", "0" * 16), "没有找到|丢失"),
        (("rollback",), "没有找到"),
    ],
)
def test_that_a_mistake_is_one_chinese_line(nuoyan, arguments: tuple[str, ...], words: str) -> None:  # type: ignore[no-untyped-def]
    assert re.search(words, nuoyan(*arguments, status=1))
