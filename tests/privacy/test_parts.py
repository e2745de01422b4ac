"""The parts below ``mask``: folding, numerals, check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from bot.privacy import checks
from bot.privacy.normalise import BARRIER, fold
from bot.privacy.numerals import digits_of, parse_han_number, spelled_words


@given(st.text(max_size=60))
def test_folding_keeps_places(text: str) -> None:
    folded = fold(text)
    assert len(folded.plain) == len(folded.digits) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    for start, end in zip(folded.starts, folded.ends, strict=True):
        assert 0 <= start < end <= len(text)


def test_folding_unifies_what_people_type() -> None:
    assert fold("卡号６２二②").digits == "卡号6222"
    assert fold("密\u200b碼：Ａ").plain == "密码:a"
    assert fold("—–－").digits == "---"
    assert fold("〔卡号尾号1234〕5").digits == f"{BARRIER}5"
    assert fold("六2").plain == "六2"


def test_places_point_into_the_original() -> None:
    text = "好\u200b6️⃣二十"
    folded = fold(text)
    assert folded.digits == "好620"
    assert [text[a:b] for a, b in zip(folded.starts, folded.ends, strict=True)] == [
        "好\u200b", "6️⃣", "二十", "二十",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("char", "digits"),
    [
        ("六", "6"),
        ("陸", "6"),
        ("幺", "1"),
        ("〇", "0"),
        ("⑫", "12"),
        ("٣", "3"),
        ("洞", "0"),
        ("十", ""),
        ("字", ""),
    ],
)
def test_single_characters(char: str, digits: str) -> None:
    assert digits_of(char) == digits


@pytest.mark.parametrize(
    ("chars", "digits"),
    [
        ("六十二", "62"),
        ("二十", "20"),
        ("十二", "12"),
        ("一百零五", "105"),
        ("六百二", "620"),
        ("一千零二十", "1020"),
        ("六千二百二十二", "6222"),
        ("陸仟貳佰", "6200"),
        ("廿二", "22"),
        ("百", ""),
    ],
)
def test_numbers_read_aloud(chars: str, digits: str) -> None:
    assert parse_han_number(chars, 0)[0] == digits


def test_digit_names() -> None:
    assert spelled_words("LiuErEr") == "622"
    assert spelled_words("six") == "6"
    assert spelled_words("sixth") == ""


@given(st.text("0123456789", min_size=1, max_size=24))
def test_luhn_agrees_with_the_library_and_with_its_tables(number: str) -> None:
    assert checks.luhn_valid(number) == luhn.is_valid(number)
    tables = checks.luhn_prefixes("9" + number)
    table = tables[(len(number) + 1) % 2]
    assert (table[1] == table[len(number) + 1]) == luhn.is_valid(number)


def test_citizen_numbers() -> None:
    assert checks.citizen_valid("11010519491231002x")
    assert not checks.citizen_valid("110105194912310022")
    assert not checks.citizen_valid("110105194913310021")
    assert checks.citizen15_valid("110105491231002")
    assert not checks.citizen15_valid("110105491331002")
