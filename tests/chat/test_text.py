"""What a customer may write, and in what form it goes on."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.text import clean, customer_text
from bot.errors import InvalidCharacters, MessageEmpty, MessageTooLong, TextError

LIMIT = 2000
CARD = "6222 0202 0011 2236"
any_text = st.text(st.characters(), max_size=300)  # with control characters and half surrogate pairs


@given(any_text)
def test_cleaned_text_is_proper_or_refused(text: str) -> None:
    try:
        cleaned = clean(text, LIMIT)
    except TextError:
        return
    cleaned.encode("utf-8")
    assert cleaned == cleaned.strip()
    assert cleaned
    assert not [char for char in cleaned if unicodedata.category(char) == "Cc" and char not in "\n\t"]
    assert clean(cleaned, LIMIT) == cleaned


@given(st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zs", "Zl", "Zp")), min_size=1, max_size=200))
def test_ordinary_text_passes_unchanged(text: str) -> None:
    assert clean(text, LIMIT) == text


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u0000\u0007", "\u200b\u200d", "\ufeff", "\u202e", "\u3000"])
def test_nothing_visible_is_empty(text: str) -> None:
    with pytest.raises(MessageEmpty):
        clean(text, LIMIT)


@pytest.mark.parametrize("text", ["\ud800", "卡\udfff丢了", "\ud83d 半个表情"])
def test_half_surrogate_pairs_are_refused(text: str) -> None:
    with pytest.raises(InvalidCharacters):
        clean(text, LIMIT)


def test_the_limit_counts_characters_that_are_kept() -> None:
    assert len(clean("字" * LIMIT, LIMIT)) == LIMIT
    assert len(clean("👵" * LIMIT, LIMIT)) == LIMIT
    assert len(clean("\u0001" * 50 + "字" * LIMIT + "  ", LIMIT)) == LIMIT
    with pytest.raises(MessageTooLong) as caught:
        clean("字" * (LIMIT + 1), LIMIT)
    assert "2001" in caught.value.text
    assert "2000" in caught.value.text


def test_lines_and_tabs_stay_direction_marks_go() -> None:
    assert clean("第一行\r\n第二行\r第三行\t完", LIMIT) == "第一行\n第二行\n第三行\t完"
    assert clean("转\u202e给\u2066他", LIMIT) == "转给他"


@pytest.mark.parametrize("text", ["/restart", '/ask{"x": 1}', "EXTERNAL: card", "/转人工"])
def test_commands_are_just_text(text: str) -> None:
    assert clean(text, LIMIT) == text


def test_secrets_are_masked_whatever_hides_in_them() -> None:
    said = customer_text(f"卡号是{CARD}\u0000\u202e", LIMIT)
    assert CARD not in said.text
    assert said.masked
    hidden = customer_text("6222\u000002020011\u00012236 帮我看下", LIMIT)
    assert "6222020200112236" not in hidden.text
