"""A complaint from one angry sentence to its progress in the customer's own window, in a real browser."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import NewContext, NewPage
from tests.e2e.pages import PHONE, Chat
from tests.e2e.stack import Stack
from tests.support.staff import BY_ROLE, StaffClient

ANGRY = "昨天下午我去你们城东支行取钱，柜员爱答不理还让我白排了两个小时队，我要投诉，要求她当面给我道歉！"
PHONE_NUMBER = "13800135678"


def filed(chat: Chat) -> Locator:
    """Tell a complaint in one sentence, answer what is asked, agree; the receipt."""
    chat.ask(ANGRY)
    told_phone(chat)
    chat.ask("确认")
    receipt = chat.panel.locator(".case-card[data-event=created]")
    expect(receipt).to_have_count(1)
    return receipt


def told_phone(chat: Chat) -> None:
    """Give a telephone number, which is covered at once; wait for the read-back."""
    chat.send(f"打我手机{PHONE_NUMBER}")
    expect(chat.answers.last).to_contain_text("尾号 5678")


def number_of(chat: Chat, stack: Stack) -> str:
    """The number of the one case of this conversation."""
    query = "SELECT number FROM cases WHERE conversation_id = ?"
    (row,) = stack.rows(query, chat.conversation_id())
    return str(row["number"])


def test_a_complaint_told_at_once_is_filed_read_back_and_followed(chat: Chat, stack: Stack) -> None:
    chat.open("/app")
    first = chat.ask(ANGRY)
    expect(first).to_contain_text("抱歉")

    chat.open("/app")  # reloaded in the middle: the form goes on
    told_phone(chat)
    assert PHONE_NUMBER not in chat.words()
    chat.ask("确认")
    receipt = chat.panel.locator(".case-card[data-event=created]")
    expect(receipt).to_have_count(1)
    assert len(chat.own_texts()) <= 5, "one sentence and at most four more messages"

    number = number_of(chat, stack)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    due = today + timedelta(days=15)
    expect(receipt).to_contain_text(number)
    expect(receipt).to_contain_text(f"{due.year}年{due.month}月{due.day}日")
    for hotline in ("12378", "12363"):
        expect(chat.panel).to_contain_text(hotline)

    receipt.get_by_role("button").click()
    case = chat.panel.locator(f".case[data-number='{number}']")
    expect(case.locator(".case-status")).to_be_visible()
    before = case.locator(".case-status").inner_text()
    staff = StaffClient(stack.url, BY_ROLE["supervisor"])
    version = staff.get(f"/api/staff/cases/{number}").json()["version"]
    moved = staff.post(
        f"/api/staff/cases/{number}/advance",
        {"status": "in_progress", "version": version, "note": "已调取当天录像，正在核实。"},
    )
    assert moved.status_code == 200, moved.text
    expect(case.locator(".case-status")).not_to_have_text(before)
    expect(case).to_contain_text("已调取当天录像")


def test_a_complaint_stores_no_number_beyond_its_tail(chat: Chat, stack: Stack) -> None:
    filed(chat.open("/app"))
    number = number_of(chat, stack)
    (row,) = stack.rows("SELECT * FROM cases WHERE number = ?", number)
    assert row["phone_tail"] == "5678"
    assert row["contact_sealed"]
    assert all(PHONE_NUMBER not in str(row[name]) for name in row.keys())  # noqa: SIM118 - a row iterates over values
    assert PHONE_NUMBER not in stack.logs()


def test_progress_fits_a_phone(new_context: NewContext, new_page: NewPage, stack: Stack) -> None:
    chat = Chat(new_page(new_context(**PHONE)), stack.url).open("/app")
    receipt = filed(chat)
    receipt.get_by_role("button").click()
    case = chat.panel.locator(".case").first
    expect(case).to_be_visible()
    box = case.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["viewport"]["width"]  # type: ignore[index]
