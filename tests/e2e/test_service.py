"""Asking for a person, and saying whether an answer helped."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from bot.chat.bank_values import read_bank_values
from bot.settings import PROJECT_ROOT
from tests.e2e.pages import Chat
from tests.e2e.stack import Stack, wait_until

BANK = read_bank_values(PROJECT_ROOT / "data" / "knowledge")


def verdicts(stack: Stack, chat: Chat) -> list[dict[str, Any]]:
    """What the customer has said about answers, as it is stored."""
    found = stack.rows(
        "SELECT seq, value, reason FROM feedback WHERE conversation_id = ? ORDER BY seq", chat.conversation_id()
    )
    return [dict(row) for row in found]


def test_a_person_asked_for_by_button_is_promised_honestly(chat: Chat, stack: Stack) -> None:
    chat.open("/").panel.get_by_role("button", name="转人工", exact=True).first.click()
    card = chat.panel.locator(".handoff-card")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("已为您留言")
    expect(card).to_contain_text("都不在线")
    expect(card).to_contain_text(BANK.agent_hours)
    expect(card).to_contain_text(BANK.hotline)
    expect(card.get_by_role("button")).to_have_count(0)
    waiting = [row for row in stack.messages(chat.conversation_id()) if row["answer_state"] == "desk"]
    assert len(waiting) == 1


def test_a_person_asked_for_in_words_is_promised_the_same(chat: Chat, stack: Stack) -> None:
    answer = chat.open("/").ask("转人工")
    expect(answer.locator(".handoff-card")).to_contain_text(BANK.agent_hours)
    assert stack.messages(chat.conversation_id())[1]["answer_state"] == "desk"
    expect(chat.ask("卡折断了怎么换").locator(".citation").first).to_be_visible()


def test_the_verdict_on_an_answer_is_stored_with_its_reason(chat: Chat, stack: Stack) -> None:
    good = chat.open("/").ask("卡折断了怎么换")
    good.get_by_role("button", name="有帮助", exact=True).click()
    expect(good.get_by_text("谢谢您的评价")).to_be_visible()

    bad = chat.ask("投诉几天给答复")
    bad.get_by_role("button", name="没帮助", exact=True).click()
    bad.get_by_role("checkbox", name="看不明白").check()
    bad.get_by_placeholder("想补充的话").fill("想知道复杂的算不算节假日")
    bad.get_by_role("button", name="提交").click()
    expect(bad.get_by_text("谢谢您的评价")).to_be_visible()

    seqs = [int(answer.get_attribute("data-seq") or 0) for answer in (good, bad)]
    assert verdicts(stack, chat) == [
        {"seq": seqs[0], "value": "up", "reason": None},
        {"seq": seqs[1], "value": "down", "reason": "看不明白；想知道复杂的算不算节假日"},
    ]

    chat.open("/")
    for seq, name in zip(seqs, ("有帮助", "没帮助"), strict=True):
        button = chat.row(seq).get_by_role("button", name=name, exact=True)
        expect(button).to_have_attribute("aria-pressed", "true")
    chat.row(seqs[1]).get_by_role("button", name="有帮助", exact=True).click()
    wait_until(lambda: [row["value"] for row in verdicts(stack, chat)] == ["up", "up"], "the changed verdict")


def test_thumbs_are_offered_for_answers_only(chat: Chat) -> None:
    chat.open("/")
    expect(chat.rows.first.locator(".thumb")).to_have_count(0)
    expect(chat.ask("银行卡").locator(".thumb")).to_have_count(0)
    expect(chat.ask("卡折断了怎么换").locator(".thumb")).to_have_count(2)
