"""What a person can set, run or type is told to people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = [f"NUOYAN_{name.upper()}" for name in Settings.__fields__]
TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
CODE_SPAN = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*path, name))
    else:
        yield " ".join(("nuoyan", *path))


COMMANDS = sorted(_commands(typer.main.get_command(app)))


@pytest.fixture(scope="module")
def told() -> str:
    """README and the pages under ``docs``."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_that_there_is_something_to_tell() -> None:
    assert {"NUOYAN_PORT", "NUOYAN_DATABASE_URL"} <= set(SETTINGS)
    assert {"run", "test", "train", "lint", "bench", "clean"} <= set(TARGETS)
    assert {"nuoyan serve", "nuoyan ask", "nuoyan knowledge check", "nuoyan test dialogues"} <= set(COMMANDS)


@pytest.mark.parametrize("name", SETTINGS)
def test_that_every_setting_is_described(told: str, name: str) -> None:
    assert re.search(rf"\b{name}\b", told), f"{name} is missing in README.md and docs/"


def test_that_no_setting_is_described_that_does_not_exist(told: str) -> None:
    written = set(re.findall(r"\bNUOYAN_[A-Z0-9_]+\b", told))
    read = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "support").glob("*.py"))
    assert {name for name in written - set(SETTINGS) if name not in read} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_that_every_command_is_described(told: str, command: str) -> None:
    assert re.search(rf"{command}(?![a-z])", told), f"`{command}` is missing in README.md and docs/"


@pytest.mark.parametrize("target", TARGETS)
def test_that_every_make_target_is_described(told: str, target: str) -> None:
    assert f"make {target}" in told, f"`make {target}` is missing in README.md and docs/"


def test_that_no_command_is_described_that_does_not_exist(told: str) -> None:
    code = "\n".join(CODE_SPAN.findall(told))
    assert set(re.findall(r"\bmake ([a-z-]+)", code)) <= set(TARGETS)
    for words in re.findall(r"\bnuoyan((?: [a-z]+)+)", code):
        first = words.split()[0]
        assert any(command.split()[1] == first for command in COMMANDS), f"nuoyan{words}"


def test_that_every_page_and_picture_linked_to_is_there() -> None:
    for page in [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
