"""Start the server, Rasa and the action server; keep them running; stop them together."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

Say = Callable[[str], None]

RESTART_PAUSES_S = (0.5, 1.0, 2.0, 5.0)
"""Pause before a crashed process is started again; the last one repeats."""
STABLE_AFTER_S = 30.0
STOP_WITHIN_S = 8.0


@dataclass(frozen=True)
class Command:
    """One process: its name for people, its command line, the address that shows it ready."""

    name: str
    argv: tuple[str, ...]
    ready_url: str
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Runs commands until `stop` or a signal.

    Args:
        commands: what to run.
        say: called with lines for the person at the terminal.
        output: file descriptor for the output of the children; None inherits the terminal.
    """

    def __init__(self, commands: list[Command], say: Say = print, output: int | None = None) -> None:
        self._commands = commands
        self._say = say
        self._output = output
        self._children: dict[str, asyncio.subprocess.Process] = {}
        self._starting = 0
        self._stopping = asyncio.Event()

    async def run(self, on_ready: Callable[[], None], ready_within_s: float = 180.0) -> int:
        """Run until stopped; call ``on_ready`` once everything answers. Return the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        keepers = [asyncio.create_task(self._keep(command)) for command in self._commands]
        ready = asyncio.create_task(self._wait_until_ready(ready_within_s))
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({ready, stopped}, return_when=asyncio.FIRST_COMPLETED)
        failed = ready.done() and not ready.result()
        if ready.done() and ready.result():
            on_ready()
            await stopped
        self._stopping.set()
        ready.cancel()
        await self._stop_children()
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, ready, return_exceptions=True)
        return 1 if failed else 0

    def stop(self) -> None:
        """Ask `run` to end."""
        self._stopping.set()

    async def _keep(self, command: Command) -> None:
        crashes = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            child = await self._start(command)
            code = await child.wait()
            if self._stopping.is_set():
                return
            crashes = 0 if time.monotonic() - started > STABLE_AFTER_S else crashes + 1
            pause = RESTART_PAUSES_S[min(crashes, len(RESTART_PAUSES_S) - 1)]
            self._say(f"{command.name} 意外退出(代码 {code}),{pause:g} 秒后重新启动。")
            await asyncio.sleep(pause)

    async def _start(self, command: Command) -> asyncio.subprocess.Process:
        self._starting += 1
        try:
            child = await asyncio.create_subprocess_exec(
                *command.argv,
                env={**os.environ, **command.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,
            )
            self._children[command.name] = child
        finally:
            self._starting -= 1
        return child

    async def _wait_until_ready(self, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        waiting = list(self._commands)
        async with httpx.AsyncClient(timeout=2.0) as client:
            while waiting and time.monotonic() < deadline:
                waiting = [command for command in waiting if not await _answers(client, command.ready_url)]
                if waiting:
                    await asyncio.sleep(0.2)
        if waiting:
            names = "、".join(command.name for command in waiting)
            self._say(f"{within_s:g} 秒内没有就绪:{names}。请看 var/logs 里的日志。")
        return not waiting

    async def _stop_children(self) -> None:
        while self._starting:  # a child that is just being made is stopped like the others
            await asyncio.sleep(0.02)
        running = [child for child in self._children.values() if child.returncode is None]
        for child in running:
            _signal_group(child, signal.SIGTERM)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(child.wait() for child in running)), STOP_WITHIN_S)
        for child in running:  # the child itself, or what it started and left behind
            _signal_group(child, signal.SIGKILL)


def _signal_group(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx.HTTPError:
        return False


def python(*arguments: str) -> tuple[str, ...]:
    """Return the command line of this environment's Python with ``arguments``."""
    return (sys.executable, *arguments)
