"""Pictures of the running chat for the documentation: ``python -m tests.e2e.screenshots docs/images``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.pages import DESKTOP, PATIENCE_MS, PHONE, Chat, cited, launch
from tests.e2e.stack import RASA, Stack, running

QUESTION = "卡折断了怎么换"


class Studio:
    """Takes pictures of one installation into one folder."""

    def __init__(self, browser: Browser, stack: Stack, folder: Path) -> None:
        self._browser, self._stack, self._folder = browser, stack, folder

    def customer(self, path: str, **options: Any) -> Chat:
        """A fresh customer who has opened the chat."""
        settings = {"viewport": DESKTOP, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        return Chat(self._browser.new_context(**settings).new_page(), self._stack.url).open(path)

    def take(self, chat: Chat, name: str) -> None:
        """Take the picture of what is in the window and close the browser profile."""
        chat.page.evaluate("() => document.fonts.ready")
        chat.page.screenshot(path=self._folder / f"{name}.png", animations="disabled")
        chat.page.context.close()

    def answered(self, name: str, path: str, questions: tuple[str, ...], **options: Any) -> None:
        """A conversation whose last answer is cited."""
        chat = self.customer(path, **options)
        for question in questions:
            expect(cited(chat.ask(question)).first).to_be_attached()
        self.take(chat, name)

    def failed(self) -> None:
        """No answer from the assistant, then no network."""
        chat = self.customer("/")
        with self._stack.frozen(RASA):
            chat.ask(QUESTION)
        chat.page.context.set_offline(True)
        chat.send("我想找人问问")
        expect(chat.undelivered).to_be_visible()
        expect(chat.panel.locator(".banner.warning")).to_be_visible()
        self.take(chat, "error")


def main(folder: Path) -> None:
    """Start an installation, take all pictures, stop it."""
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as data, running(Path(data)) as stack:
        browser = launch(playwright)
        studio = Studio(browser, stack, folder)
        studio.answered("desktop", "/", (QUESTION, "要带什么"))
        studio.answered("phone", "/", (QUESTION, "多久"), **PHONE)
        studio.answered("elder", "/app?elder=1", (QUESTION, "多久"), **PHONE)
        studio.answered("dark", "/", ("投诉几天给答复",), color_scheme="dark")
        studio.failed()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
