"""What a customer types can neither run in the page nor stay anywhere when it is a secret."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from stdnum import luhn

from tests.e2e.pages import Chat, Watched, cited
from tests.e2e.stack import Stack

STRICT = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
}
_BEGINNING = "622202020011223344"
CARD = _BEGINNING + luhn.calc_check_digit(_BEGINNING)
HAN = "零一二三四五六七八九"
SPELLINGS = {
    "digits in groups": " ".join(re.findall("[0-9]{1,4}", CARD)),
    "full width": "".join(chr(ord(digit) + 0xFEE0) for digit in CARD),
    "Chinese numerals": "".join(HAN[int(digit)] for digit in CARD),
}
PIECE = 8
"""So many digits in a row are more than the last four that may be shown."""


def pieces() -> set[str]:
    """Every piece of the card in every spelling it was typed in, and in plain digits."""
    found = set()
    for spelling in (CARD, *SPELLINGS.values()):
        length = PIECE + PIECE // 4 if " " in spelling else PIECE
        found |= {spelling[at : at + length] for at in range(len(spelling) - length + 1)}
    return found


def files_holding(stack: Stack, words: set[str]) -> list[str]:
    """Files of the installation in which one of ``words`` stands, plain or as JSON spells it."""
    forms = {word.encode() for word in words} | {word.encode("unicode_escape") for word in words}
    files = [path for path in stack.var_dir.rglob("*") if path.is_file()]
    return [path.name for path in files if _holds(path.read_bytes(), forms)]


def _holds(content: bytes, forms: set[bytes]) -> bool:
    return any(form in content for form in forms)


def test_a_card_number_stays_nowhere(chat: Chat, stack: Stack) -> None:
    chat.open("/")
    for name, spelling in SPELLINGS.items():
        chat.send(f"白鹭七号问一下 {spelling} 这张卡怎么挂失")
        own = chat.panel.locator("li.row.from-customer").last
        expect(own.get_by_text("敏感信息已遮盖")).to_be_visible()
        chat.reply_to(own)
        assert not [piece for piece in pieces() if piece in chat.words()], name

    answer = chat.ask("卡折断了怎么换")
    answer.get_by_role("button", name="没帮助").click()
    answer.get_by_placeholder("想补充的话").fill(f"我的卡是 {SPELLINGS['digits in groups']}")
    answer.get_by_role("button", name="提交").click()
    expect(answer.get_by_text("谢谢您的评价")).to_be_visible()

    masked = [row["masked"] for row in stack.messages(chat.conversation_id()) if row["role"] == "customer"]
    assert masked == ['["card"]'] * len(SPELLINGS) + ["[]"]
    found = set(files_holding(stack, {"白鹭七号"}))
    assert found & {"nuoyan.db", "nuoyan.db-wal"}, "the search does not find what is there"
    assert files_holding(stack, pieces()) == []

    chat.open("/")
    expect(chat.own("卡折断了怎么换")).to_be_visible()
    assert not [piece for piece in pieces() if piece in chat.words()]
    kept = chat.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert not [piece for piece in pieces() if piece in kept]


def test_the_policy_is_strict_on_every_page(chat: Chat) -> None:
    for path in ("/", "/app", "/widget/nuoyan.js", "/api/health/live"):
        response = chat.page.request.get(chat.url + path)
        assert response.ok
        policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
        assert {name: policy[name] for name in STRICT} == STRICT, path
        assert "unsafe" not in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"


def test_a_whole_talk_stays_within_the_policy(chat: Chat, watched: dict[Page, Watched]) -> None:
    chat.open("/")
    cited(chat.ask("卡折断了怎么换")).first.wait_for()
    answer = chat.ask("投诉几天给答复")
    chat.ask("手续费").locator("button.quick").first.click()
    answer.get_by_role("button", name="没帮助").click()
    answer.get_by_role("button", name="提交").click()
    chat.panel.get_by_role("button", name="切换到大字版").click()
    chat.panel.get_by_role("button", name="更多").click()
    chat.panel.locator("label").filter(has_text="深色").click()
    chat.panel.locator(".handoff-button").click()
    expect(chat.panel.locator(".handoff-card")).to_be_visible()
    chat.open("/app")
    expect(chat.panel.locator(".handoff-card")).to_be_visible()
    seen = watched[chat.page]
    assert (seen.policy, seen.console, seen.crashes, seen.refused) == ([], [], [], [])


def test_the_watch_over_the_policy_would_notice(chat: Chat, watched: dict[Page, Watched]) -> None:
    chat.open("/")
    for name, content in (("style", "a {}"), ("script", "window.ran = 1")):
        chat.page.evaluate(
            "([name, content]) => document.body.append("
            "Object.assign(document.createElement(name), { textContent: content }))",
            [name, content],
        )
    seen = watched[chat.page]
    expect(chat.panel).to_be_visible()
    assert chat.page.evaluate("() => window.ran") is None
    assert any("securitypolicyviolation style-src" in line for line in seen.policy)
    assert any("securitypolicyviolation script-src" in line for line in seen.policy)
    seen.policy.clear()


def test_markup_typed_by_a_customer_stays_text(chat: Chat) -> None:
    chat.open("/")
    for markup in (
        "<img src=x onerror=\"window.ran='image'\">",
        "<script>window.ran='script'</script>卡怎么换",
        "[点我](javascript:window.ran='link') <a href=\"javascript:window.ran='link'\">点我</a>",
        "{{ constructor.constructor(\"window.ran='template'\")() }}",
    ):
        chat.ask(markup)
        expect(chat.own(markup)).to_have_count(1)
    chat.open("/")
    expect(chat.panel.locator("li.row.from-customer")).to_have_count(4)
    expect(chat.panel.locator("li.row :is(img, script, iframe, [onerror], [href^='javascript' i])")).to_have_count(0)
    assert chat.page.evaluate("() => window.ran") is None


def test_another_browser_sees_nothing_of_the_conversation(chat: Chat, stack: Stack) -> None:
    chat.open("/").ask("卡折断了怎么换")
    path = f"{stack.url}/api/conversations/{chat.conversation_id()}/messages"
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        response = chat.page.request.get(path, headers=headers)
        assert not response.ok
        assert "卡折断" not in response.text()
