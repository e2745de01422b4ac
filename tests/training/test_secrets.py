"""Secrets are found in every spelling, and ordinary figures are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, create_engine

from bot.training.dialogues.secrets import secrets_of, stands_among, stands_in
from bot.training.dialogues.stores import Stores

CARD = "6222020200112236"
SPELLINGS = [
    CARD,
    "6222 0202 0011 2236",
    "6222-0202-0011-2236",
    "６２２２０２０２００１１２２３６",
    "六二二二零二零二零零一一二二三六",
    "陸貳貳貳零貳零貳零零壹壹貳貳叄陸",
    "⑥②②②⓪②⓪②⓪⓪①①②②③⑥",
    "6222 然后 0202 再然后 0011 最后 2236",
]


@pytest.mark.parametrize("said", SPELLINGS)
@pytest.mark.parametrize("kept", SPELLINGS)
def test_that_a_card_is_recognised_however_it_was_said_and_kept(said: str, kept: str) -> None:
    assert stands_in(secrets_of(f"我的卡号是{said}"), f"卡号是{kept}")


@pytest.mark.parametrize(
    "kept", ["我的卡号是〔卡号尾号2236〕", "卡号 **** 2236", "尾号2236，转了5000元", "2025年11月3日"]
)
def test_that_four_digits_may_stand(kept: str) -> None:
    assert not stands_in(secrets_of(f"我的卡号是{CARD}，2025年11月3日转了5000元"), kept)


@pytest.mark.parametrize("kept", ["622202", "卡号6222020***", "**** 0112236"])
def test_that_a_part_of_more_than_four_digits_may_not_stand(kept: str) -> None:
    assert stands_in(secrets_of(f"我的卡号是{CARD}"), kept)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我的密码是Qw3rty88", "密码是 qw3rty88 吗"),
        ("验证码 482913", "您的482913"),
        ("验证码4821", "验证码4821"),
        ("安全码是123", "安全码是123"),
        ("身份证110101199003074514", "19900307451"),
        ("手机13800138000", "1 3 8 0 0 1 3 8 0 0 0"),
    ],
)
def test_that_passwords_codes_and_documents_are_secrets(said: str, kept: str) -> None:
    assert stands_in(secrets_of(said), kept)
    assert not stands_in(secrets_of(said), "您的信息已经遮蔽，请拨打 95588。")


@pytest.mark.parametrize(
    "said", ["转账50000元要多久", "2026年11月23日到期", "打95588没人接", "96110是什么", "工单NY-2026-000123"]
)
def test_that_ordinary_figures_are_no_secrets(said: str) -> None:
    assert not secrets_of(said)


@pytest.mark.parametrize(
    "line",
    [
        f'{{"event": "x", "said": "{CARD}"}}',
        '{"said": "\\u516d\\u4e8c\\u4e8c\\u4e8c\\u96f6\\u4e8c\\u96f6\\u4e8c\\u96f6\\u96f6\\u4e00\\u4e00"}',
        f"card{CARD}end",
    ],
)
def test_that_a_log_line_gives_a_card_away(line: str) -> None:
    assert stands_among(secrets_of(f"卡号{CARD}"), ["nothing", line])


def test_that_times_and_ids_of_a_log_are_no_leak() -> None:
    lines = ["2026-11-23T13:38:41.482913Z id=8f3a62220202ff", "〔卡号尾号2236〕", "seq 482914 ms 4829.13"]
    assert not stands_among(secrets_of(f"卡号{CARD}，验证码是482913"), lines)


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    metadata = MetaData()
    notes = Table(
        "notes",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("text", String(99)),
        Column("blocks", JSON),
    )
    engine = create_engine(url, future=True)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(notes.insert(), [{"text": "您好", "blocks": [{"text": "六二二二零二零二零零一一二二三六"}]}])
    engine.dispose()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "stack.log").write_text(f"all fine\nsaid {CARD}\n", encoding="utf-8")
    (tmp_path / "other.log").write_text("all fine\n", encoding="utf-8")
    return Stores(url, tmp_path)


def test_that_every_text_column_and_log_file_is_searched(stores: Stores) -> None:
    assert stores.holding(secrets_of(f"卡号{CARD}")) == ("数据库 notes.blocks", "日志 stack.log")
    assert stores.holding(secrets_of("卡号6225880212345678")) == ()


def test_that_unknown_stores_hold_nothing() -> None:
    assert Stores().holding(secrets_of(f"卡号{CARD}")) == ()
