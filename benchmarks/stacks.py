"""Both assistants as they run for customers: ours with all its processes, stock Rasa as its manual starts it."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.process import MEGABYTE, PROJECT_ROOT, ProgramFailed, environment
from bot.processes.supervisor import Command, Supervisor, python
from bot.training.dialogues.stack import free_ports, running_stack

READY_WITHIN_S = 300.0
STOCK = PROJECT_ROOT / "benchmarks" / "stock"
RASA_MARKS = ("bot.processes.rasa_server", "rasa")
"""What stands on the command line of a process that holds the model: ours, stock's."""


@dataclass(frozen=True)
class Stack:
    """An assistant that answers.

    Attributes:
        url: where customers reach it.
        ready_seconds: from the first process started to all of them answering.
        processes: every process of it, by its part.
    """

    url: str
    ready_seconds: float
    processes: dict[str, psutil.Process]

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time each process has used since its start."""
        return {name: sum(process.cpu_times()[:2]) for name, process in self.processes.items()}

    def rasa_memory_mb(self) -> float:
        """Return the resident memory of the largest process that holds a model."""
        sizes = [process.memory_info().rss for name, process in self.processes.items() if name.startswith("rasa")]
        return round(max(sizes) / MEGABYTE, 1)


@asynccontextmanager
async def our_stack(model: Path) -> AsyncIterator[Stack]:
    """Run server, Rasa and actions as `nuoyan serve` does, on free ports and a database of their own.

    Raises:
        bot.processes.stack.CannotStart: a process did not come up.
    """
    started = time.perf_counter()
    async with running_stack(model) as running:
        yield Stack(running.url, time.perf_counter() - started, _processes())


@asynccontextmanager
async def stock_stack(model: Path, log: Path, threads: int = 1) -> AsyncIterator[Stack]:
    """Run `rasa run` with its REST channel and an SQL tracker store beside `rasa run actions`.

    Raises:
        ProgramFailed: a process did not come up; its output is in ``log``.
    """
    rasa, actions = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="bench-stock-") as scratch:
        commands = _stock_commands(Path(scratch), model, rasa, actions, threads)
        with log.open("wb") as output:
            supervisor = Supervisor(commands, say=lambda line: print(line, file=sys.stderr), output=output.fileno())
            ready, started = asyncio.Event(), time.perf_counter()
            running = asyncio.create_task(supervisor.run(ready.set, READY_WITHIN_S))
            waiting = asyncio.create_task(ready.wait())
            try:
                await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
                if not ready.is_set():
                    raise ProgramFailed(f"stock Rasa did not start: see {log}")
                yield Stack(f"http://127.0.0.1:{rasa}", time.perf_counter() - started, _processes())
            finally:
                waiting.cancel()
                supervisor.stop()
                await running


def _stock_commands(folder: Path, model: Path, rasa: int, actions: int, threads: int) -> list[Command]:
    endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
    endpoints.write_text(
        f'action_endpoint:\n  url: "http://127.0.0.1:{actions}/webhook"\n'
        f'tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: "{folder / "trackers.db"}"\n',
        encoding="utf-8",
    )
    credentials.write_text("rest:\n", encoding="utf-8")
    own = {
        **environment(threads, folder / "cache"),
        "NUOYAN_VAR_DIR": str(folder),
        "NUOYAN_DATABASE_URL": f"sqlite:///{folder / 'nuoyan.db'}",
        "SANIC_HOST": "127.0.0.1",
    }
    return [
        Command(
            "stock actions",
            python("-m", "rasa_sdk", "--actions", "benchmarks.stock.actions", "--port", str(actions)),
            f"http://127.0.0.1:{actions}/health",
            own,
        ),
        Command(
            "stock Rasa",
            python(
                *("-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(rasa), "-m", str(model)),
                *("--endpoints", str(endpoints), "--credentials", str(credentials)),
            ),
            f"http://127.0.0.1:{rasa}/webhooks/rest/",
            own,
        ),
    ]


def _processes() -> dict[str, psutil.Process]:
    """Return the processes this one has started, by their part: ``rasa``, ``rasa 2``, ``actions``, ``server``."""
    found: dict[str, psutil.Process] = {}
    for child in psutil.Process(os.getpid()).children():
        part = _part(child.cmdline())
        name, number = part, 1
        while name in found:
            number += 1
            name = f"{part} {number}"
        found[name] = child
    return found


def _part(command: Sequence[str]) -> str:
    module = command[command.index("-m") + 1] if "-m" in command else ""
    if module in RASA_MARKS:
        return "rasa"
    return "server" if module == "bot.server" else "actions"
