"""The project's own training data, read once, and a place for components to keep what they learn."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage

from bot.nlu.examples import Example, read_examples

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Every example sentence of ``data/nlu``."""
    return read_examples(sorted((ROOT / "data" / "nlu").glob("*.yml")))


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    """Rasa's own model storage in a throw-away folder."""
    return LocalModelStorage.create(tmp_path)


@pytest.fixture
def execution() -> ExecutionContext:
    """What Rasa hands to every component."""
    return ExecutionContext(GraphSchema({}), node_name="node")
