"""Numbers that check out, and the many ways people write them."""

from __future__ import annotations

import datetime
import re

from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from bot.privacy.normalise import fold

SCRIPTS = (
    "0123456789",
    "０１２３４５６７８９",
    "〇一二三四五六七八九",
    "零幺两三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "零壹貳參肆伍陸柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "٠١٢٣٤٥٦٧٨٩",
    "०१२३४५६७८९",
    "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
    tuple(f"{digit}\ufe0f\u20e3" for digit in "0123456789"),
)
WORDS = (
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    ("ling", "yao", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu"),
)
SIGNS = (
    "",
    "",
    " ",
    "-",
    ".",
    "/",
    ",",
    "，",
    "、",
    "\n",
    "  ",
    " - ",
    "\u200b",
    "—",
    "·",
    "_",
    "\u3000",
    "…",
    "*",
)
FILLERS = (" 然后是 ", " 再 ", "，接着 ", "空格", "，然后", "横杠", "，还有")
#: Chinese that holds no numeral and no noun for a number.
PROSE = "您好我想问下怎么办理请帮忙查看业务谢谢网点流程需要材料什么时候可以转吗，。？！"

_PLACEHOLDER = re.compile("〔[^〕]*〕")

prose = st.text(PROSE, max_size=12)
digits = st.text("0123456789", min_size=19, max_size=19)


@st.composite
def cards(draw: st.DrawFn) -> str:
    """Any Luhn-valid number of 13 to 19 digits."""
    length = draw(st.integers(13, 19))
    body = draw(st.sampled_from(["62", "4", "51", "9558", "35", "7", "1"])) + draw(digits)
    body = body[: length - 1]
    return body + luhn.calc_check_digit(body)


@st.composite
def citizens(draw: st.DrawFn) -> str:
    """A citizen number with a real date and the right check character."""
    place = draw(st.sampled_from(["110105", "320102", "440106", "510104", "650102"]))
    born = draw(st.dates(datetime.date(1930, 1, 1), datetime.date(2024, 12, 31)))
    body = f"{place}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + ric.calc_check_digit(body + "0")


@st.composite
def phones(draw: st.DrawFn) -> str:
    """A mobile phone, sometimes with the country code."""
    prefix = draw(st.sampled_from(["", "", "+86", "0086"]))
    return prefix + "1" + draw(st.sampled_from("3456789")) + draw(digits)[:9]


@st.composite
def spelled(draw: st.DrawFn, numbers: st.SearchStrategy[str], fillers: bool = True) -> tuple[str, str]:
    """A number and one spelling of it: one script or a mix, signs or filler words between."""
    number = draw(numbers)
    manner = draw(st.sampled_from(["solid", "groups", "digits", "ragged", "words"] + ["filled"] * fillers))
    if manner == "words" and number.isdigit():
        names = draw(st.sampled_from(WORDS))
        return number, draw(st.sampled_from([" ", "-", ", "])).join(names[int(digit)] for digit in number)
    scripts = draw(st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=3))
    picks = draw(st.lists(st.integers(0, len(scripts) - 1), min_size=len(number), max_size=len(number)))
    signs = [scripts[pick][int(sign)] if sign.isdigit() else sign for sign, pick in zip(number, picks, strict=True)]
    if manner == "ragged":
        gaps = draw(st.lists(st.sampled_from(SIGNS), min_size=len(signs), max_size=len(signs)))
        return number, "".join(sign + gap for sign, gap in zip(signs, gaps, strict=True)).rstrip("".join(SIGNS))
    size = {"solid": 30, "digits": 1}.get(manner, 4)
    between = draw(st.sampled_from(FILLERS if manner == "filled" else SIGNS))
    return number, between.join("".join(signs[at : at + size]) for at in range(0, len(signs), size))


def digits_left(masked: str) -> str:
    """Digits in any spelling that a masked text still shows outside its placeholders."""
    return "".join(re.findall("[0-9]", fold(_PLACEHOLDER.sub("ǁ", masked)).digits))


def tails(masked: str) -> list[str]:
    """Last digits that the placeholders of a masked text show."""
    return re.findall("尾号([0-9]{4})〕", masked)
