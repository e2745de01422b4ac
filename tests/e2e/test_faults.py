"""A process dies in mid-message: the customer is told or answered, once, and the talk goes on afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Locator, expect

from bot.settings import Settings
from tests.e2e.pages import Chat, cited
from tests.e2e.stack import ACTIONS, RASA, SERVER, Stack, connections, wait_until

DEADLINE_S = Settings.__fields__["rasa_timeout_s"].default
MARGIN_S = 4.0
"""For a busy machine to store, push and paint the answer."""


@pytest.fixture(autouse=True)
def _whole_again(stack: Stack) -> Iterator[None]:
    """Each test finds the stack whole and leaves it so."""
    stack.wait_ready()
    yield
    stack.wait_ready()


def told_of_the_failure(reply: Locator) -> None:
    """The customer hears that it failed and how to reach a person."""
    expect(reply).to_contain_text("暂时没能回答")
    expect(reply).to_contain_text("挂失电话")
    expect(reply.locator(".handoff-card").get_by_role("button", name="转人工")).to_be_enabled()
    expect(cited(reply)).to_have_count(0)


def restarted(stack: Stack, kind: str, dead: psutil.Process) -> None:
    """Wait until the supervisor has replaced a dead process and everything answers."""
    wait_until(lambda: stack.process(kind).pid != dead.pid, f"{kind} started again")
    stack.wait_ready()


def told_once(chat: Chat, stack: Stack) -> None:
    """Every message of the customer has exactly one reply, and the page shows the log as it is stored."""
    stored = stack.messages(chat.conversation_id())
    asked = [row["seq"] for row in stored if row["role"] == "customer"]
    assert [row["reply_to"] for row in stored if row["reply_to"]] == asked
    assert chat.seqs() == [row["seq"] for row in stored]


def calls_actions(stack: Stack, rasa: psutil.Process) -> bool:
    """Whether Rasa has a call to the action server open."""
    return any(
        line.raddr and line.raddr.port == stack.ports[ACTIONS] and line.status == "ESTABLISHED"
        for line in connections(rasa)
    )


def test_rasa_dies_in_mid_message(chat: Chat, stack: Stack) -> None:
    chat.open("/").ask("卡折断了怎么换")
    with stack.frozen(RASA) as rasa:
        chat.send("要带什么")
        wait_until(lambda: stack.being_answered(chat.conversation_id()), "the message with Rasa")
        rasa.kill()
        killed = time.monotonic()
        reply = chat.reply_to(chat.own("要带什么"))
        assert time.monotonic() - killed < DEADLINE_S
        told_of_the_failure(reply)
    restarted(stack, RASA, rasa)
    answer = chat.ask("多久")
    expect(answer).to_contain_text("当场")
    expect(cited(answer).first).to_be_visible()
    told_once(chat, stack)


def test_the_action_server_dies_in_mid_message(chat: Chat, stack: Stack) -> None:
    chat.open("/").ask("卡折断了怎么换")
    rasa = stack.process(RASA)
    with stack.frozen(ACTIONS) as actions:
        chat.send("要带什么")
        wait_until(lambda: calls_actions(stack, rasa), "Rasa waiting for the action server")
        actions.kill()
        killed = time.monotonic()
        reply = chat.reply_to(chat.own("要带什么"))
        assert time.monotonic() - killed < DEADLINE_S
        told_of_the_failure(reply)
    restarted(stack, ACTIONS, actions)
    answer = chat.ask("要多长时间")
    expect(answer).to_contain_text("当场")
    expect(cited(answer).first).to_be_visible()
    told_once(chat, stack)


@pytest.mark.parametrize("kind", [RASA, ACTIONS], ids=["rasa", "actions"])
def test_a_silent_process_is_not_waited_for_longer_than_promised(chat: Chat, stack: Stack, kind: str) -> None:
    chat.open("/")
    with stack.frozen(kind):
        sent = time.monotonic()
        reply = chat.ask("卡折断了怎么换")
        assert time.monotonic() - sent < DEADLINE_S + MARGIN_S
        told_of_the_failure(reply)
    stack.wait_ready()
    expect(cited(chat.ask("存款证明怎么开")).first).to_be_visible()
    told_once(chat, stack)


def test_the_server_dies_before_the_answer(chat: Chat, stack: Stack) -> None:
    chat.open("/").ask("卡折断了怎么换")
    server = stack.process(SERVER)
    with stack.frozen(RASA):
        chat.send("要带什么")
        wait_until(lambda: stack.being_answered(chat.conversation_id()), "the message with Rasa")
        server.kill()
        expect(chat.panel.locator(".banner")).to_be_visible()
    restarted(stack, SERVER, server)
    expect(chat.panel.locator("li.row").last).not_to_have_attribute("data-role", "customer", timeout=60_000)
    answer = chat.ask("多久")
    expect(cited(answer).first).to_be_visible()
    told_once(chat, stack)


def test_a_message_written_while_the_server_is_away_is_answered_later(chat: Chat, stack: Stack) -> None:
    chat.open("/").ask("卡折断了怎么换")
    server = stack.process(SERVER)
    server.kill()
    chat.send("要带什么")
    restarted(stack, SERVER, server)
    expect(chat.panel.locator("li.row").last).not_to_have_attribute("data-role", "customer", timeout=60_000)
    told_once(chat, stack)
