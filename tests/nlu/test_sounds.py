"""Homophone typos and typed pinyin sound like what was meant."""

from __future__ import annotations

import pytest

from bot.nlu.sounds import sound_ngrams, spell, syllables


@pytest.mark.parametrize("written", ["转账", "赚帐", "zhuanzhang", "zhuan zhang", "转zhang"])
def test_that_all_ways_to_write_a_word_sound_alike(written: str) -> None:
    assert syllables(written) == ("zhuan", "zhang")


@pytest.mark.parametrize(
    ("letters", "sounds"),
    [("guashi", ["gua", "shi"]), ("yinhangka", ["yin", "hang", "ka"]), ("xyz", ["xyz"]), ("a", ["a"])],
)
def test_that_runs_of_letters_are_cut_into_syllables_or_left_alone(letters: str, sounds: list[str]) -> None:
    assert spell(letters) == sounds


@pytest.mark.parametrize("text", ["", "?!", " "])
def test_that_signs_have_no_sound(text: str) -> None:
    assert syllables(text) == () and sound_ngrams(text) == []


def test_that_ngrams_are_of_one_to_three_syllables() -> None:
    assert sound_ngrams("补卡费") == ["bu", "ka", "fei", "bu ka", "ka fei", "bu ka fei"]


def test_that_three_hundred_letters_are_spelled_without_delay() -> None:
    assert len(spell("zhuang" * 50)) == 50
    assert spell("q" * 300) == ["q" * 300]
