"""Words of dialects and scraps of English become what the examples say; everything else stays."""

from __future__ import annotations

import pytest

from bot.nlu.normaliser import normalise
from bot.nlu.spoken import WORDS, plain


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("點解我啲錢轉唔到", "为什么我的钱转不到"),
        ("張卡唔見咗,點算", "张卡不见了,怎么办"),
        ("去邊度攞結清證明", "去哪里拿结清证明"),
        ("咋整啊卡丢了", "怎么办啊卡丢了"),
        ("俺想存个定期", "我想存个定期"),
        ("啥时候能到账", "什么时候能到账"),
        ("login密码错几次会lock", "登录密码错几次会锁"),
        ("储蓄卡的 annual fee 是多少", "储蓄卡的年费是多少"),
        ("要带哪些documents", "要带哪些材料"),
    ],
)
def test_that_dialect_and_scraps_are_said_in_standard_chinese(said: str, meant: str) -> None:
    assert normalise(said) == meant


@pytest.mark.parametrize(
    "text",
    [
        "联系不上客服",
        "系统打不开",
        "点开链接之后钱没了",
        "会不会影响征信",
        "制造业贷款利率",
        "how much is the transfer fee",
        "what documents do i need to open an account,谢谢",
        "ny261126-7kq4mx-r",
    ],
)
def test_that_other_words_stay(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize("name", ["I", "1", "Ⅰ", "一"])
def test_that_classes_of_accounts_are_spelled_in_one_way(name: str) -> None:
    assert normalise(f"{name}类户限额") == "一类户限额"


def test_that_no_line_of_the_list_is_idle_or_stands_twice() -> None:
    lines = [line for line in WORDS.read_text(encoding="utf-8").splitlines() if line and line[0] not in "#["]
    pairs = [line.rpartition(" ")[::2] for line in lines]
    assert all(said and meant and said != meant for said, meant in pairs)
    assert len({said for said, _ in pairs}) == len(pairs)
