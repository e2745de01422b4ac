"""What must stay readable: amounts, dates, times, case and clause numbers, hotlines, short tails.

A mark says why a digit is probably harmless.  It is a hint, not a pardon: a number that passes its own
check digit as a whole is masked even when a part of it looks like one of these (see ``numbers``).
"""

from __future__ import annotations

import re

from bot.privacy.normalise import Folded

NONE, WEAK, COUNT, HOTLINE, STRONG = 0, 1, 2, 3, 4

_MONEY = r"(?:元|块|圆|万|亿|美元|美金|港币|港元|欧元|英镑|日元|人民币|rmb|cny|usd|%|‰)"
_COUNTED = r"(?:[个笔次年月日天时分秒岁位人张期倍遍条步种家级版名份室楼层股克]|小时|号楼)"

_YEAR, _MONTH, _DAY = r"(?:19|20)[0-9]{2}", r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12][0-9]|0?[1-9])"
_MM, _DD = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12][0-9]|3[01])"
_HOUR, _SIXTY = r"(?:2[0-4]|[01]?[0-9])", r"[0-5][0-9]"
_STANDARD = r"(?: ?/ ?[tz])? ?[0-9]{3,6}(?:\.[0-9]+)?(?:-[0-9]{4})?(?:[,、/] ?[0-9]{3,6}(?:-[0-9]{4})?){0,12}"

#: Mark, characters of which a text needs one for the rule to apply (empty: any), rule.
_RULES: tuple[tuple[int, str, re.Pattern[str]], ...] = (
    # unmarked decimals and thousands, clause numbers, compact dates
    (WEAK, ",", re.compile(r"(?<![0-9])(?<![0-9][.,])[0-9]{1,3}(?:,[0-9]{3}){1,3}(?![0-9]|,[0-9])")),
    (WEAK, ".", re.compile(r"(?<![0-9])(?<![0-9][.,])[0-9]{1,10}\.[0-9]{2}(?![0-9.])")),
    (WEAK, ".", re.compile(r"(?<![0-9])(?<![0-9]\.)[0-9]{1,2}(?:\.[0-9]{1,2}){1,4}(?![0-9]|\.[0-9])")),
    (WEAK, "", re.compile(rf"(?<![0-9]){_YEAR}{_MM}{_DD}(?![0-9])")),
    # counted things
    (COUNT, "", re.compile(rf"(?<![0-9])(?<![0-9][.,])[0-9]{{1,10}}(?:\s?{_COUNTED}|点)")),
    # hotlines and tails
    (
        HOTLINE,
        "",
        re.compile(r"(?<![0-9])(?:95[0-9]{3}|96[0-9]{3}|123[0-9]{2}|100(?:00|10|86|99)|11[0-9]|120)(?![0-9])"),
    ),
    (HOTLINE, "4", re.compile(r"(?<![0-9])[48]00[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}(?![0-9])")),
    (
        HOTLINE,
        "尾末后",
        re.compile(r"(?:尾号|尾数|末尾|[后末][四4三3]位)(?:数字?|是|为|[:\s])*(?P<n>[0-9]{3,4})(?![0-9])"),
    ),
    # amounts
    (
        STRONG,
        "元块圆万亿美港欧英日人rcu%‰",
        re.compile(rf"(?<![0-9])(?<![0-9][.,])[0-9]{{1,10}}(?:\.[0-9]{{1,4}})?\s?{_MONEY}"),
    ),
    (
        STRONG,
        "¥$€£r人",
        re.compile(r"(?:¥|\$|€|£|rmb|人民币)\s?(?P<n>[0-9]{1,10}(?:\.[0-9]{1,2})?)(?![0-9])"),
    ),
    (
        STRONG,
        ",",
        re.compile(
            rf"(?<![0-9])(?<![0-9][.,])[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,3}}(?:\.[0-9]{{2}}(?![0-9.])|\s?{_MONEY})"
        ),
    ),
    # dates and times
    (STRONG, "-/.", re.compile(rf"(?<![0-9]){_YEAR}(?P<s>[-/.]){_MONTH}(?P=s){_DAY}(?![0-9])")),
    (STRONG, "年月", re.compile(rf"(?<![0-9])(?:{_YEAR}年)?{_MONTH}月(?:{_DAY}[日号])?|(?<![0-9]){_YEAR}年")),
    (STRONG, ":", re.compile(rf"(?<![0-9:]){_HOUR}:{_SIXTY}(?::{_SIXTY}(?:\.[0-9]{{1,9}})?)?(?![0-9:])")),
    (
        STRONG,
        "2",
        re.compile(rf"(?<![0-9])20[0-9]{{2}}{_MM}{_DD}(?:[01][0-9]|2[0-3]){_SIXTY}(?:{_SIXTY})?(?![0-9])"),
    ),
    # case numbers and names of standards
    (STRONG, "-", re.compile(r"(?<![a-z])[a-z]{2,4}-20[0-9]{2}-?[0-9a-z]{2,8}(?![0-9a-z])")),
    (STRONG, "gjdyi", re.compile(rf"(?<![a-z])(?:gb|jr|db|yd|iso|iec)[0-9]{{0,4}}{_STANDARD}(?![0-9])")),
)


def marks(folded: Folded) -> bytearray:
    """One mark a folded character, the strongest that applies.

    In: a folded text.  Out: ``NONE`` to ``STRONG`` for every entry; non-digits may be marked too.
    """
    found = bytearray(len(folded.digits))
    present = set(folded.digits)
    if present.isdisjoint("0123456789"):
        return found
    for mark, needed, rule in _RULES:
        if needed and present.isdisjoint(needed):
            continue
        group = "n" if "n" in rule.groupindex else 0
        for match in rule.finditer(folded.digits):
            start, end = match.span(group)
            found[start:end] = bytes((mark,)) * (end - start)
    return found
