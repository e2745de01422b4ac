"""Reading what customers type beside whole questions: choices, corrections, several questions at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.choices import NONE_OF_THEM, counted, named
from actions.corrections import correction_in, mere_word_in, wordings
from actions.parts import MOST_PARTS, questions_in, sentences_in


def picked(text: str, names: list[list[str]]) -> int | None:
    position = counted(text, len(names))
    return named(text, names) if position is None else position


NAMES = [["补卡与换卡:费用", "换卡", "补办银行卡"], ["挂失与解挂:费用", "挂失"], ["转账手续费", "转账费"]]


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("第一个", 0), ("第二个吧", 1), ("我要第三个", 2), ("1", 0), ("2.", 1), ("选3", 2), ("第１個", 0),
        ("前面那个", 0), ("后面那个", 2), ("最后一个", 2), ("中间那个", 1), ("上面的", 0), ("下面那项", 2),
        ("补卡那个", 0), ("挂失", 1), ("我说的是挂失", 1), ("转账的那个", 2), ("補卡那個", 0),
        ("都不是", NONE_OF_THEM), ("以上都不是", NONE_OF_THEM), ("没有我要的", NONE_OF_THEM), ("不是", NONE_OF_THEM),
        ("第五个", None), ("好的", None), ("多少钱", None), ("", None), ("👍", None), ("4", None),
        ("我的卡前天在超市买东西时丢了怎么办", None),
    ],
)  # fmt: skip
def test_that_a_typed_answer_picks_a_choice(text: str, position: int | None) -> None:
    assert picked(text, NAMES) == position


def test_that_what_fits_two_choices_picks_none() -> None:
    assert picked("那个卡", [["补卡"], ["换卡"]]) is None
    assert picked("第一个", []) is None


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("不是信用卡，是储蓄卡", "储蓄卡", "信用卡"),
        ("我说的是挂失不是换卡", "挂失", "换卡"),
        ("是存折不是存单", "存折", "存单"),
        ("不是问转账，是问取现", "取现", "转账"),
        ("我不是要投诉，我是想表扬", "表扬", "投诉"),
        ("不是這個意思，我想問轉賬限額", "转账限额", None),
        ("不对，我问的是利率", "利率", None),
        ("你搞错了，我说的是提前还款", "提前还款", None),
        ("我问的是年费", "年费", None),
    ],
)
def test_that_a_correction_is_read(text: str, right: str, wrong: str | None) -> None:
    found = correction_in(text)
    assert found is not None
    assert (found.right, found.wrong) == (right, wrong)


@pytest.mark.parametrize("text", ["信用卡年费多少", "不是我问的", "是的", "不对", "这是我的卡，不用密码", ""])
def test_that_what_corrects_nothing_is_no_correction(text: str) -> None:
    assert correction_in(text) is None


@pytest.mark.parametrize(
    ("text", "word"), [("那挂失呢", "挂失"), ("储蓄卡呢？", "储蓄卡"), ("换成信用卡的话呢", "信用卡")]
)
def test_that_a_mere_word_is_read(text: str, word: str) -> None:
    assert mere_word_in(text) == word


def test_that_a_correction_becomes_whole_questions_the_surest_first() -> None:
    found = wordings("储蓄卡", "信用卡", "信用卡年费多少", ["信用卡"], "fee")
    assert found == ["储蓄卡年费多少", "储蓄卡要多少钱", "储蓄卡"]
    assert wordings("利率", None, "", [], None) == ["利率"]
    assert wordings("信用卡", "转账", "怎么提高额度", [], None) == ["信用卡怎么提高额度", "信用卡"]
    assert wordings("违约金", "这个", "分期手续费怎么算", [], None) == ["违约金"]


def test_that_a_slip_of_the_tongue_is_put_right() -> None:
    correction = correction_in("说错了，是储蓄卡")
    assert correction is not None
    assert correction.right == "储蓄卡"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("补卡要带什么，另外转账限额是多少", ["补卡要带什么", "转账限额是多少"]),
        ("补卡要带什么还有转账限额是多少", ["补卡要带什么", "转账限额是多少"]),
        ("我的卡丢了，怎么补办，手续费多少", ["我的卡丢了，怎么补办", "手续费多少"]),
        ("我卡里还有多少钱", ["我卡里，还有多少钱"]),
        ("信用卡年费多少 怎么免", ["信用卡年费多少", "怎么免"]),
        ("提前还款有违约金吗，需要预约不，还有利率多少", ["提前还款有违约金吗", "需要预约不", "利率多少"]),
        ("我昨天去了趟网点，人很多，没办成", ["我昨天去了趟网点，人很多，没办成"]),
        ("怎么投诉？谢谢", ["怎么投诉？，谢谢"]),
    ],
)
def test_that_a_message_is_cut_where_both_sides_ask(text: str, pieces: list[str]) -> None:
    assert questions_in(text) == pieces


@settings(deadline=None)
@given(st.text(max_size=400))
def test_that_any_text_can_be_cut(text: str) -> None:
    assert len(questions_in(text)) <= MOST_PARTS and len(sentences_in(text)) <= MOST_PARTS
    assert all(piece for piece in questions_in(text)) or not text
    picked(text, NAMES)
    correction_in(text)
    mere_word_in(text)
