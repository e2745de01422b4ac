"""Leases and guarded delivery: answered once, in order, never over a human."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks import HandoffBlock, Reply, TextBlock
from bot.chat.conversations import now
from bot.chat.wording import failure
from bot.store import tables
from tests.chat.conftest import BANK, LEASE, Node

REPLY = Reply(blocks=[TextBlock(text="答复")])
LATER = LEASE + timedelta(seconds=1)


def state(node: Node, conversation_id: str, seq: int) -> str:
    table = tables.messages
    with node.database.read() as connection:
        found: str = (
            connection.execute(
                tables.messages.select().where(table.c.conversation_id == conversation_id, table.c.seq == seq)
            )
            .one()
            .answer_state
        )
    return found


def test_one_of_many_gets_the_message(node: Node, other: Node) -> None:
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    at = now()
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda number: (node, other)[number % 2].work.claim(conversation_id, at), range(8)))
    assert sum(claim is not None for claim in claims) == 1


def test_messages_are_answered_in_order_one_at_a_time(node: Node, other: Node) -> None:
    conversation_id = node.opened()
    for text in ("一", "二", "三"):
        node.says(conversation_id, text)
    for expected in ("一", "二", "三"):
        claim = node.work.claim(conversation_id, now())
        assert claim is not None
        assert claim.text == expected
        assert other.work.claim(conversation_id, now()) is None, "the next one waits"
        assert node.work.answer(claim, [REPLY]) is not None
    assert node.work.claim(conversation_id, now()) is None


def test_a_dead_servers_message_is_taken_over_and_its_late_answer_dropped(node: Node, other: Node) -> None:
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    slow = node.work.claim(conversation_id, now())
    assert slow is not None
    assert node.work.waiting(now()) == []
    assert other.work.waiting(now() + LATER) == [conversation_id]
    second = other.work.claim(conversation_id, now() + LATER)
    assert second is not None
    assert (second.seq, second.attempts, second.message_id) == (slow.seq, 2, slow.message_id)
    assert node.work.answer(slow, [REPLY]) is None, "its lease has gone"
    assert node.work.fail(slow, failure(BANK)) is None
    assert other.work.answer(second, [REPLY, REPLY]) is not None
    assert other.work.answer(second, [REPLY]) is None, "already answered"
    assert [role for _seq, role, _text in node.everything(conversation_id)] == ["bot", "customer", "bot", "bot"]


@pytest.mark.parametrize("owner", ["queue", "human"])
def test_the_bot_never_talks_over_a_human(node: Node, other: Node, owner: str) -> None:
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    node.says(conversation_id, "在吗")
    claim = node.work.claim(conversation_id, now())
    assert claim is not None
    (other.queued if owner == "queue" else other.taken_over)(conversation_id)
    changed = node.conversations.get(conversation_id)
    assert changed.owner == owner
    assert changed.epoch > claim.conversation.epoch
    before = node.everything(conversation_id)
    assert node.work.answer(claim, [REPLY]) is None
    assert node.work.fail(claim, failure(BANK)) is None
    assert node.everything(conversation_id) == before
    assert [state(node, conversation_id, seq) for seq in (2, 3)] == ["desk", "desk"], "the human has them"
    ack = node.says(conversation_id, "还在吗")
    assert state(node, conversation_id, ack.seq) == "desk"
    assert node.work.claim(conversation_id, now()) is None


def test_back_to_the_bot_is_a_new_epoch_for_old_answers(node: Node) -> None:
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    claim = node.work.claim(conversation_id, now())
    assert claim is not None
    node.taken_over(conversation_id)
    node.given_back(conversation_id)
    assert node.conversations.get(conversation_id).owner == "bot"
    assert node.work.answer(claim, [REPLY]) is None


def test_the_epoch_alone_decides_and_the_message_stays_to_be_answered(node: Node) -> None:
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    claim = node.work.claim(conversation_id, now())
    assert claim is not None
    table = tables.conversations
    with node.database.write() as connection:
        connection.execute(table.update().where(table.c.id == conversation_id).values(epoch=1))
    assert node.work.answer(claim, [REPLY]) is None
    assert node.work.fail(claim, failure(BANK)) is None
    node.work.release(claim)
    again = node.work.claim(conversation_id, now())
    assert again is not None
    assert again.conversation.epoch == 1
    assert node.work.answer(again, [REPLY]) is not None


def test_a_given_back_message_is_free_at_once_and_was_no_attempt(node: Node, other: Node) -> None:
    conversation_id = node.opened()
    node.says(conversation_id, "卡丢了")
    claim = node.work.claim(conversation_id, now())
    assert claim is not None
    node.work.release(claim)
    assert other.work.waiting(now()) == [conversation_id]
    again = other.work.claim(conversation_id, now())
    assert again is not None
    assert again.attempts == 1
    node.work.release(claim)
    assert other.work.answer(again, [REPLY]) is not None, "releasing an old lease changes nothing"


def test_failures_count_until_an_answer_comes(node: Node) -> None:
    conversation_id = node.opened()
    counted = []
    for number, good in enumerate((False, False, True, False)):
        node.says(conversation_id, f"第{number}条")
        claim = node.work.claim(conversation_id, now())
        assert claim is not None
        counted.append(claim.failures)
        if good:
            node.work.answer(claim, [REPLY])
        else:
            node.work.fail(claim, failure(BANK))
    assert counted == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("desk", "asked", "shown", "expected"),
    [
        ("no_agents", "requested", "message", "desk"),
        ("off_hours", "requested", "message", "desk"),
        ("agents_online", "requested", "queued", "desk"),
        ("agents_online", "offered", "offered", "answered"),
    ],
)
def test_a_requested_handoff_is_arranged_and_sends_the_message_to_the_desk(
    node: Node, desk: str, asked: Any, shown: str, expected: str
) -> None:
    conversation_id = node.opened()
    node.staffed(desk)
    ack = node.says(conversation_id, "我要退费")
    claim = node.work.claim(conversation_id, now())
    assert claim is not None
    block = HandoffBlock(state=asked, reason="compensation", priority="normal", skill="complaint")
    written = node.work.answer(claim, [Reply(blocks=[TextBlock(text="好的"), block])])
    assert written is not None
    blocks = [block for message in written for block in message.blocks]
    assert blocks[0] == {"type": "text", "text": "好的"}, "the bot's own words come first"
    assert [block["state"] for block in blocks if block["type"] == "handoff"] == [shown]
    assert state(node, conversation_id, ack.seq) == expected
    assert node.conversations.get(conversation_id).owner == ("queue" if shown == "queued" else "bot")


def test_an_unknown_conversation_has_no_work(node: Node) -> None:
    assert node.work.claim("unknown", now()) is None
