"""Bad lines: nothing is lost, nothing doubles, the order stays."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Route, WebSocketRoute, expect

from tests.e2e.pages import Chat
from tests.e2e.stack import ACTIONS, Stack, wait_until

QUESTIONS = ["卡折断了怎么换", "要带什么", "多久"]
SOCKET = re.compile(r"/api/conversations/[^/]+/ws$")
MESSAGES = re.compile(r"/api/conversations/[^/]+/messages$")


def banner(chat: Chat) -> Locator:
    """What tells the customer that the line is broken."""
    return chat.panel.locator(".banner.warning")


def settled(chat: Chat, stack: Stack, texts: list[str]) -> None:
    """Every text was sent once, in order, is answered, and the page shows the log as it is stored."""
    for text in texts:
        expect(chat.own(text)).to_have_count(1)
    expect(chat.panel.locator("li.row:not(.from-customer)")).to_have_count(1 + len(texts))
    stored = stack.messages(chat.conversation_id())
    assert [row["blocks"][0]["text"] for row in stored if row["role"] == "customer"] == texts
    assert [row["seq"] for row in stored] == chat.seqs()
    replied = [row["reply_to"] for row in stored if row["reply_to"]]
    assert replied == [row["seq"] for row in stored if row["role"] == "customer"]
    assert chat.own_texts() == texts


class Line:
    """The line between one page and the server, which a test can cut and mend."""

    def __init__(self, chat: Chat) -> None:
        self._sockets: list[WebSocketRoute] = []
        self._whole = True
        chat.page.route_web_socket(SOCKET, self._connect)
        chat.page.route("**/api/**", self._pass)

    def cut(self) -> None:
        """Close what is open and refuse everything new; the browser believes itself online."""
        self._whole = False
        for socket in self._sockets:
            socket.close(code=1011)
        self._sockets.clear()

    def mend(self) -> None:
        """Let everything through again."""
        self._whole = True

    def _connect(self, socket: WebSocketRoute) -> None:
        if not self._whole:
            socket.close(code=1011)
            return
        socket.connect_to_server()
        self._sockets.append(socket)

    def _pass(self, route: Route) -> None:
        route.continue_() if self._whole else route.abort("connectionrefused")


def test_messages_written_without_a_network_arrive_once_and_in_order(chat: Chat, stack: Stack) -> None:
    chat.open("/").ask("存款证明怎么开")
    chat.page.context.set_offline(True)
    expect(banner(chat)).to_contain_text("网络已断开")
    for question in QUESTIONS:
        chat.send(question)
        expect(chat.own(question)).to_have_count(1)
    expect(chat.undelivered).to_have_count(len(QUESTIONS))
    chat.page.context.set_offline(False)
    expect(banner(chat)).to_have_count(0)
    settled(chat, stack, ["存款证明怎么开", *QUESTIONS])
    expect(chat.undelivered).to_have_count(0)


def test_an_unreachable_server_delays_but_loses_nothing_and_keeps_the_order(chat: Chat, stack: Stack) -> None:
    line = Line(chat)
    chat.open("/").ask("存款证明怎么开")
    line.cut()
    for question in QUESTIONS:
        chat.send(question)
    expect(banner(chat)).to_be_visible()
    expect(chat.undelivered.first).to_be_visible()
    line.mend()
    expect(banner(chat)).to_have_count(0)
    settled(chat, stack, ["存款证明怎么开", *QUESTIONS])


def test_a_lost_receipt_doubles_nothing(chat: Chat, stack: Stack) -> None:
    chat.open("/")
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        told = str(route.request.post_data_json["text"])
        if told in lost:
            return route.continue_()
        route.fetch()
        lost.append(told)
        return route.abort("connectionreset")

    chat.page.route(MESSAGES, lose_the_first)
    for question in QUESTIONS:
        chat.send(question)
    settled(chat, stack, QUESTIONS)
    assert lost == QUESTIONS


def test_an_answer_given_while_the_customer_was_away_is_shown_on_return(chat: Chat, stack: Stack) -> None:
    line = Line(chat)
    chat.open("/")
    conversation = chat.conversation_id()
    with stack.frozen(ACTIONS):
        chat.send(QUESTIONS[0])
        expect(chat.own(QUESTIONS[0])).to_have_attribute("data-seq", re.compile("[0-9]+"))
        line.cut()
        expect(banner(chat)).to_be_visible()
    wait_until(lambda: stack.messages(conversation)[-1]["role"] != "customer", "the answer in the log")
    expect(chat.rows).to_have_count(2)
    line.mend()
    settled(chat, stack, QUESTIONS[:1])


def test_without_websockets_polling_delivers(chat: Chat, stack: Stack) -> None:
    blocked: list[WebSocketRoute] = []

    def block(socket: WebSocketRoute) -> None:
        blocked.append(socket)
        socket.close(code=1011)

    chat.page.route_web_socket(SOCKET, block)
    chat.open("/")
    for question in QUESTIONS:
        chat.ask(question)
    settled(chat, stack, QUESTIONS)
    assert blocked
