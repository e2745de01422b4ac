"""Run Rasa's prediction graph without planning it anew for every message."""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class PlainGraphRunner(DaskGraphRunner):
    """Rasa's graph runner with the order of its nodes worked out once.

    Rasa hands the graph to Dask, which sorts it and builds a scheduler on each of the three runs a message
    takes. The graph never changes after loading and runs in one thread, so the order is kept instead.
    """

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run the nodes that ``targets`` need.

        In: values by the name nodes ask for them, names of nodes (default: the graph's own targets).
        Out: the output of every target.

        Raises:
            rasa.engine.exceptions.GraphRunError: an input has the name of a node, or one is missing.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        found: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in self._plan(wanted):
            if name in found:
                raise GraphRunError(f"Input '{name}' clashes with a node name.")
            found[name] = self._instantiated_nodes[name](*(found.get(need, need) for need in needs))
        return {name: found[name][1] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        """Return the nodes behind ``targets`` with what each needs, every node after its needs."""
        plans: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = self.__dict__.setdefault("_plans", {})
        if targets not in plans:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            plan: list[tuple[str, tuple[str, ...]]] = []
            planned: set[str] = set()

            def add(name: str) -> None:
                if name in planned or name not in nodes:
                    return
                planned.add(name)
                needs = tuple(nodes[name].needs.values())
                for need in needs:
                    add(need)
                plan.append((name, needs))

            for target in targets:
                add(target)
            plans[targets] = plan
        return plans[targets]
