"""What the server itself says is honest and complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.blocks import ButtonsBlock, HandoffBlock, Reply
from bot.chat import wording
from bot.chat.bank_values import BankValues, read_bank_values
from tests.chat.conftest import BANK


def words(reply: Reply) -> str:
    return "".join(str(getattr(block, "text", "") or "") for block in reply.blocks)


def test_the_welcome_says_bot_recorded_and_no_secrets() -> None:
    reply = wording.welcome(BANK)
    for needed in ("机器人", "会话会被记录", "密码", "验证码", "转人工", BANK.name):
        assert needed in words(reply)
    topics = [
        button.payload["topic"]
        for block in reply.blocks
        if isinstance(block, ButtonsBlock)
        for button in block.buttons
        if button.payload
    ]
    assert {"card.replace", "card.loss", "transfer.limit", "complaint.channel", "branch.hours"} == set(topics)


@pytest.mark.parametrize(
    ("say", "state"),
    [
        (wording.failure, "offered"),
        (wording.stale, "offered"),
    ],
)
def test_every_failure_names_a_human_and_the_emergency_line(say: object, state: str) -> None:
    reply: Reply = say(BANK)  # type: ignore[operator]
    handoffs = [block for block in reply.blocks if isinstance(block, HandoffBlock)]
    assert [block.state for block in handoffs] == [state]
    assert BANK.loss_line in words(reply)
    assert BANK.hotline in words(reply)


def test_values_come_from_the_banks_file(tmp_path: Path) -> None:
    (tmp_path / "bank.yml").write_text(
        "bank: {name: 甲银行, hotline: 95000, hotline_hours: 全天, agent_hours: 9–17, loss_line: 95001}\n",
        encoding="utf-8",
    )
    bank = read_bank_values(tmp_path)
    assert bank == BankValues("甲银行", "95000", "全天", "9–17", "95001")
    assert "95001" in words(wording.failure(bank))
