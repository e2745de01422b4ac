"""No number that checks out survives, whatever its spelling and whatever stands around it."""

from __future__ import annotations

import sys
import time
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.privacy import mask
from bot.privacy.masking import _LABELS
from tests.privacy.spellings import cards, citizens, digits_left, phones, prose, spelled, tails
from tests.privacy.test_examples import KEPT, MASKED

many = settings(max_examples=300, deadline=None)
numerals = st.text("您好我想问下怎么一二三两办", max_size=8)
PIECES = """密码 验证码 是 卡号 身份证 手机 CVV 有效期 6222 0202 0011 2230 13812345678 110105194912310021
X 5000元 ， 。 112233 8392 一 二三 十 然后 〔密码〕 〔卡号尾号1234〕 abc123 是我的 - 次 位 2026-11-23 流水号
code is 吗 忘了 😀 O2 1 百 \u200b"""
pieces = st.sampled_from([*PIECES.split(), " ", "\n"])


@many
@given(prose, spelled(cards()), prose)
def test_a_card_leaves_only_its_tail(before: str, card: tuple[str, str], after: str) -> None:
    masked = mask(before + card[1] + after)
    assert digits_left(masked.text) == ""
    assert tails(masked.text) in ([card[0][-4:]], [])
    assert masked.kinds


@many
@given(prose, spelled(citizens(), fillers=False), prose)
def test_a_citizen_number_leaves_nothing(before: str, number: tuple[str, str], after: str) -> None:
    masked = mask(before + number[1] + after)
    assert digits_left(masked.text) == ""
    assert "id_number" in masked.kinds
    assert tails(masked.text) == []


@many
@given(prose, spelled(phones(), fillers=False), prose)
def test_a_phone_leaves_only_its_tail(before: str, phone: tuple[str, str], after: str) -> None:
    masked = mask(before + phone[1] + after)
    assert digits_left(masked.text) == ""
    assert tails(masked.text) == [phone[0][-4:]]


@many
@given(numerals, spelled(cards(), fillers=False), numerals)
def test_numerals_in_the_words_around_do_not_help(before: str, card: tuple[str, str], after: str) -> None:
    left = digits_left(mask(before + card[1] + after).text)
    assert not any(card[0][at : at + 6] in left for at in range(len(card[0]) - 5))


@many
@given(st.lists(pieces, max_size=30).map("".join))
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask(text)
    again = mask(once.text)
    assert (again.text, again.kinds) == (once.text, ())


@many
@given(st.one_of(st.text(max_size=80), st.lists(pieces, max_size=30).map("".join)))
def test_spans_and_text_tell_the_same_story(text: str) -> None:
    masked = mask(text)
    rebuilt, at = "", 0
    for kind, start, end in masked.spans:
        assert at <= start < end <= len(text)
        label = _LABELS[kind].split("{}")[0]
        rebuilt += text[at:start]
        assert masked.text.startswith(label, len(rebuilt))
        rebuilt = masked.text[: masked.text.index("〕", len(rebuilt)) + 1]
        at = end
    assert rebuilt + text[at:] == masked.text
    assert masked.kinds == tuple(sorted({kind for kind, _, _ in masked.spans}))


@given(st.lists(st.sampled_from(KEPT + [text for text, _, _ in MASKED]), max_size=6).map("。我说".join))
def test_equal_input_gives_equal_output(text: str) -> None:
    assert mask(text) == mask(text)


SHAPES = {
    "digits": "7314159265358979",
    "ones": "1",
    "single": "1 ",
    "pairs": "13 ",
    "groups": "6222 ",
    "numerals": "六十二",
    "keywords": "密码是",
    "codes": "验证码1",
    "fillers": "6222然后",
    "invisible": "6\u200b",
    "dates": "2026-11-23 13:05 ",
    "thousands": "1,234,",
    "letters": "a1",
    "behind": "是我的",
    "tags": "6<b>",
    "spaces": " ",
    "secrets": "密码 112233 ",
    "prose": "您好，我想问一下5000元怎么转。",
}


def _work(text: str) -> int:
    """Calls made while masking; unlike time it is the same on every machine."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        mask(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_work_grows_with_the_length_only(shape: str) -> None:
    small, large = (shape * (size // len(shape)) for size in (2_000, 16_000))
    assert _work(large) < 12 * _work(small) + 2_000  # eight times the text; quadratic would be sixty-four


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_no_pattern_backtracks_over_a_long_text(shape: str) -> None:
    def seconds(size: int) -> float:
        text = "密码" + shape * (size // len(shape)) + "。"
        best = float("inf")
        for _ in range(3):
            began = time.process_time()
            mask(text)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(40_000) < 40 * seconds(4_000) + 0.05  # ten times the text; quadratic would be a hundred
