"""Validation errors of conversation files in words: which turn, which key, what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_SAYINGS = {
    "value_error.extra": "不认识的键",
    "value_error.missing": "缺少这一项",
    "value_error.any_str.min_length": "不能是空的",
    "value_error.list.min_items": "至少要有一项",
    "type_error.none.not_allowed": "不能是空的",
    "type_error.str": "应是文字（数字请加引号）",
    "type_error.integer": "应是整数",
    "type_error.float": "应是数字",
    "type_error.bool": "应是 true 或 false",
    "value_error.strictbool": "应是 true 或 false",
    "type_error.list": "应是列表",
    "type_error.tuple": "应是列表",
    "type_error.dict": "应是一组“键: 值”",
    "value_error.str.regex": "格式不对，phone_tail 应是加引号的四位数字",
}


def explain(error: ValidationError) -> list[str]:
    """Return one Chinese line for each problem, without repetitions: place, then what is wrong."""
    lines = []
    for item in error.errors():
        place, line = _place(item["loc"]), _problem(item)
        text = f"{place}：{line}" if place else line
        if text not in lines:
            lines.append(text)
    return lines


def _place(loc: tuple[int | str, ...]) -> str:
    if loc[:1] == ("__root__",):
        return ""
    turn = ""
    keys = list(loc)
    if len(keys) > 1 and keys[0] == "turns" and isinstance(keys[1], int):
        turn, keys = f"第 {keys[1] + 1} 轮", keys[2:]
    name = ".".join(key for key in keys if isinstance(key, str) and key != "__root__")
    return " ".join(part for part in (turn, name) if part)


def _problem(item: Mapping[str, Any]) -> str:
    kind, context = item["type"], item.get("ctx") or {}
    if kind == "value_error.const":
        permitted = "、".join(_shown(value) for value in context["permitted"])
        return f"应是 {permitted}{' 之一' if '、' in permitted else ''}，现在是 {_shown(context['given'])}"
    if kind.startswith("value_error.number"):
        signs = {"ge": "不小于", "le": "不大于", "gt": "大于", "lt": "小于"}
        sign = kind.rpartition("not_")[2]
        return f"应{signs.get(sign, '符合')} {context.get('limit_value')}"
    return _SAYINGS.get(kind, str(item["msg"]))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)
