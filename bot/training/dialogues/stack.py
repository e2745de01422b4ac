"""The real stack for a test run: free ports, a throw-away folder, nothing of this installation touched."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.processes.stack import CannotStart, check_machine, commands
from bot.processes.supervisor import Supervisor
from bot.processes.training import ensure_model
from bot.settings import PROJECT_ROOT, Settings
from bot.training.dialogues.stores import Stores

READY_WITHIN_S = 180.0
LOG_NAME = "stack.log"
_KEPT = frozenset({"NUOYAN_KNOWLEDGE_DIR"})
_LIMITS = {"NUOYAN_RATE_PER_MINUTE": "600", "NUOYAN_RATE_CONVERSATIONS_PER_HOUR": "100000"}
"""Test customers write faster than people and come more often."""


@dataclass(frozen=True)
class Running:
    """A server that answers, and where it keeps things (if that is known)."""

    url: str
    stores: Stores


@asynccontextmanager
async def running_stack(model: Path | None = None) -> AsyncIterator[Running]:
    """Start server, Rasa and actions; yield when all are ready; stop them and remove their data.

    Args:
        model: a trained model; default: the one that fits the present data, trained when there is none.

    Raises:
        CannotStart: no model, no free port, no disk, or not ready in time; says what to do.
    """
    chosen = (model or ensure_model()).resolve()
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="nuoyan-dialogues-")))
        cleanup.enter_context(_own_environment())
        cleanup.enter_context(_working_directory(PROJECT_ROOT))
        settings = _settings(folder)
        check_machine(settings)
        log = folder / "logs" / LOG_NAME
        log.parent.mkdir()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        cleanup.callback(os.close, output)
        started = [
            replace(command, environment={**command.environment, **_LIMITS}) for command in commands(settings, chosen)
        ]
        supervisor = Supervisor(started, say=_say, output=output)
        ready = asyncio.Event()
        task = asyncio.create_task(supervisor.run(ready.set, READY_WITHIN_S))
        try:
            await _ready_or_ended(ready, task)
            if not ready.is_set():
                raise CannotStart(f"测试用的服务没能就绪。日志末尾：\n{_tail(log)}")
            with _ending_with(task):
                url = f"http://{settings.host}:{settings.port}"
                yield Running(url, Stores(settings.database_url, settings.var_dir))
        finally:
            supervisor.stop()
            await task


@contextmanager
def _ending_with(stack: asyncio.Task[int]) -> Iterator[None]:
    """Cancel the present task on Ctrl-C, before the stack goes, and when the stack ends by itself."""
    current = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def cancel(_ended: asyncio.Task[int] | None = None) -> None:
        if current is not None:
            current.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, cancel)
    stack.add_done_callback(cancel)
    try:
        yield
    finally:
        stack.remove_done_callback(cancel)


async def _ready_or_ended(ready: asyncio.Event, task: asyncio.Task[int]) -> None:
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _settings(folder: Path) -> Settings:
    server, rasa, actions = free_ports(3)
    return Settings(
        var_dir=folder,
        database_url=f"sqlite:///{folder / 'nuoyan.db'}",
        host="127.0.0.1",
        port=server,
        rasa_url=f"http://127.0.0.1:{rasa}",
        actions_url=f"http://127.0.0.1:{actions}",
    )


def free_ports(count: int) -> list[int]:
    """Return ``count`` different ports that nobody listens on."""
    with ExitStack() as open_until_all_are_known:
        ports = []
        for _ in range(count):
            probe = open_until_all_are_known.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports.append(int(probe.getsockname()[1]))
        return ports


@contextmanager
def _own_environment() -> Iterator[None]:
    """Hide this installation's settings: its database, Redis and secrets are not for tests."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if _is_setting(name)}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _is_setting(name: str) -> bool:
    return name.startswith("NUOYAN_") and name not in _KEPT


@contextmanager
def _working_directory(path: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _tail(path: Path, lines: int = 20) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
