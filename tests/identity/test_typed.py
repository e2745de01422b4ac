"""Codes and phone numbers in what customers type."""

from __future__ import annotations

import pytest

from bot.identity.typed import TypedCode, typed_code, typed_phone
from bot.privacy import mask

CODES = {
    "123456": "〔验证码〕",
    "１２３４５６": "〔验证码〕",
    " 123 456 ": " 〔验证码〕 ",
    "1 2 3 4 5 6": "〔验证码〕",
    "一二三四五六": "〔验证码〕",
    "幺二三四五六": "〔验证码〕",
    "壹贰叁肆伍陆": "〔验证码〕",
    "①②③④⑤⑥": "〔验证码〕",
    "1２三④伍6": "〔验证码〕",
    "yi er san si wu liu": "〔验证码〕",
    "验证码是123-456哦": "验证码是〔验证码〕哦",
    "收到了,123456": "收到了,〔验证码〕",
    "先是654321，后来是123456": "先是〔验证码〕，后来是〔验证码〕",
    "【诺言银行】验证码 123456，用于查询，5 分钟内有效。": "【诺言银行】验证码 〔验证码〕，用于查询，5 分钟内有效。",
}


@pytest.mark.parametrize(("text", "left"), CODES.items())
def test_that_a_code_is_read_in_any_spelling_and_taken_out(text: str, left: str) -> None:
    assert typed_code(text) == TypedCode("123456", left)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "还没收到",
        "12345",
        "1234567",
        "转账100000元",
        "123456块",
        "13812345678",
        "2026-11-26",
        "20261126",
        "NY261126-K7Q4MX-R",
        "ny261126k7q4mxr",
        "NY 261126 K7Q4MX R",
        "六个六",
        "abc123456def",
    ],
)
def test_that_other_numbers_are_no_codes(text: str) -> None:
    assert typed_code(text) is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13812345678", "13812345678"),
        ("我的手机+86 138-1234-5678", "13812345678"),
        ("一三八一二三四五六七八", "13812345678"),
        ("打 138 1234 5678 或者 13912345678", "13812345678"),
        ("没有手机", None),
        ("卡号6222020200112236", None),
        ("〔手机号尾号5678〕", None),
    ],
)
def test_that_a_phone_number_is_read(text: str, phone: str | None) -> None:
    assert typed_phone(text, mask(text)) == phone
