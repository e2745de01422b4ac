"""The graph of a model runs to the same results without Dask."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner

from bot.processes.plain_runner import PlainGraphRunner


class Add(GraphComponent):
    """Adds its two inputs and a number of its own; notes that it ran."""

    ran: ClassVar[list[str]] = []

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Add:
        return cls(config)

    def add(self, left: int, right: int) -> int:
        self.ran.append(self._config["name"])
        return left + right + int(self._config["plus"])


def node(name: str, left: str, right: str, plus: int, is_target: bool = False) -> SchemaNode:
    return SchemaNode(
        needs={"left": left, "right": right},
        uses=Add,
        constructor_name="create",
        fn="add",
        config={"name": name, "plus": plus},
        eager=True,
        is_target=is_target,
    )


SCHEMA = GraphSchema(
    {
        "last": node("last", "middle", "first", 100, is_target=True),
        "middle": node("middle", "first", "given", 10),
        "first": node("first", "given", "given", 1),
        "aside": node("aside", "given", "first", 1000),
    }
)


def runner(kind: type[DaskGraphRunner]) -> DaskGraphRunner:
    return kind.create(SCHEMA, None, ExecutionContext(SCHEMA), [])  # type: ignore[arg-type]


@pytest.mark.parametrize("targets", [None, ["last"], ["middle"], ["aside", "middle"], ["middle", "last"]])
def test_that_it_gives_what_dask_gives(targets: list[str] | None) -> None:
    plain, dask = runner(PlainGraphRunner), runner(DaskGraphRunner)
    for given in (1, 2):
        assert plain.run({"given": given}, targets) == dask.run({"given": given}, targets)


def test_that_only_what_is_needed_runs_and_every_node_once_after_its_needs() -> None:
    Add.ran.clear()
    assert runner(PlainGraphRunner).run({"given": 1}, ["last"]) == {"last": 117}
    assert Add.ran == ["first", "middle", "last"]


@pytest.mark.parametrize("kind", [PlainGraphRunner, DaskGraphRunner])
def test_that_a_missing_input_is_an_error(kind: type[DaskGraphRunner]) -> None:
    with pytest.raises(GraphRunError):
        runner(kind).run({}, ["first"])


def test_that_an_input_may_not_be_called_like_a_node() -> None:
    with pytest.raises(GraphRunError, match="first"):
        runner(PlainGraphRunner).run({"given": 1, "first": 2}, ["last"])
