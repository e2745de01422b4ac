"""The staff console as agents and supervisors handle it."""

from __future__ import annotations

from types import TracebackType

from playwright.sync_api import Locator, Page, expect

from bot.identity.staff_demo import DEMO_PASSWORD

# Ends whatever this person still has under way and goes offline, by the interface the page itself uses.
LEAVE = """
async () => {
  const { csrf_token } = await (await fetch('/api/staff/me')).json()
  const call = (method, path, body) => fetch('/api/staff/desk' + path, {
    method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf_token } })
  for (const chat of await (await fetch('/api/staff/desk/chats?scope=mine')).json()) {
    await call('POST', `/chats/${chat.conversation_id}/end`, {})
    await call('POST', `/chats/${chat.conversation_id}/disposition`, { code: 'other' })
  }
  await call('PUT', '/me/status', { status: 'offline' })
}
"""


class DeskPage:
    """The desk of one member of staff; leaves it tidy at the end of a ``with`` block."""

    def __init__(self, page: Page, url: str, account: str) -> None:
        self.page, self.url, self.account = page, url, account
        self.rings = page.locator(".ring")
        self.rows = page.locator(".list.mine .chat-row")
        self.waiting = page.locator(".list.queue .chat-row")
        self.transcript = page.locator(".transcript")
        self.field = page.locator(".composer-text")
        self.findings = page.locator(".findings")
        self.side = page.locator(".side")

    def __enter__(self) -> DeskPage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.page.evaluate(LEAVE)
        self.page.context.close()

    def sign_in(self, room: str = "/desk") -> DeskPage:
        """Sign in with the demo account and go to a room."""
        self.page.goto(f"{self.url}/console/login")
        self.page.get_by_label("工号").fill(self.account)
        self.page.get_by_label("密码", exact=True).fill(DEMO_PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.locator(".shell-top h1")).not_to_have_text("登录")
        self.page.goto(f"{self.url}/console{room}")
        return self

    def online(self) -> DeskPage:
        """Be ready for customers."""
        expect(self.page.locator(".load")).to_be_visible()
        if self.page.locator(".status-switch").get_attribute("data-status") != "online":
            self.page.get_by_role("button", name="上线接待").click()
        expect(self.page.locator(".status-switch")).to_have_attribute("data-status", "online")
        return self

    def accept(self) -> None:
        """Take what rings or what a colleague offers, with the keyboard."""
        expect(self.rings.first).to_be_visible()
        ringing = self.rings.count()
        self.page.keyboard.press("Alt+a")
        expect(self.rings).to_have_count(ringing - 1)
        expect(self.field).to_be_focused()

    def say(self, text: str) -> None:
        """Write to the customer; wait until the server has it."""
        field = self.page.get_by_role("textbox", name="回复客户")
        field.fill(text)
        field.press("Enter")
        self.has_said(text)

    def has_said(self, text: str) -> None:
        """Own words stand in the transcript once, and no longer as being sent."""
        expect(self.said(text)).to_have_count(1)
        expect(self.page.locator("[data-sending]")).to_have_count(0)

    def said(self, text: str) -> Locator:
        """Messages of anybody with these words."""
        return self.transcript.locator(".said").filter(has_text=text)

    def choose_colleague(self, account: str) -> None:
        """Choose in the open dialog."""
        self.page.get_by_role("combobox", name="坐席").click()
        self.page.get_by_role("option").filter(has_text=account).click()
