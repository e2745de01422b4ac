"""Pictures of the staff console: ``python -m tests.e2e.desk_screenshots FOLDER``, each at 1440 and 1024 pixels."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.desk_pages import DeskPage
from tests.e2e.pages import PATIENCE_MS, Chat, launch
from tests.e2e.stack import Stack, running

SIZES = {"1440": {"width": 1440, "height": 900}, "1024": {"width": 1024, "height": 768}}
STORIES = (
    ("/app", ("卡折断了怎么换", "要带什么")),
    ("/app?elder=1", ("退休金哪天到账",)),
    ("/app", ("你们乱扣我年费，我要投诉",)),
    ("/app", ("房贷利率怎么还没降",)),
)


class Studio:
    """Takes pictures of one installation into one folder."""

    def __init__(self, browser: Browser, stack: Stack, folder: Path) -> None:
        self._browser, self._stack, self._folder = browser, stack, folder

    def desk(self, account: str, room: str = "/desk") -> DeskPage:
        """Somebody of the staff, signed in."""
        context = self._browser.new_context(viewport=SIZES["1440"], locale="zh-CN", timezone_id="Asia/Shanghai")
        return DeskPage(context.new_page(), self._stack.url, account).sign_in(room)

    def customer(self, path: str, questions: tuple[str, ...]) -> Chat:
        """A customer who has asked the assistant and then asks for a person."""
        context = self._browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        chat = Chat(context.new_page(), self._stack.url).open(path)
        for question in questions:
            chat.ask(question)
        chat.send("转人工")
        expect(chat.panel.locator(".handoff-card").last).to_be_visible()
        return chat

    def take(self, desk: DeskPage, name: str) -> None:
        """The page at both sizes."""
        for size, viewport in SIZES.items():
            desk.page.set_viewport_size(viewport)
            desk.page.evaluate("() => document.fonts.ready")
            desk.page.screenshot(path=self._folder / f"{name}-{size}.png", animations="disabled")
        desk.page.set_viewport_size(SIZES["1440"])

    def login(self) -> None:
        """Before anybody is signed in."""
        desk = DeskPage(self._browser.new_page(viewport=SIZES["1440"]), self._stack.url, "1001")
        desk.page.goto(f"{desk.url}/console/login")
        expect(desk.page.get_by_label("工号")).to_be_visible()
        self.take(desk, "login")
        desk.page.context.close()

    def day(self) -> None:
        """Customers wait, an agent takes one and talks, a supervisor watches."""
        agent, supervisor = self.desk("1001").online(), self.desk("2001", "/board")
        customers = [self.customer(*story) for story in STORIES]
        expect(agent.rings.first).to_be_visible()
        self.take(agent, "queue")
        agent.accept()
        agent.say("您好，我是人工客服，已看到您之前的对话，马上为您处理。")
        agent.page.get_by_role("button", name="内部备注").click()
        agent.field.fill("客户在外地，优先说明就近网点。")
        agent.field.press("Enter")
        agent.page.get_by_role("button", name="回复客户").click()
        agent.page.get_by_role("button", name="登记工单").click()
        agent.page.get_by_label("主题").fill("补换卡进度跟进")
        agent.page.get_by_role("dialog").get_by_role("button", name="登记", exact=True).click()
        expect(agent.side.locator(".case-link")).to_have_count(1)
        agent.field.fill("今天马上解决")
        expect(agent.findings).to_be_visible()
        self.take(agent, "chat")
        supervisor.page.locator(".chat-row").first.click()
        expect(supervisor.page.locator(".said").first).to_be_visible()
        self.take(supervisor, "board")
        agent.side.locator(".case-link").click()
        expect(agent.page.locator(".case-timeline li").first).to_be_visible()
        self.take(agent, "case")
        for chat in customers:
            chat.page.context.close()


def main(folder: Path) -> None:
    """Start an installation, take all pictures, stop it."""
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as data, running(Path(data)) as stack:
        browser = launch(playwright)
        studio = Studio(browser, stack, folder)
        studio.login()
        studio.day()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
