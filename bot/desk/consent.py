"""A typed yes or no to the question whether the bot may go on."""

from __future__ import annotations

from bot.desk.policies import plain

_YES = {
    *("好", "好的", "好滴", "好嘞", "行", "行的", "可以", "可以的", "同意", "是", "是的", "嗯", "嗯嗯", "恩", "对"),
    *("没问题", "没关系", "转回", "转回去", "转吧", "ok", "okay", "yes", "y"),
}
_NO = {
    *("不", "不用", "不用了", "不要", "不行", "不同意", "不可以", "不好", "别", "别转", "先别", "不转", "不是", "否"),
    *("继续人工", "还是人工", "要人工", "人工", "转人工", "no", "n"),
}


def consents(text: str) -> bool | None:
    """True for yes, False for no, None for anything else (which is simply a message for the agent)."""
    words = plain(text).lower()
    if words in _NO or words.startswith(("不用", "不同意", "不要")):
        return False
    if words in _YES or words.startswith(("同意", "好的可以", "可以转")):
        return True
    return None
