"""What an agent must know before saying a word, so that nothing is asked twice (`GB/T 47746—2026 5.2.1`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.records import Message
from bot.desk.moods import NAMES, acts_of, mood_of
from bot.desk.records import Handoff
from bot.desk.views import reason_name

Titles = Mapping[str, str]

ASPECT_NAMES = {
    "overview": "简介",
    "how": "办理步骤",
    "materials": "材料",
    "time": "时间",
    "fee": "费用",
    "where": "渠道",
    "eligibility": "条件",
    "limit": "限额",
    "exception": "办不了时",
    "rights": "规定与权利",
}
_PROMISE = re.compile(
    r"[^。！？\n]*(?:将|会|承诺|保证)[^。！？\n]*(?:日内|天内|小时内|分钟内|工作日|之前|期限内|当日)[^。！？\n]*(?:答复|联系|处理|办理|回复|告知)[^。！？\n]*"
)
_ACT_NAMES = {
    "case_status": "查询办理进度",
    "case_urge": "催办",
    "case_withdraw": "撤回投诉或申请",
    "complain": "投诉",
    "request_human": "要求人工",
    "report_loss": "挂失",
    "report_fraud": "报告被骗或盗刷",
    "crisis": "人身安全求助",
    "compensation": "要求退款、赔偿或减免",
    "advice_request": "要求产品或审批建议",
    "share_secret": "发送敏感信息",
    "dissatisfied": "对答复不满意",
}
_MOST = 8


def summary_of(
    messages: Sequence[Message], handoff: Handoff | None, titles: Titles, slots: Mapping[str, Any]
) -> dict[str, Any]:
    """Asked what, tried what, collected what, promised what, in which mood; and all that in one sentence."""
    asked = _asked(messages, titles)
    acts = acts_of(messages)
    mood = mood_of(acts, handoff.urgent if handoff is not None else False)
    promised = _promised(messages)
    tried = _tried(messages, asked)
    return {
        "sentence": _sentence(asked, acts, tried, promised, mood, handoff),
        "asked": asked[:_MOST],
        "wishes": [_ACT_NAMES[act] for act in dict.fromkeys(acts) if act in _ACT_NAMES],
        "tried": tried,
        "slots": dict(slots),
        "promised": promised[:_MOST],
        "mood": mood,
        "mood_name": NAMES[mood],
    }


def _asked(messages: Sequence[Message], titles: Titles) -> list[dict[str, Any]]:
    counted: Counter[tuple[str, str | None]] = Counter()
    for message in messages:
        routing = message.routing or {}
        if routing.get("topic") and routing.get("decision") == "answer":
            counted[(routing["topic"], routing.get("aspect"))] += 1
    return [
        {
            "topic": topic,
            "title": titles.get(topic, topic),
            "aspect": aspect,
            "aspect_name": ASPECT_NAMES.get(aspect or "", ""),
            "times": times,
        }
        for (topic, aspect), times in counted.items()
    ]


def _tried(messages: Sequence[Message], asked: list[dict[str, Any]]) -> list[str]:
    tried = [
        f"智能客服答复过：{one['title']}" + (f"（{one['aspect_name']}）" if one["aspect_name"] else "")
        for one in asked[:_MOST]
    ]
    decisions = Counter((message.routing or {}).get("decision") for message in messages)
    if decisions["reject"]:
        tried.append(f"未能识别 {decisions['reject']} 次")
    if decisions["clarify"]:
        tried.append(f"请客户选择过 {decisions['clarify']} 次")
    return tried


def _promised(messages: Sequence[Message]) -> list[str]:
    found = []
    for message in messages:
        if message.role not in ("bot", "agent"):
            continue
        for block in message.blocks:
            if block["type"] == "case" and block.get("deadline"):
                found.append(f"工单 {block.get('number', '')}：{block['deadline']}")
            elif block["type"] in ("text", "notice"):
                found += [match.group().strip() for match in _PROMISE.finditer(str(block.get("text", "")))]
    return list(dict.fromkeys(found))


def _sentence(
    asked: list[dict[str, Any]],
    acts: list[str],
    tried: list[str],
    promised: list[str],
    mood: str,
    handoff: Handoff | None,
) -> str:
    wishes = [_ACT_NAMES[act] for act in dict.fromkeys(acts) if act in _ACT_NAMES and act != "request_human"]
    about = "、".join(list(dict.fromkeys(one["title"] for one in asked))[:3]) or "未说明具体业务"
    parts = [f"客户咨询：{about}"]
    if wishes:
        parts.append(f"诉求：{'、'.join(wishes[:3])}")
    if not asked and tried:
        parts.append("、".join(tried[:2]))
    if promised:
        parts.append(f"已承诺：{promised[0]}")
    parts.append(f"情绪：{NAMES[mood]}")
    if handoff is not None:
        parts.append(f"转人工原因：{reason_name(handoff.reason)}")
    return "；".join(parts) + "。"
