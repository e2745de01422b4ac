"""Tiny child processes for the supervisor, and ways to look at them."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from bot.processes.supervisor import Command

WITHIN_S = 20.0

_CHILD = """
import http.server, os, pathlib, signal, subprocess, sys
port, folder, *wishes = sys.argv[1:]
folder = pathlib.Path(folder)
starts = folder / f"starts-{port}"
with starts.open("a") as stream:
    stream.write(f"{os.getpid()}\\n")
count = len(starts.read_text().splitlines())
if "deaf" in wishes:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "parent" in wishes:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); signal.pause()"
    grandchild = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    grandchild.stdout.readline()
    (folder / f"grandchild-{port}").write_text(str(grandchild.pid))
if "environment" in wishes:
    (folder / f"environment-{port}").write_text(os.environ.get("NUOYAN_WISH", ""))
if "crash" in wishes and count <= 3 or "crash-once" in wishes and count == 1:
    sys.exit(3)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if "unready" in wishes else 200)
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.HTTPServer(("127.0.0.1", int(port)), Ready).serve_forever()
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def child(name: str, folder: Path, *wishes: str, environment: dict[str, str] | None = None) -> Command:
    """A child that answers on a free port; ``wishes`` make it crash, ignore signals or have a child."""
    port = free_port()
    argv = (sys.executable, "-c", _CHILD, str(port), str(folder), *wishes)
    return Command(name, argv, f"http://127.0.0.1:{port}/", environment or {})


def port_of(command: Command) -> str:
    """The port of a child's ready address."""
    return command.ready_url.rstrip("/").rpartition(":")[2]


def starts(command: Command, folder: Path) -> list[int]:
    """Process ids of every start of a child."""
    path = folder / f"starts-{port_of(command)}"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not buried does not."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; TimeoutError when it does not come true."""

    async def watch() -> None:
        while not condition():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(watch(), WITHIN_S)
