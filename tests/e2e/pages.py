"""The chat as a customer handles it, and what a page says about itself meanwhile."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Playwright, Response, expect

from tests.support.databases import unavailable

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
PATIENCE_MS = 20_000
_NUMBER = re.compile(r"^[0-9]+$")

# Runs before the page's own scripts: notes every violation of the policy, and every word that enters a live region.
WATCH = """
addEventListener('securitypolicyviolation', (event) =>
  console.error('securitypolicyviolation', event.effectiveDirective, event.blockedURI, event.sample))
window.spokenWords = []
const attach = Element.prototype.attachShadow
Element.prototype.attachShadow = function (options) {
  const root = attach.call(this, options)
  new MutationObserver((records) => {
    for (const record of records) {
      const near = record.target.nodeType === 1 ? record.target : record.target.parentElement
      if (!near?.closest('[aria-live], [role=alert], [role=status], [role=log]')) continue
      const added = record.type === 'characterData' ? [record.target] : [...record.addedNodes]
      for (const node of added) if (node.textContent.trim()) window.spokenWords.push(node.textContent.trim())
    }
  }).observe(root, { childList: true, characterData: true, subtree: true })
  return root
}
"""


def launch(playwright: Playwright) -> Browser:
    """The machine's Chromium; without it the test is skipped, on CI failed."""
    path = shutil.which("chromium")
    if path is None:
        unavailable("no chromium on this machine: apt-get install chromium")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


@dataclass
class Watched:
    """What a page has complained about so far."""

    policy: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @classmethod
    def over(cls, page: Page) -> Watched:
        """Begin to watch ``page``."""
        watched = cls()
        page.add_init_script(WATCH)
        page.on("console", watched._on_console)
        page.on("pageerror", lambda error: watched.crashes.append(str(error)))
        page.on("response", watched._on_response)
        return watched

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        about_policy = "Content Security Policy" in message.text or "securitypolicyviolation" in message.text
        (self.policy if about_policy else self.console).append(message.text)

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.refused.append(f"{response.status} {response.request.method} {response.url}")


class Chat:
    """The chat on one page, on the demo page or full-page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.root = page.locator("nuoyan-chat")
        self.launcher = self.root.locator(".launcher")
        self.panel = self.root.locator(".panel")
        self.input = self.panel.locator("textarea")
        self.rows = self.panel.locator("li.row")
        self.answers = self.panel.locator("li.row.from-bot")
        self.undelivered = self.panel.locator(".delivery[data-state=failed]")
        self.frame = self.root.locator(".ny")

    def open(self, path: str = "/") -> Chat:
        """Go to a page and open the chat; wait for the welcome or the history."""
        self.page.goto(self.url + path)
        if path == "/":
            self.launcher.click()
        expect(self.rows.first).to_be_visible()
        return self

    def send(self, text: str) -> None:
        """Type a text and press Enter."""
        self.input.fill(text)
        self.input.press("Enter")

    def own(self, text: str) -> Locator:
        """Own messages with exactly this text."""
        exactly = self.page.locator(".text").get_by_text(text, exact=True)
        return self.panel.locator("li.row.from-customer").filter(has=exactly)

    def ask(self, text: str) -> Locator:
        """Send a text; the first reply to it."""
        self.send(text)
        return self.reply_to(self.own(text).last)

    def reply_to(self, own: Locator) -> Locator:
        """The first thing said after an own message, once it is there."""
        expect(own).to_have_attribute("data-seq", _NUMBER)
        reply = self.panel.locator(f"li.row[data-seq='{own.get_attribute('data-seq')}'] ~ li.row:not(.from-customer)")
        expect(reply.first).to_be_visible()
        return self.row(int(reply.first.get_attribute("data-seq") or 0))

    def row(self, seq: int) -> Locator:
        """The message with this number."""
        return self.panel.locator(f"li.row[data-seq='{seq}']")

    def seqs(self) -> list[int]:
        """Numbers of all messages, in the order shown; one not yet numbered is 0."""
        return [int(row.get_attribute("data-seq") or 0) for row in self.rows.all()]

    def own_texts(self) -> list[str]:
        """What the customer has written, in the order shown."""
        return self.panel.locator("li.row.from-customer .text").all_inner_texts()

    def words(self) -> str:
        """Everything on the page and in the chat."""
        fields = self.page.evaluate(
            "() => [...document.querySelector('nuoyan-chat').shadowRoot.querySelectorAll('textarea, input')]"
            ".map((field) => field.value).join('\\n')"
        )
        return "\n".join([self.page.inner_text("body"), self.frame.inner_text(), fields])

    def spoken(self) -> list[str]:
        """Everything that has entered a live region since the page was loaded, in order."""
        words: list[str] = self.page.evaluate("() => window.spokenWords")
        return words

    def conversation_id(self) -> str:
        """Name of the conversation, as the browser keeps it."""
        saved: dict[str, Any] = json.loads(
            self.page.evaluate("() => Object.entries(localStorage).find(([name]) => name.endsWith(':conversation'))[1]")
        )
        return str(saved["id"])

    def focused(self) -> str:
        """Class (else tag) of what has the keyboard focus, also inside the chat."""
        name: str = self.page.evaluate(
            "() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) "
            "at = at.shadowRoot.activeElement; return at ? (at.getAttribute('class') || at.tagName) : '' }"
        )
        return name

    def tab_to(self, name: str, most: int = 60) -> None:
        """Press Tab until an element of this class has the focus."""
        for _ in range(most):
            if name in self.focused().split():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches .{name}")


def cited(reply: Locator) -> Locator:
    """Sources of a reply."""
    return reply.locator(".citation")
