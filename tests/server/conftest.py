"""A running server with a stand-in assistant, shared by the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.running import Customer, Running, running, settings_for
from tests.support.standin import StandIn, echo, standing_in


@pytest.fixture(scope="module")
def _standin() -> Iterator[StandIn]:
    with standing_in() as started:
        yield started


@pytest.fixture
def standin(_standin: StandIn) -> Iterator[StandIn]:
    """The assistant; each test finds it echoing, with nothing asked yet."""
    _standin.answer = echo
    _standin.questions.clear()
    while not _standin.asked.empty():
        _standin.asked.get()
    yield _standin
    _standin.open_all()


@pytest.fixture(scope="module")
def server(_standin: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server with generous limits."""
    with running(settings_for(tmp_path_factory.mktemp("server"), _standin.url)) as started:
        yield started


@pytest.fixture
def customer(server: Running, standin: StandIn) -> Customer:
    """A customer who has just arrived."""
    return Customer.arrives(server.url)
