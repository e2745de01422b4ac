"""Attempts to carry a card past the masking; each was tried by hand first."""

from __future__ import annotations

import pytest

from bot.privacy import mask
from tests.privacy.spellings import digits_left, tails

CARD, OTHER = "6222020200112230", "6217000010001234569"


def survives(number: str, masked: str) -> bool:
    """True when five digits in a row of ``number`` are still to be read."""
    left = digits_left(masked)
    return any(number[at : at + 5] in left for at in range(len(number) - 4))


@pytest.mark.parametrize("between", ["", "\u200b", " ", ",", "和", "\n", "，", " / "])
def test_two_cards_side_by_side_are_two(between: str) -> None:
    masked = mask(CARD + between + OTHER)
    assert tails(masked.text) == ["2230", OTHER[-4:]]
    assert digits_left(masked.text) == ""


@pytest.mark.parametrize("stray", ["1", "12", "123", "5000", "50000", "00"])
@pytest.mark.parametrize("spelling", [CARD, "6222 0202 0011 2230", "-".join(CARD), "六二二二零二零二零零一一二二三零"])
def test_digits_glued_to_a_card_hide_nothing(spelling: str, stray: str) -> None:
    for text in (spelling + stray, stray + spelling, stray + spelling + stray):
        masked = mask(text)
        assert "card" in masked.kinds or "id_number" in masked.kinds
        assert not survives(CARD, masked.text)


def test_a_card_in_an_address() -> None:
    masked = mask(f"https://pay.example.com/q?card={CARD}&x=1#2")
    assert masked.text == "https://pay.example.com/q?card=〔卡号尾号2230〕&x=1#2"


@pytest.mark.parametrize(
    "text",
    [
        "6222嗯0202啊0011哦2230",
        "6222哈哈0202你看0011行么2230",
        "先是6222，接着是0202，再就是0011，最后2230",
        "第一组6222第二组0202第三组0011第四组2230",
        "62220202001122 然后是 30",
        "6222 O2O2 OO11 223O",
        "6222 and then 0202 dash 0011 space 2230",
        "六千二百二十二 零二百零二 一十一 二千二百三十",
        "6222(0202)【0011】2230",
        "2026-11-23 13:05 6222 0202 0011 2230 50000元",
        "¥6222,0202,0011,2230",
        "卡6222 0202 0011 2230元 5个",
        "NY-2026-1234 6222020200112230",
        "流水号6222020200112230",
        "a6222020200112230b",
        "".join(chr(0xE0030 + int(digit)) for digit in CARD),
        "6̶2̶2̶2̶0̶2̶0̶2̶0̶0̶1̶1̶2̶2̶3̶0̶",
    ],
)
def test_a_disguised_card_does_not_survive(text: str) -> None:
    masked = mask(text)
    assert "card" in masked.kinds
    assert not survives(CARD, masked.text)


def test_account_and_password_in_one_breath() -> None:
    masked = mask("密码是 112233 6222 0202 0011 2230")
    assert masked.kinds == ("card", "password")
    assert digits_left(masked.text) == ""


def test_a_fake_placeholder_joins_nothing_and_hides_no_keyword() -> None:
    assert mask("〔卡号尾号1234〕020200112230").kinds == ()
    assert mask("〔卡号尾号12345〕6222020200112230").kinds == ("card",)


def test_twenty_thousand_digits() -> None:
    masked = mask("3141592653589793" * 1_250)
    assert masked.kinds == ("card",)
    assert len(digits_left(masked.text)) < 13


@pytest.mark.parametrize("number", ["1", "一", "⑥", "six "])
def test_very_long_monotony_ends(number: str) -> None:
    assert mask(mask(number * 5_000).text).text == mask(number * 5_000).text
