"""What customers' words hold for a form."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.forms import fields
from bot.cases.number import new_number


@settings(deadline=None, max_examples=60)
@given(st.dates(date(2024, 1, 1), date(2035, 1, 1)), st.sampled_from(["{}", "编号{}，谢谢", "我的工单{}尾号5678"]))
def test_that_a_case_number_is_found_however_it_is_typed(day: date, frame: str) -> None:
    number = new_number(day)
    for spelled in (
        number,
        number.lower(),
        number.replace("-", ""),
        number.replace("-", " "),
        number.replace("-", "—"),
    ):
        assert fields.case_number_in(frame.format(spelled)) == number


def test_that_a_wrong_check_symbol_is_no_number_but_still_like_one() -> None:
    number = new_number(date(2026, 11, 26))
    wrong = number[:-1] + ("2" if number[-1] != "2" else "3")
    assert fields.case_number_in(wrong) is None
    assert fields.number_like_in(wrong) == wrong


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("5678", "5678"), ("尾号5678", "5678"), ("后四位是 5 6 7 8", "5678"), ("五六七八", "5678"),
        ("尾号：１２３４", "1234"), ("〔手机号尾号4321〕", "4321"), ("手机号后4位0099哦", "0099"),
        ("2026年", None), ("五千", None), ("12345", None), ("不记得", None), ("花了1000元", None),
    ],
)  # fmt: skip
def test_that_a_phone_tail_is_found(text: str, tail: str | None) -> None:
    assert fields.phone_tail_in(text) == tail


def test_that_the_digits_of_a_case_number_are_no_tail() -> None:
    number = new_number(date(2026, 11, 26))
    assert fields.phone_tail_in(number) is None
    assert fields.phone_tail_in(f"{number}，5678") == "5678"
    assert fields.phone_tail_in("5678", named_only=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "确认",
        "嗯",
        "好的，提交吧",
        "对的没问题",
        "是的",
        "OK",
        "可以",
        "確認提交",
        "行，就这样",
        "撤吧，确认撤回",
        "对对对",
    ],
)
def test_that_yes_is_yes(text: str) -> None:
    assert fields.is_yes(text)


@pytest.mark.parametrize(
    "text",
    ["不是", "不对，是城西支行", "等一下", "确认之前我再问一句多久", "先不提交", "要带什么", "", "转账限额是多少"],
)
def test_that_what_is_no_plain_yes_is_none(text: str) -> None:
    assert not fields.is_yes(text)


@pytest.mark.parametrize(
    "text", ["算了不投诉了", "不查了", "取消", "我不投诉了", "算了", "不用了", "卡找到了", "先不撤了"]
)
def test_that_giving_up_is_heard(text: str) -> None:
    assert fields.quits(text)


@pytest.mark.parametrize(
    "text",
    [
        "要求取消这笔扣费并且道歉",
        "不用我说你也知道",
        "他们说取消就取消太过分了我要个说法",
        "不办理就不让走",
        "不说清楚不行",
    ],
)
def test_that_a_story_is_no_giving_up(text: str) -> None:
    assert not fields.quits(text)


@pytest.mark.parametrize(
    ("text", "when", "where", "demand"),
    [
        ("昨天下午在城东支行排队两小时，要求道歉", True, True, True),
        ("手机银行一直登不上", False, True, False),
        ("上个月15号扣了我的钱，退给我", True, False, True),
        ("你们态度太差", False, False, False),
        ("希望给个说法", False, False, True),
    ],
)
def test_that_time_place_and_demand_are_noticed(text: str, when: bool, where: bool, demand: bool) -> None:
    assert (fields.says_when(text), fields.says_where(text), fields.says_demand(text)) == (when, where, demand)


@pytest.mark.parametrize("text", ["我要投诉", "我想投诉你们银行！", "投诉", "我要投诉一下你们", "怎么，我要投诉"])
def test_that_a_mere_wish_to_complain_tells_nothing(text: str) -> None:
    assert not fields.tells(text)


def test_that_what_happened_is_told() -> None:
    assert fields.tells("我要投诉你们柜员态度差")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_that_any_text_can_be_read(text: str) -> None:
    for function in (fields.case_number_in, fields.number_like_in, fields.phone_tail_in, fields.card_tail_in):
        function(text)
    for check in (fields.is_yes, fields.is_no, fields.quits, fields.is_vague, fields.tells, fields.forgot):
        assert check(text) in (True, False)
