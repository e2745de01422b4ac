"""For people who use a screen reader or no mouse."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import NewContext, NewPage
from tests.e2e.pages import PHONE, Chat, cited
from tests.e2e.stack import Stack

FORMS = {
    "demo page": ("/", {}),
    "full page": ("/app", {}),
    "elder": ("/app?elder=1", PHONE),
    "dark": ("/", {"color_scheme": "dark"}),
    "dark elder": ("/app?elder=1&theme=dark", {}),
}


def serious_findings(chat: Chat) -> list[str]:
    """Findings of axe-core, serious or critical; checks that it looked into the chat."""
    results = Axe().run(chat.page, options={"resultTypes": ["violations", "passes"]}).response
    inside = [node for rule in results["passes"] for node in rule["nodes"] if isinstance(node["target"][0], list)]
    assert inside, "axe-core has not looked into the chat"
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in results["violations"]
        for node in rule["nodes"]
        if rule["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("form", FORMS)
def test_axe_finds_nothing_serious(new_context: NewContext, new_page: NewPage, stack: Stack, form: str) -> None:
    path, options = FORMS[form]
    chat = Chat(new_page(new_context(**options)), stack.url).open(path)
    answer = chat.ask("卡折断了怎么换")
    assert serious_findings(chat) == []
    answer.get_by_role("button", name="没帮助").click()
    expect(answer.get_by_role("button", name="提交")).to_be_visible()
    chat.panel.locator(".handoff-button").click()
    expect(chat.panel.locator(".handoff-card")).to_be_visible()
    chat.panel.get_by_role("button", name="更多").click()
    assert serious_findings(chat) == []


def test_the_page_without_the_chat_has_nothing_serious_either(chat: Chat) -> None:
    chat.page.goto(chat.url)
    expect(chat.launcher).to_be_visible()
    assert serious_findings(chat) == []


def test_a_whole_talk_with_the_keyboard_alone(chat: Chat) -> None:
    keyboard = chat.page.keyboard
    chat.page.goto(chat.url)
    expect(chat.launcher).to_be_visible()
    chat.tab_to("launcher")
    keyboard.press("Enter")
    expect(chat.rows.first).to_be_visible()
    assert chat.focused() == "input"

    keyboard.type("卡折断了怎么换")
    keyboard.press("Enter")
    answer = chat.reply_to(chat.own("卡折断了怎么换"))
    expect(cited(answer).first).to_be_visible()
    assert chat.focused() == "input"

    # Round the dialog and never out of it, past the choices of the answer.
    seen = []
    for _ in range(80):
        keyboard.press("Tab")
        seen.append(chat.focused())
        if len(seen) > 1 and seen[-1] == "input":
            break
    assert seen[-1] == "input"
    assert {"handoff-button", "quick", "thumb"} <= set(seen)
    assert "BODY" not in seen

    keyboard.press("Escape")
    expect(chat.panel).to_have_count(0)
    assert chat.focused() == "launcher"


def test_focus_returns_to_the_banks_own_link(chat: Chat) -> None:
    chat.page.goto(chat.url)
    expect(chat.launcher).to_be_visible()
    link = chat.page.get_by_role("link", name="问问在线客服")
    link.focus()
    chat.page.keyboard.press("Enter")
    expect(chat.input).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_have_count(0)
    expect(link).to_be_focused()


def test_a_choice_pressed_with_the_keyboard_keeps_the_focus_in_the_chat(chat: Chat) -> None:
    chat.open("/")
    chat.tab_to("quick")
    chat.page.keyboard.press("Enter")
    expect(chat.answers).to_have_count(2)
    assert chat.panel.evaluate("(panel) => panel.contains(panel.getRootNode().activeElement)")
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_have_count(0)


def test_an_answer_is_announced_once_with_its_source(chat: Chat) -> None:
    answer = chat.open("/").ask("卡折断了怎么换")
    expect(cited(answer).first).to_be_visible()
    spoken = [words for words in chat.spoken() if "旧卡" in words]
    assert len(spoken) == 1
    assert spoken[0].startswith("机器人")
    assert "依据" in spoken[0]
    regions = chat.root.locator("[aria-live], [role=status], [role=alert], [role=log]")
    expect(regions).to_have_count(1)
    expect(regions).to_have_attribute("aria-live", "polite")
