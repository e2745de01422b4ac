"""The nearest noun that says what a number is: a card, an identity document, a phone, a reference."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from bot.privacy.normalise import BARRIER

_NOUNS = re.compile(
    "(?P<ref>订单|流水|单号|工单|案件|案号|凭证|参考号|编号|合同|发票|交易号|票号|运单|快递)"
    "|(?P<id_number>身份证?|证件|公民身份|id ?card|id ?(?:number|no)|shen ?fen ?zheng|sfz)"
    "|(?P<phone>手机|电话|联系方式|致电|联系人|tel|phone|mobile|shou ?ji|dian ?hua)"
    "|(?P<card>卡|账号|账户|户头|存折|card|account|ka ?hao|zhang ?hao|yin ?hang ?ka)"
)
BEFORE, AFTER = 16, 8


class Context:
    """Nouns of one folded text with their places."""

    def __init__(self, plain: str) -> None:
        self._plain = plain
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._kinds: list[str] = []
        for match in _NOUNS.finditer(plain):
            self._starts.append(match.start())
            self._ends.append(match.end())
            self._kinds.append(match.lastgroup or "")

    def kind(self, start: int, end: int) -> str:
        """What the number at folded [start, end) is called.

        Out: ``card``, ``id_number``, ``phone``, ``ref`` or ``""``.  The closest noun within sixteen
        characters before wins; without one, the first within eight characters after.
        """
        index = bisect_right(self._ends, start) - 1
        near = index >= 0 and start - self._ends[index] <= BEFORE
        if near and BARRIER not in self._plain[self._ends[index] : start]:
            return self._kinds[index]
        index = bisect_left(self._starts, end)
        if index < len(self._starts) and self._starts[index] - end <= AFTER:
            between = self._plain[end : self._starts[index]]
            if BARRIER not in between and not re.search("[,。;!?\n]", between):
                return self._kinds[index]
        return ""
