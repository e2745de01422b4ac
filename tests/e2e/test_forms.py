"""The forms the chat takes: large type, dark, on a phone, and what a customer presses there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewContext, NewPage
from tests.e2e.pages import PHONE, Chat
from tests.e2e.stack import Stack

TARGET_PX = 60
# A checkbox or radio is pressed by its label; links inside a sentence are exempt (WCAG 2.5.8).
TARGETS = """
(panel) => [...panel.querySelectorAll('button, textarea, label, a[href]')]
  .filter((one) => one.checkVisibility() && !one.closest('.text') && !one.classList.contains('more'))
  .map((one) => ({ name: one.className + ' ' + (one.getAttribute('aria-label') ?? one.innerText).slice(0, 20),
                   width: one.getBoundingClientRect().width, height: one.getBoundingClientRect().height }))
"""
LUMINANCE = """
(element) => {
  const [r, g, b] = getComputedStyle(element).backgroundColor.match(/[0-9.]+/g).map((part) => part / 255)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
"""


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_large_type_puts_a_person_first_and_everything_in_reach(
    new_context: NewContext, new_page: NewPage, stack: Stack, phone: bool
) -> None:
    chat = Chat(new_page(new_context(**(PHONE if phone else {}))), stack.url).open("/app?elder=1")
    answer = chat.ask("卡折断了怎么换")
    answer.get_by_role("button", name="没帮助").click()
    expect(answer.get_by_role("button", name="提交")).to_be_visible()
    chat.panel.get_by_role("button", name="更多").click()

    pressed = chat.panel.locator("button, a[href], textarea, input")
    expect(pressed.first).to_have_text("转人工")
    first = pressed.first.bounding_box()
    others = [box for one in pressed.all()[1:] if (box := one.bounding_box())]
    assert first and all((first["y"], first["x"]) <= (box["y"], box["x"]) or box["y"] < 0 for box in others)

    targets = chat.panel.evaluate(TARGETS)
    assert len(targets) > 10
    assert [one for one in targets if min(one["width"], one["height"]) < TARGET_PX] == []
    assert float(answer.locator(".text").first.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")) >= 20


def test_large_type_is_one_press_away_and_remembered(chat: Chat) -> None:
    chat.open("/").panel.get_by_role("button", name="切换到大字版").click()
    expect(chat.panel.get_by_role("button", name="回到标准版")).to_be_visible()
    expect(chat.panel.locator("button, a[href], textarea").first).to_have_text("转人工")
    chat.open("/")
    expect(chat.panel.get_by_role("button", name="回到标准版")).to_be_visible()


def test_dark_follows_the_system_and_the_customers_choice(
    new_context: NewContext, new_page: NewPage, stack: Stack
) -> None:
    chat = Chat(new_page(new_context(color_scheme="dark")), stack.url).open("/app")
    expect(chat.frame).to_have_attribute("data-theme", "dark")
    assert chat.panel.evaluate(LUMINANCE) < 0.15
    assert chat.rows.first.locator(".bubble").evaluate(LUMINANCE) < 0.3
    chat.panel.get_by_role("button", name="更多").click()
    chat.panel.locator("label").filter(has_text="浅色").click()
    expect(chat.frame).to_have_attribute("data-theme", "light")
    assert chat.panel.evaluate(LUMINANCE) > 0.8


def test_on_a_phone_the_panel_fills_the_screen(new_context: NewContext, new_page: NewPage, stack: Stack) -> None:
    chat = Chat(new_page(new_context(**PHONE)), stack.url).open("/")
    chat.ask("投诉几天给答复")
    assert chat.panel.bounding_box() == {"x": 0, "y": 0, **PHONE["viewport"]}  # type: ignore[dict-item]
    assert chat.panel.evaluate("(panel) => [panel, panel.querySelector('.list')].every("
                               "(one) => one.scrollWidth <= one.clientWidth)")  # fmt: skip
    writing = chat.input.bounding_box()
    assert writing and writing["y"] + writing["height"] <= PHONE["viewport"]["height"]  # type: ignore[index]
    # Smaller type makes phones zoom into the field.
    assert chat.input.evaluate("(field) => parseFloat(getComputedStyle(field).fontSize)") >= 16


@pytest.mark.parametrize(("lang", "person"), [("zh-TW", "轉人工"), ("en", "Human")])
def test_the_frame_speaks_the_customers_language(chat: Chat, lang: str, person: str) -> None:
    chat.open(f"/app?lang={lang}")
    expect(chat.frame).to_have_attribute("lang", lang)
    expect(chat.panel.locator(".handoff-button")).to_have_text(person)
