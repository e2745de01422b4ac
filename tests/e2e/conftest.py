"""The stack, started once; a browser; a customer with a fresh browser profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from bot.processes.training import ensure_model
from tests.e2e.pages import DESKTOP, PATIENCE_MS, Chat, Watched, launch
from tests.e2e.stack import Stack, running

HERE = Path(__file__).parent
NewContext = Callable[..., BrowserContext]
NewPage = Callable[[BrowserContext], Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test here has two minutes of its own, besides what starting the stack takes.

    They come last: the browser's driver keeps an event loop running, which other tests could not bear.
    """
    items.sort(key=lambda item: HERE in item.path.parents)
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(120, func_only=True))


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model, trained now if the data changed."""
    return ensure_model()


@pytest.fixture(scope="session")
def stack(browser: Browser, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real installation, started once; a machine without a browser does not start it at all."""
    with running(tmp_path_factory.mktemp("installation")) as started:
        yield started


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser process."""
    expect.set_options(timeout=PATIENCE_MS)
    launched = launch(playwright)
    yield launched
    launched.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Makes browser profiles: nothing stored, Chinese, one day zone."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        settings = {"viewport": DESKTOP, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        context = browser.new_context(**settings)
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def context(new_context: NewContext) -> BrowserContext:
    """A customer's browser on a computer."""
    return new_context()


@pytest.fixture
def watched() -> Iterator[dict[Page, Watched]]:
    """Everything the pages complain about; no test may break the policy or crash a script."""
    pages: dict[Page, Watched] = {}
    yield pages
    assert [line for seen in pages.values() for line in seen.policy + seen.crashes] == []


@pytest.fixture
def new_page(watched: dict[Page, Watched]) -> NewPage:
    """Opens watched pages."""

    def make(context: BrowserContext) -> Page:
        page = context.new_page()
        watched[page] = Watched.over(page)
        return page

    return make


@pytest.fixture
def page(context: BrowserContext, new_page: NewPage) -> Page:
    """A customer's page."""
    return new_page(context)


@pytest.fixture
def chat(page: Page, stack: Stack) -> Chat:
    """The chat, not yet opened."""
    return Chat(page, stack.url)
