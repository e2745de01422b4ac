"""Many spellings of one sentence come down to one form, and nothing that matters is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.normaliser import MAX_CHARS, normalise, surface, without_politeness

CARD_LOST = "卡丢了怎么办"


@pytest.mark.parametrize(
    "spelling",
    [
        "卡丢了怎么办",
        "卡丟了怎麼辦",
        "卡 丢 了 怎 么 办",
        "卡\u3000丢了\u3000怎么办",
        "卡丢了\u200b怎么\ufeff办",
        "😭卡丢了怎么办😭😭",
        "你好,卡丢了怎么办",
        "您好!!请问一下 卡丢了怎么办",
        "卡丢了怎么办,谢谢您了",
        "亲,在吗?麻烦问下卡丢了怎么办,急急急,在线等!",
        "姑娘,我想咨询一下,卡丢了怎么办,拜托了",
    ],
)
def test_that_every_spelling_of_a_question_becomes_the_same_text(spelling: str) -> None:
    assert normalise(spelling) == CARD_LOST


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ATM機吞卡", "atm机吞卡"),
        ("5萬元", "5万元"),
        ("U盾", "u盾"),
        ("帳戶餘額", "账户余额"),
        ("补卡!!!!要带什么????", "补卡!要带什么?"),
        ("好好好好好", "好好"),
        ("how to open an account", "how to open an account"),
    ],
)
def test_that_widths_characters_and_drawn_out_signs_are_unified(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["你好", "请问", "谢谢", "麻烦", "在吗", "我想问问"])
def test_that_politeness_which_is_the_whole_message_stays(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize("thanks", ["好的谢谢", "嗯嗯 谢谢", "知道了,谢谢啦"])
def test_that_a_thank_you_is_not_cut_down_to_a_yes(thanks: str) -> None:
    assert "谢谢" in normalise(thanks)


@pytest.mark.parametrize(
    ("text", "left"),
    [("问一下定期利率", "定期利率"), ("定期利率谢谢", "定期利率"), ("定期利率", "定期利率"), ("请问", "请问")],
)
def test_that_only_politeness_is_stripped(text: str, left: str) -> None:
    assert without_politeness(text) == left


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\x00", "\u200b\u200b", "😀", "🏦😀"])
def test_that_what_says_nothing_becomes_nothing(text: str) -> None:
    assert normalise(text) == ""


@pytest.mark.parametrize(("sign", "words"), [("👍", "谢谢"), ("👌", "好的"), ("❌", "不对"), ("👎👎", "不满意")])
def test_that_a_lone_gesture_is_read_as_its_words(sign: str, words: str) -> None:
    assert normalise(sign) == words
    assert words not in normalise(f"补卡{sign}")


@pytest.mark.parametrize(
    ("placeholder", "word"),
    [("〔卡号尾号2236〕", "卡号已屏蔽"), ("〔证件号〕", "证件号已屏蔽"), ("〔验证码〕", "验证码已屏蔽")],
)
def test_that_a_masked_secret_is_a_word_without_its_digits(placeholder: str, word: str) -> None:
    found = normalise(f"我的是{placeholder}对吗")
    assert word in found
    assert not any(char.isdigit() for char in found)


@pytest.mark.parametrize("unit", ["我要补卡", "a", "! ", "你好", "谢谢", "卡 ", "1", "賬", "😀", "。"])
def test_that_twenty_thousand_characters_are_cut_to_a_bound(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    assert len(normalise(text)) <= MAX_CHARS


def test_that_of_a_long_story_beginning_and_end_are_read() -> None:
    story = "我的卡被吞了," + "".join(chr(0x4E00 + number) for number in range(5_000)) + ",现在要怎么拿回来"
    found = normalise(story)
    assert found.startswith("我的卡被吞了")
    assert found.endswith("现在要怎么拿回来")


_PIECES = [
    *("你好", "您好", "请问", "麻烦", "想问一下", "在吗", "谢谢", "thx", "急", "在线等"),
    *("卡", "丢了", "怎么办", "補辦", "什麼", "幺麼", "Ａ", "1", " ", "\u3000", ",", "!", "?", "。", "😀", "👍"),
    *("〔卡号尾号1234〕", "〔密码〕", "/"),
]
_MESSAGES = st.text(max_size=40) | st.lists(st.sampled_from(_PIECES), max_size=16).map("".join)


@settings(max_examples=400, deadline=None)
@given(_MESSAGES)
def test_that_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@settings(max_examples=300, deadline=None)
@given(_MESSAGES)
def test_that_no_message_with_words_is_stripped_to_nothing(text: str) -> None:
    said = [char for char in surface(text) if "\u4e00" <= char <= "\u9fff"]
    assert not said or normalise(text)
