"""The log: gapless numbers under concurrent writers, idempotent sending, reading on from anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.blocks import Button, ButtonsBlock, Reply, TextBlock
from bot.chat.conversations import now
from bot.chat.message_log import MAX_PENDING, append_reply
from bot.chat.records import CustomerText
from bot.chat.wording import welcome
from bot.errors import ConversationNotFound, TooManyPending, UnknownButton
from tests.chat.conftest import BANK, Node

WRITERS = 8
EACH = 12


def test_numbers_have_no_gaps_under_concurrent_writers_of_two_servers(node: Node, other: Node) -> None:
    conversation_id = node.opened()

    def write(writer: int) -> None:
        server = (node, other)[writer % 2]
        for number in range(EACH):
            if writer % 3 == 0:
                server.log.post(conversation_id, "agent", Reply(blocks=[TextBlock(text=f"{writer}.{number}")]))
            else:
                server.log.append_customer(conversation_id, f"{writer}.{number}", CustomerText("x"), wants_human=True)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    seqs = [seq for seq, _role, _text in node.everything(conversation_id)]
    agents = sum(EACH for writer in range(WRITERS) if writer % 3 == 0)
    expected = 1 + agents + 2 * (WRITERS * EACH - agents)
    assert seqs == list(range(1, expected + 1))


def test_a_failed_write_leaves_no_gap(node: Node) -> None:
    conversation_id = node.opened()
    with pytest.raises(ZeroDivisionError), node.database.write() as connection:
        append_reply(connection, conversation_id, "agent", Reply(blocks=[TextBlock(text="x")]))
        raise ZeroDivisionError
    assert node.says(conversation_id, "后来").seq == 2


def test_the_same_client_id_is_one_message_however_often_and_wherever_it_is_sent(node: Node, other: Node) -> None:
    conversation_id = node.opened()

    def send(attempt: int) -> tuple[int, bool]:
        ack = (node, other)[attempt % 2].says(conversation_id, "卡丢了", client_id="same")
        return ack.seq, ack.fresh

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(send, range(WRITERS)))
    assert {seq for seq, _fresh in answers} == {2}
    assert sum(fresh for _seq, fresh in answers) == 1
    assert node.everything(conversation_id)[1:] == [(2, "customer", "卡丢了")]


def test_client_ids_belong_to_their_conversation(node: Node) -> None:
    first, second = node.opened(), node.opened()
    assert node.says(first, "a", client_id="same").fresh
    assert node.says(second, "b", client_id="same").fresh


def test_a_retry_gets_the_first_answer_even_when_too_much_is_pending(node: Node) -> None:
    conversation_id = node.opened()
    acks = [node.says(conversation_id, f"第{number}条") for number in range(MAX_PENDING)]
    with pytest.raises(TooManyPending):
        node.says(conversation_id, "太多了")
    again = node.says(conversation_id, "第0条")
    assert (again.seq, again.fresh) == (acks[0].seq, False)
    assert len(node.everything(conversation_id)) == 1 + MAX_PENDING


def test_reading_on_after_every_number(node: Node) -> None:
    conversation_id = node.opened()
    for number in range(9):
        node.says(conversation_id, f"第{number}条")
    whole, last_seq = node.log.read(conversation_id, 0)
    assert last_seq == 10
    for after in range(last_seq + 2):
        page, last = node.log.read(conversation_id, after)
        assert page == whole[after:]
        assert last == last_seq
        assert node.log.read(conversation_id, after, limit=2)[0] == whole[after : after + 2]


def test_what_is_read_is_what_was_written(node: Node) -> None:
    conversation_id = node.opened()
    node.log.append_customer(conversation_id, "c1", CustomerText("我的卡〔卡号〕👵", ("card",)))
    message = node.log.read(conversation_id, 1)[0][0]
    plain = message.as_json()
    assert plain.pop("created_at").endswith("Z")
    assert abs((message.created_at - now()).total_seconds()) < 60
    assert plain == {
        "seq": 2,
        "role": "customer",
        "blocks": [{"type": "text", "text": "我的卡〔卡号〕👵"}],
        "client_id": "c1",
        "masked": ["card"],
    }


def test_buttons_are_resolved_in_their_own_conversation_only(node: Node) -> None:
    mine, theirs = node.opened(), node.opened()
    reply = Reply(blocks=[ButtonsBlock(buttons=[Button(title="挂失", payload={"topic": "card.loss"})])])
    shown = node.log.post(mine, "bot", reply).blocks[0]["buttons"]
    assert list(shown[0]) == ["id", "title"]
    assert node.log.button(mine, shown[0]["id"]).payload == {"topic": "card.loss"}
    for conversation_id, button_id in ((theirs, shown[0]["id"]), (mine, "invented"), (mine, "")):
        with pytest.raises(UnknownButton):
            node.log.button(conversation_id, button_id)


def test_tokens_open_their_own_conversation_only(node: Node) -> None:
    mine, token, _messages = node.log.open("app", True, welcome(BANK))
    _theirs, other_token, _messages = node.log.open("web", False, welcome(BANK))
    assert node.conversations.authenticate(mine.id, token) == node.conversations.get(mine.id)
    for conversation_id, wrong in (
        (mine.id, other_token),
        (mine.id, token[:-1]),
        (mine.id, ""),
        ("unknown", token),
    ):
        with pytest.raises(ConversationNotFound):
            node.conversations.authenticate(conversation_id, wrong)
