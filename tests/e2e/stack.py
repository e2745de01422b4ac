"""One installation for the whole test run: ``nuoyan serve`` with its three processes, its data thrown away."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from bot.processes.training import ensure_model
from bot.settings import PROJECT_ROOT
from bot.training.dialogues.stack import free_ports
from tests.support.running import Customer

SERVER, RASA, ACTIONS = "server", "rasa", "actions"
FIRST_QUESTION = "网点几点开门"
"""Asked in the moment the stack is ready; what becomes of it is a test of its own."""
READY_WITHIN_S = 240.0
STOP_WITHIN_S = 20.0
_LIMITS = {"NUOYAN_RATE_PER_MINUTE": "600", "NUOYAN_RATE_CONVERSATIONS_PER_HOUR": "100000"}
T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, within_s: float = 30.0) -> T:
    """The first true value of ``condition``; fails with ``what`` was waited for."""
    deadline = time.monotonic() + within_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        time.sleep(0.05)
    return value


@dataclass(frozen=True)
class Stack:
    """A running installation.

    Attributes:
        ports: where each of the three processes listens.
        var_dir: database, logs and whatever else it keeps.
        supervisor: the process ``nuoyan serve``.
    """

    ports: Mapping[str, int]
    var_dir: Path
    supervisor: psutil.Process

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.ports[SERVER]}"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.var_dir / "nuoyan.db"

    def process(self, kind: str) -> psutil.Process:
        """The present process of one kind, e.g. ``RASA``."""
        return wait_until(lambda: self._find(kind), f"a process for {kind}", 90.0)

    def _find(self, kind: str) -> psutil.Process | None:
        for child in self.supervisor.children():
            with suppress(psutil.NoSuchProcess):
                if any(line.laddr.port == self.ports[kind] and line.status == "LISTEN" for line in connections(child)):
                    return child
        return None

    @contextmanager
    def frozen(self, kind: str) -> Iterator[psutil.Process]:
        """Stop a process as it is, so that what is asked of it stays unanswered; go on at the end if it lives."""
        process = self.process(kind)
        process.suspend()
        try:
            yield process
        finally:
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def is_ready(self) -> bool:
        """Whether everything answers."""
        try:
            return httpx.get(f"{self.url}/api/health/ready", timeout=3.0, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def wait_ready(self, within_s: float = 90.0) -> None:
        """Wait until everything answers."""
        wait_until(self.is_ready, "the whole stack ready", within_s)

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Read the database from outside."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()

    def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        """The log of a conversation as it is stored, in order."""
        found = self.rows("SELECT * FROM messages WHERE conversation_id = ? ORDER BY seq", conversation_id)
        return [
            {**row, "blocks": json.loads(row["blocks"]), "routing": json.loads(row["routing"] or "null")}
            for row in map(dict, found)
        ]

    def being_answered(self, conversation_id: str) -> bool:
        """Whether the server has just put a message of this conversation to the assistant."""
        return any(row["lease"] and row["answer_state"] == "open" for row in self.messages(conversation_id))

    def logs(self) -> str:
        """The end of what the processes have written."""
        path = self.var_dir / "logs" / "processes.log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.is_file() else ""


def connections(process: psutil.Process) -> list[Any]:
    """What a process listens to and talks to."""
    return list(process.net_connections("tcp"))


@contextmanager
def running(folder: Path) -> Iterator[Stack]:
    """Train if needed, start an installation that keeps its data in ``folder``, stop it at the end."""
    ensure_model()
    ports = dict(zip((SERVER, RASA, ACTIONS), free_ports(3), strict=True))
    own = {
        "NUOYAN_ENV": "development",
        "NUOYAN_VAR_DIR": str(folder),
        "NUOYAN_HOST": "127.0.0.1",
        "NUOYAN_PORT": str(ports[SERVER]),
        "NUOYAN_RASA_URL": f"http://127.0.0.1:{ports[RASA]}",
        "NUOYAN_ACTIONS_URL": f"http://127.0.0.1:{ports[ACTIONS]}",
        **_LIMITS,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NUOYAN_")}
    with (folder / "serve.log").open("w", encoding="utf-8") as said:
        serve = subprocess.Popen(
            [sys.executable, "-c", "from bot.cli import app; app()", "serve"],
            cwd=PROJECT_ROOT, env={**inherited, **own}, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
        )  # fmt: skip
    stack = Stack(ports, folder, psutil.Process(serve.pid))
    try:
        wait_until(lambda: stack.is_ready() or serve.poll() is not None, "the stack ready", READY_WITHIN_S)
        assert serve.poll() is None, (folder / "serve.log").read_text(encoding="utf-8") + stack.logs()
        customer = Customer.arrives(stack.url)
        customer.say(FIRST_QUESTION)
        wait_until(lambda: customer.log()[-1]["role"] != "customer", "a reply to the first question")
        yield stack
    finally:
        _stop(serve)


def _stop(serve: subprocess.Popen[bytes]) -> None:
    """Stop it in order; what is left of it by force."""
    try:
        left = psutil.Process(serve.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        left = []
    serve.send_signal(signal.SIGTERM)
    try:
        serve.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        serve.kill()
        serve.wait()
    for process in left:
        if process.is_running():
            process.kill()
