"""Run a real HTTP server on a free port in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

START_DEADLINE_S = 30.0


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextmanager
def serving(config: uvicorn.Config) -> Iterator[str]:
    """Serve until the end of the ``with``; gives the address, e.g. ``http://127.0.0.1:34567``."""
    config.host, config.port = "127.0.0.1", 0
    server = _Announced(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if not server.up.wait(START_DEADLINE_S):
        raise RuntimeError("the server did not start")
    if server.should_exit:
        thread.join()
        raise RuntimeError("the server refused to start")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(START_DEADLINE_S)
