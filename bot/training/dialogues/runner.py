"""The entry of ``nuoyan test dialogues``: from files to an exit code."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bot.knowledge.loader import KnowledgeError, read_yaml
from bot.processes.stack import CannotStart
from bot.settings import PROJECT_ROOT, Settings, get_settings
from bot.training.dialogues.bench import ServerBench
from bot.training.dialogues.client import CustomerClient
from bot.training.dialogues.files import DialogueFileError, load_dialogues
from bot.training.dialogues.player import Player, Result
from bot.training.dialogues.report import lines_of, summary, write_junit
from bot.training.dialogues.schema import Dialogue
from bot.training.dialogues.stack import Running, running_stack
from bot.training.dialogues.stores import Stores

PASSED, FAILED, UNUSABLE = 0, 1, 2
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def run_files(paths: list[Path], junit: Path | None, server: str | None, model: Path | None = None) -> int:
    """Run conversation files and print what came of them.

    Args:
        paths: conversation files.
        junit: where to write JUnit XML; None writes none.
        server: address of a running development server; None starts a throw-away stack.
        model: a candidate model for the throw-away stack; None takes the one of the present data.

    Returns:
        0 when all conversations pass, 1 when one does not, 2 when the files or the stack are unusable.
    """
    junit = junit.absolute() if junit is not None else None
    try:
        dialogues = load_dialogues([path.absolute() for path in paths])
        place = _named(server) if server is not None else running_stack(model)
        results = asyncio.run(_run(dialogues, place))
    except (DialogueFileError, CannotStart) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except asyncio.CancelledError:
        print("测试已中断。", file=sys.stderr)
        return UNUSABLE
    print(summary(results))
    if junit is not None:
        write_junit(junit, results)
    return FAILED if any(result.failures for result in results) else PASSED


async def _run(dialogues: list[Dialogue], place: AbstractAsyncContextManager[Running]) -> list[Result]:
    async with place as running, CustomerClient(running.url) as client, ServerBench(running.url) as bench:
        player = Player(client, bench, running.stores, internal=internal_ids())
        return await player.run(dialogues, done=_print)


def _print(result: Result) -> None:
    print("\n".join(lines_of(result)), flush=True)


@asynccontextmanager
async def _named(server: str) -> AsyncIterator[Running]:
    """A server that runs already; what it keeps is known when it is this installation's own."""
    settings = get_settings()
    yield Running(server, Stores(settings.database_url, settings.var_dir) if _is_own(server, settings) else Stores())


def _is_own(server: str, settings: Settings) -> bool:
    address = urlsplit(server)
    return address.hostname in _LOOPBACK and address.port == settings.port


def internal_ids(taxonomy: Path = PROJECT_ROOT / "data" / "taxonomy.yml") -> frozenset[str]:
    """Return ids that no customer must ever see: topics, and acts that are no plain words."""
    try:
        entries = read_yaml(taxonomy)
    except KnowledgeError:
        return frozenset()
    names = [*entries["topics"], *entries["standards"], *(act for act in entries["acts"] if "_" in act)]
    return frozenset(map(str, names))
