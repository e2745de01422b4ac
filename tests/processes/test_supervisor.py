"""Children are started, watched, restarted and stopped together with everything they started."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.processes import supervisor as module
from bot.processes.supervisor import Command, Supervisor, python
from tests.processes.children import WITHIN_S, alive, child, port_of, starts, until

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of a test, not of a bank."""
    monkeypatch.setattr(module, "RESTART_PAUSES_S", (0.001, 0.01, 0.02, 0.03))


class Run:
    """A supervisor under way: what it said, whether it is ready, how it ended."""

    def __init__(self, *commands: Command, ready_within_s: float = WITHIN_S) -> None:
        self.said: list[str] = []
        self.ready = asyncio.Event()
        self.supervisor = Supervisor(list(commands), self.said.append, output=os.open(os.devnull, os.O_WRONLY))
        self.task = asyncio.create_task(self.supervisor.run(self.ready.set, ready_within_s))

    async def is_ready(self) -> None:
        await asyncio.wait_for(self.ready.wait(), WITHIN_S)

    async def stopped(self) -> int:
        self.supervisor.stop()
        return await self.ended()

    async def ended(self) -> int:
        return await asyncio.wait_for(self.task, WITHIN_S)


@asynccontextmanager
async def running(*commands: Command) -> AsyncIterator[Run]:
    run = Run(*commands)
    try:
        await run.is_ready()
        yield run
    finally:
        if not run.task.done():
            await run.stopped()


async def test_that_ready_is_said_once_when_everything_answers(tmp_path: Path) -> None:
    commands = [child("一", tmp_path), child("二", tmp_path)]
    async with running(*commands) as run:
        assert all(len(starts(command, tmp_path)) == 1 for command in commands)
        assert await run.stopped() == 0
    assert run.said == []
    assert not any(alive(pid) for command in commands for pid in starts(command, tmp_path))


async def test_that_one_that_crashes_at_the_start_is_started_again(tmp_path: Path) -> None:
    command = child("动作服务", tmp_path, "crash-once")
    async with running(command) as run:
        assert len(starts(command, tmp_path)) == 2
        assert len(run.said) == 1
        assert "动作服务" in run.said[0] and "代码 3" in run.said[0]


async def test_that_pauses_grow_while_it_keeps_crashing(tmp_path: Path) -> None:
    async with running(child("服务端", tmp_path, "crash")) as run:
        told = [[pause for pause in ("0.01", "0.02", "0.03") if f"{pause} 秒" in line] for line in run.said]
        assert told == [["0.01"], ["0.02"], ["0.03"]]


async def test_that_one_killed_at_work_is_started_again_and_others_are_left_alone(tmp_path: Path) -> None:
    victim, other = child("引擎", tmp_path), child("服务端", tmp_path)
    async with running(victim, other) as run:
        os.kill(starts(victim, tmp_path)[0], signal.SIGKILL)
        await until(lambda: len(starts(victim, tmp_path)) == 2)
        assert len(starts(other, tmp_path)) == 1
        assert "引擎" in run.said[0] and "-9" in run.said[0]


async def test_that_stopping_ends_what_the_children_started(tmp_path: Path) -> None:
    command = child("引擎", tmp_path, "parent")
    async with running(command) as run:
        grandchild = int((tmp_path / f"grandchild-{port_of(command)}").read_text())
        assert alive(grandchild)
        assert await run.stopped() == 0
    await until(lambda: not alive(grandchild))
    assert not alive(starts(command, tmp_path)[0])


async def test_that_a_child_deaf_to_signals_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN_S", 0.2)
    command = child("引擎", tmp_path, "deaf")
    async with running(command) as run:
        assert await run.stopped() == 0
    await until(lambda: not alive(starts(command, tmp_path)[0]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_that_a_signal_stops_everything(tmp_path: Path, number: signal.Signals) -> None:
    command = child("引擎", tmp_path)
    async with running(command) as run:
        os.kill(os.getpid(), number)
        assert await run.ended() == 0
    assert not alive(starts(command, tmp_path)[0])


async def test_that_one_that_never_gets_ready_is_named_and_all_are_stopped(tmp_path: Path) -> None:
    good, bad = child("服务端", tmp_path), child("引擎", tmp_path, "unready")
    run = Run(good, bad, ready_within_s=1.0)
    assert await run.ended() == 1
    assert not run.ready.is_set()
    assert "引擎" in run.said[-1] and "服务端" not in run.said[-1] and "var/logs" in run.said[-1]
    assert not any(alive(pid) for command in (good, bad) for pid in starts(command, tmp_path))


async def test_that_stopping_before_it_is_ready_is_no_failure(tmp_path: Path) -> None:
    command = child("引擎", tmp_path, "unready")
    run = Run(command)
    await until(lambda: starts(command, tmp_path) != [])
    assert await run.stopped() == 0
    assert not run.ready.is_set() and not alive(starts(command, tmp_path)[0])


async def test_that_a_child_gets_its_environment_beside_ours(tmp_path: Path) -> None:
    command = child("引擎", tmp_path, "environment", environment={"NUOYAN_WISH": "早日开业"})
    async with running(command):
        assert (tmp_path / f"environment-{port_of(command)}").read_text() == "早日开业"


async def test_that_children_run_in_this_environments_python() -> None:
    from sys import executable

    assert python("-m", "x") == (executable, "-m", "x")
