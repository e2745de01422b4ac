"""The conversation outlives the page: after a reload, and in a second tab."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage
from tests.e2e.pages import Chat
from tests.e2e.stack import Stack


def test_after_a_reload_the_history_is_there_once_and_is_not_announced(chat: Chat) -> None:
    chat.open("/").ask("卡折断了怎么换")
    chat.ask("要带什么")
    seqs, words = chat.seqs(), chat.rows.locator(".text").all_inner_texts()

    chat.open("/")
    expect(chat.own("要带什么")).to_be_visible()
    assert (chat.seqs(), chat.rows.locator(".text").all_inner_texts()) == (seqs, words)
    assert len(set(seqs)) == len(seqs)
    assert chat.spoken() == []

    expect(chat.ask("多久")).to_contain_text("当场")
    spoken = chat.spoken()
    assert len(spoken) == 1, spoken
    assert "当场" in spoken[0]


def test_a_choice_made_before_a_reload_is_still_shown_as_made(chat: Chat) -> None:
    choice = chat.open("/").rows.first.locator("button.quick").nth(2)
    title = choice.inner_text()
    choice.click()
    chat.reply_to(chat.own(title))
    chat.open("/")
    expect(chat.rows.first.locator("button.quick[aria-pressed=true]")).to_have_text(title)


def test_two_tabs_show_the_same_conversation(chat: Chat, page: Page, new_page: NewPage, stack: Stack) -> None:
    chat.open("/").ask("存款证明怎么开")
    other = Chat(new_page(page.context), stack.url).open("/")
    expect(other.own("存款证明怎么开")).to_be_visible()
    assert other.conversation_id() == chat.conversation_id()

    for writing, reading, question in ((chat, other, "卡折断了怎么换"), (other, chat, "投诉几天给答复")):
        answer = writing.ask(question)
        expect(reading.own(question)).to_have_count(1)
        arrived = reading.row(int(answer.get_attribute("data-seq") or 0))
        expect(arrived).to_have_text(answer.inner_text(), use_inner_text=True)
    assert chat.seqs() == other.seqs()
    assert len(set(chat.seqs())) == len(chat.seqs())


def test_a_new_conversation_forgets_the_old_one_on_this_device(chat: Chat) -> None:
    chat.open("/").ask("卡折断了怎么换")
    before = chat.conversation_id()
    chat.panel.get_by_role("button", name="更多").click()
    chat.panel.get_by_role("button", name="开始新对话").click()
    chat.panel.get_by_role("button", name="开始新对话").click()
    expect(chat.rows).to_have_count(1)
    expect(chat.own("卡折断了怎么换")).to_have_count(0)
    assert chat.conversation_id() != before
