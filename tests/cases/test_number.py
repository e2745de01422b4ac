"""Case numbers: read back in any spelling, typing errors noticed, never taken for a secret."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases.number import ALPHABET, new_number, parse_number
from bot.privacy import mask

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_that_a_number_is_read_back(day: date) -> None:
    number = new_number(day)
    assert parse_number(number) == number
    assert number.startswith(f"NY{day:%y%m%d}-") and len(number) == 17


@given(DAYS)
def test_that_spelling_does_not_matter(day: date) -> None:
    number = new_number(day)
    full_width = "".join(chr(ord(char) + 0xFEE0) for char in number)
    for typed in (number.lower(), number.replace("-", ""), f" {number.replace('-', ' ')} ", full_width):
        assert parse_number(typed) == number


@given(DAYS, st.integers(2, 14), st.sampled_from(ALPHABET))
def test_that_one_wrong_symbol_is_noticed(day: date, place: int, symbol: str) -> None:
    plain = new_number(day).replace("-", "")
    wrong = plain[:place] + symbol + plain[place + 1 :]
    assert wrong == plain or parse_number(wrong) is None


@given(DAYS, st.sampled_from([2, 3, 4, 5, 6, 8, 9, 10, 11, 12]))
def test_that_swapped_neighbours_are_noticed(day: date, place: int) -> None:
    plain = new_number(day).replace("-", "")
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    assert swapped == plain or parse_number(swapped) is None


@given(st.text(max_size=40))
def test_that_anything_else_is_no_number(text: str) -> None:
    assert parse_number(text) is None or text.upper().replace("-", "").strip()


AROUND = (
    "{}", "工单号{}进度", "我的投诉 {} 到哪了,卡尾号2236", "{}手机13800138000", "{} 尾号 5678", "查{},验证", "密码是{}",
    "验证码123456 {}", "金额1000元 {} 2026-11-26 10:00", "我的卡号是{}", "电话{}", "{} {}", "no.{}。",
)  # fmt: skip


@settings(max_examples=500)
@given(DAYS, st.sampled_from(AROUND), st.sampled_from(["-", "", " ", "—"]), st.booleans())
def test_that_privacy_leaves_a_number_alone(day: date, around: str, separator: str, lower: bool) -> None:
    typed = new_number(day).replace("-", separator)
    typed = typed.lower() if lower else typed
    assert typed in mask(around.replace("{}", typed)).text


@pytest.mark.parametrize(
    "number", ["NY280916-PW7PWA-F", "ny240923nhqrabs", "ＮＹ２６１１２６－ＣＶＶ２３４－５", "NY261126-PASSWD-2"]
)
def test_that_no_symbols_read_as_a_secret(number: str) -> None:
    assert mask(f"密码是{number}").text == f"密码是{number}"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("NY261126-K7Q4MX-T 手机13800138000", "NY261126-K7Q4MX-T 手机〔手机号尾号8000〕"),
        ("6222020200112236NY261126-K7Q4MX-T", "〔卡号尾号2236〕NY261126-K7Q4MX-T"),
        ("NY261126-K7Q4MX-T的验证码是123456", "NY261126-K7Q4MX-T的验证码是〔验证码〕"),
        ("NY622202-K7Q4MX-T 密码abc123", "NY622202-K7Q4MX-T 密码〔密码〕"),
    ],
)
def test_that_everything_around_a_number_is_still_masked(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_that_numbers_can_not_be_guessed() -> None:
    numbers = {new_number(date(2026, 11, 26)) for _ in range(2000)}
    assert len(numbers) == 2000
    assert {symbol for number in numbers for symbol in number[9:15]} == set(ALPHABET)


@pytest.mark.parametrize("text", ["", "NY", "NY261126-0KQ4MX-R", "12345678", "NY261126-K7Q4MX", "XY261126-K7Q4MX-T"])
def test_that_other_forms_are_refused(text: str) -> None:
    assert parse_number(text) is None
