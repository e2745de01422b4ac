"""Customers and agents, each in a real browser: the whole way from a failed answer to the rating and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import NewContext, NewPage
from tests.e2e.desk_pages import DeskPage
from tests.e2e.pages import Chat
from tests.e2e.stack import Stack, wait_until

Desks = Callable[..., DeskPage]
CONSOLE = {"viewport": {"width": 1440, "height": 900}}
NONSENSE = ("嘟噜哒哒嘟", "呜啦呜啦哔")
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def desks(new_context: NewContext, new_page: NewPage, stack: Stack) -> Iterator[Desks]:
    """Seats members of staff, each in a browser profile of their own; all leave in the end."""
    seated: list[DeskPage] = []

    def seat(account: str, room: str = "/desk") -> DeskPage:
        desk = DeskPage(new_page(new_context(**CONSOLE)), stack.url, account).sign_in(room)
        seated.append(desk)
        return desk

    yield seat
    for desk in seated:
        with desk:
            pass


def waits(chat: Chat) -> None:
    """The customer asks for a person and gets a place in the queue."""
    chat.panel.get_by_role("button", name="转人工", exact=True).first.click()
    expect(chat.panel.locator(".handoff-card").first).to_contain_text("正在为您转接")


def test_the_whole_way_of_a_customer_through_two_desks_and_back(chat: Chat, desks: Desks, stack: Stack) -> None:
    first = desks("1001").online()
    chat.open("/")
    for words in NONSENSE:
        chat.ask(words)
    chat.send("好的")
    expect(chat.panel).to_contain_text("之前的对话会一并交给坐席")

    first.accept()
    expect(first.side).to_contain_text("GB/T 47746—2026 5.2.2.6 a")
    expect(first.said(NONSENSE[0])).to_have_count(1)
    first.say("您好，我是人工客服，请问是哪项业务？")
    expect(chat.panel).to_contain_text("请问是哪项业务")
    chat.send("我想补一张卡")
    expect(first.said("我想补一张卡")).to_have_count(1)

    second = desks("1003").online()
    first.page.keyboard.press("Alt+c")
    first.choose_colleague("1003")
    first.page.get_by_label("想请教的问题").fill("补卡当天能取吗？")
    first.page.get_by_role("button", name="发起会商").click()
    expect(second.rows.filter(has_text="会商")).to_have_count(1)
    second.rows.first.click()
    expect(second.transcript).to_contain_text("补卡当天能取吗？")
    second.field.fill("多数网点当天可取。")
    second.field.press("Enter")
    expect(first.transcript.locator(".note[data-kind=consult]")).to_have_count(2)
    expect(chat.panel).not_to_contain_text("多数网点")

    first.page.keyboard.press("Alt+t")
    first.page.get_by_text("转给指定坐席").click()
    first.choose_colleague("1003")
    first.page.get_by_label("交接说明").fill("客户补卡，已说明材料。")
    first.page.locator(".dialog-form").get_by_role("button", name="转接", exact=True).click()
    second.accept()
    expect(first.rows).to_have_count(0)
    expect(second.side).to_contain_text("客户补卡，已说明材料。")
    expect(chat.panel).to_contain_text("现由人工客服（工号 1003）继续为您服务")

    second.page.keyboard.press("Alt+x")
    second.page.get_by_role("button", name="结束会话").click()
    second.page.get_by_text("已解决", exact=True).click()
    second.page.get_by_role("button", name="完成小结").click()
    expect(second.rows).to_have_count(0)
    chat.panel.locator(".rating-block").get_by_role("button").click()
    chat.root.locator("input[name=ny-stars][value='5']").check(force=True)
    chat.root.get_by_role("button", name="提交", exact=True).click()
    wait_until(lambda: stack.rows("SELECT stars FROM ratings WHERE stars = 5"), "the rating stored")
    chat.page.reload()
    chat.launcher.click()
    expect(chat.ask("卡折断了怎么换").locator(".citation").first).to_be_visible()


def test_back_to_the_bot_only_with_the_customers_consent(chat: Chat, desks: Desks) -> None:
    desk = desks("1001").online()
    waits(chat.open("/"))
    desk.accept()
    for agrees in (False, True):
        desk.page.keyboard.press("Alt+b")
        desk.page.get_by_label(re.compile("已经解决的事项")).fill("已说明补卡材料")
        desk.page.get_by_role("button", name="征求客户同意").click()
        expect(desk.page.get_by_role("button", name="等待客户同意")).to_be_disabled()
        chat.panel.get_by_role("button", name="好的" if agrees else "不用", exact=True).last.click()
        expect(desk.page.get_by_role("button", name="等待客户同意")).to_have_count(0)
    expect(desk.page.get_by_role("form", name="服务小结")).to_be_visible()
    expect(chat.ask("卡折断了怎么换").locator(".citation").first).to_be_visible()


def test_a_message_left_while_nobody_is_there_is_taken_up_later(chat: Chat, desks: Desks, stack: Stack) -> None:
    chat.open("/")
    said = {"state": "off_hours", "conversation_id": chat.conversation_id()}
    httpx.post(f"{stack.url}/api/bench/desk", json=said, trust_env=False).raise_for_status()
    chat.panel.get_by_role("button", name="转人工", exact=True).first.click()
    expect(chat.panel).to_contain_text("现在不是人工客服的服务时间")
    desk = desks("1001").online()
    desk.page.get_by_role("button", name=re.compile("^留言")).click()
    desk.page.locator(f".list.queue [data-id='{chat.conversation_id()}']").click()
    desk.page.get_by_role("button", name="回复客户", exact=True).click()
    desk.say("您好，看到您的留言了。")
    expect(chat.panel).to_contain_text("看到您的留言了")


def test_what_must_not_be_said_is_stopped_and_what_needs_care_is_said_on_purpose(chat: Chat, desks: Desks) -> None:
    desk = desks("1001").online()
    waits(chat.open("/"))
    desk.accept()
    desk.field.fill("这不归我管，爱投诉就投诉")
    desk.field.press("Enter")
    expect(desk.findings).to_contain_text("不能发送")
    desk.field.fill("今天马上解决")
    expect(desk.findings).to_contain_text("请留意")
    desk.page.get_by_role("button", name="仍然发送").click()
    desk.has_said("今天马上解决")
    expect(chat.panel).not_to_contain_text("不归我管")


def test_a_draft_survives_a_reload_and_the_loss_of_the_line_and_arrives_once(
    chat: Chat, desks: Desks, stack: Stack
) -> None:
    desk = desks("1001").online()
    waits(chat.open("/"))
    desk.accept()
    desk.field.fill("还没写完的话")
    desk.page.reload()
    desk.rows.first.click()
    expect(desk.field).to_have_value("还没写完的话")
    desk.page.context.set_offline(True)
    desk.field.press("Enter")
    expect(desk.page.locator(".composer-problem")).to_contain_text("连不上")
    expect(desk.field).to_have_value("还没写完的话")
    desk.page.context.set_offline(False)
    desk.field.press("Enter")
    desk.has_said("还没写完的话")
    stored = [row for row in stack.messages(chat.conversation_id()) if row["role"] == "agent"]
    assert len(stored) == 1


def test_two_agents_cannot_have_one_customer(chat: Chat, desks: Desks) -> None:
    one, two = desks("1001"), desks("1003")
    supervisor = desks("2001", "/board")
    one.online()
    waits(chat.open("/"))
    one.accept()
    expect(two.waiting).to_have_count(0)
    supervisor.page.locator(".chat-row").first.click()
    supervisor.page.get_by_label(re.compile("的提示，客户看不到")).fill("请先致歉")
    supervisor.page.get_by_role("button", name="发送提示").click()
    expect(one.transcript).to_contain_text("请先致歉")
    supervisor.page.get_by_role("button", name="接管", exact=True).click()
    supervisor.page.get_by_role("dialog").get_by_role("button", name="接管").click()
    expect(one.rows).to_have_count(0)
    expect(chat.panel).to_contain_text("现由人工客服（工号 2001）继续为您服务")
    supervisor.say("您好，我是班长，由我继续为您服务。")
    expect(chat.panel).not_to_contain_text("请先致歉")


def test_script_stays_text_and_axe_finds_nothing_serious(chat: Chat, desks: Desks) -> None:
    desk = desks("1001").online()
    chat.open("/").send(NASTY)
    waits(chat)
    desk.accept()
    expect(desk.said(NASTY).first).to_be_visible()
    assert desk.page.locator(".desk img").count() == 0
    assert serious_findings(desk) == []
    for room in ("/cases", "/me"):
        desk.page.goto(f"{desk.url}/console{room}")
        expect(desk.page.locator("#room > *").first).to_be_visible()
        assert serious_findings(desk) == [], room


def test_axe_finds_nothing_serious_on_the_supervisors_pages(desks: Desks) -> None:
    desk = desks("2001", "/board")
    for room, shown in (("/board", ".figure"), ("/phrases", ".el-table__row"), ("/accounts", ".el-table__row")):
        desk.page.goto(f"{desk.url}/console{room}")
        expect(desk.page.locator(shown).first).to_be_visible()
        assert serious_findings(desk) == [], room


def serious_findings(desk: DeskPage) -> list[str]:
    """Findings of axe-core, serious or critical."""
    wait_until(lambda: desk.page.evaluate("document.getAnimations().length === 0"), "nothing moves")
    results = Axe().run(desk.page).response
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]}"
        for rule in results["violations"]
        for node in rule["nodes"]
        if rule["impact"] in ("serious", "critical")
    ]
