"""``python -m bot.processes.action_server --port N``: the action server, its actions in threads.

The SDK calls a plain ``run`` on its only thread: while one customer's action waits for a database, no
other action and no health check gets an answer.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from typing import Any

import rasa_sdk.endpoint
from rasa_sdk.__main__ import main_from_args
from rasa_sdk.executor import ActionExecutor


class ThreadedExecutor(ActionExecutor):
    """Runs every action that is no coroutine in a thread."""

    def register_function(self, name: str, f: Callable[..., Any]) -> None:
        """Register ``f`` for the action ``name``; raises as the SDK does when its parameters don't fit."""
        super().register_function(name, f)
        if not inspect.iscoroutinefunction(f):
            self.actions[name] = functools.partial(asyncio.to_thread, f)


def main() -> None:
    """Serve the package ``actions`` with the SDK's own command line."""
    rasa_sdk.endpoint.ActionExecutor = ThreadedExecutor
    parser = rasa_sdk.endpoint.create_argument_parser()
    parser.set_defaults(actions="actions")
    main_from_args(parser.parse_args())


if __name__ == "__main__":
    main()
