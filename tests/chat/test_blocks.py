"""The block schema is strict, and payloads never reach a client."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from pydantic import ValidationError

from bot.blocks import Button, ButtonsBlock, Reply, TextBlock, public

GOOD: list[dict[str, Any]] = [
    {"type": "text", "text": "您好"},
    {"type": "buttons", "title": "您想问的是", "buttons": [{"title": "挂失", "payload": {"topic": "card.loss"}}]},
    {"type": "steps", "title": "步骤", "items": ["第一步", "第二步"]},
    {"type": "facts", "kind": "materials", "title": "材料", "items": [{"label": "证件", "text": "身份证"}]},
    {"type": "citation", "source": "《2025年银行客户服务规范》", "clause": "1.1", "certainty": "H"},
    {"type": "case", "number": "A1", "timeline": [{"at": "2026-01-01", "what": "已受理"}]},
    {"type": "form", "asks_for": "case_number", "title": "请提供编号"},
    {"type": "notice", "kind": "bot", "text": "我是机器人"},
    {"type": "handoff", "state": "offered", "reason": "r", "priority": "normal", "skill": "general"},
    {"type": "rating", "title": "请评价"},
]


def test_every_kind_of_block_is_understood() -> None:
    reply = Reply.parse_obj({"version": 1, "blocks": GOOD, "routing": None})
    assert [block.type for block in reply.blocks] == [block["type"] for block in GOOD]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_unknown_keys_are_refused_except_in_cases(block: dict[str, Any]) -> None:
    changed = {"version": 1, "blocks": [{**block, "surprise": "x"}]}
    if block["type"] == "case":
        Reply.parse_obj(changed)
        return
    with pytest.raises(ValidationError):
        Reply.parse_obj(changed)


@pytest.mark.parametrize(
    "reply",
    [
        {"version": 2, "blocks": [GOOD[0]]},
        {"version": 1, "blocks": []},
        {"version": 1, "blocks": [GOOD[0]] * 41},
        {"version": 1, "blocks": [GOOD[0]], "surprise": 1},
        {"version": 1, "blocks": [{"type": "html", "html": "<b>x</b>"}]},
        {"version": 1, "blocks": [{"text": "without type"}]},
        {"version": 1, "blocks": [{"type": "text", "text": 5}]},
        {"version": 1, "blocks": [{"type": "text", "text": None}]},
        {"version": 1, "blocks": [{"type": "text", "text": "\ud800"}]},
        {"version": 1, "blocks": [{"type": "text", "text": "a\x00b"}]},
        {"version": 1, "blocks": [{"type": "steps", "title": "t", "items": ["\udfff"]}]},
        {"version": 1, "blocks": [{"type": "case", "deep": {"x": ["\ud800"]}}]},
        {"version": 1, "blocks": [{"type": "case", "figure": float("nan")}]},
        {"version": 1, "blocks": [{"type": "buttons", "buttons": []}]},
        {"version": 1, "blocks": [{"type": "buttons", "buttons": [{"title": "t", "payload": "text"}]}]},
        {"version": 1, "blocks": [{"type": "buttons", "buttons": [{"title": "字" * 61, "payload": {}}]}]},
        {"version": 1, "blocks": [GOOD[0]], "routing": {"confidence": float("nan")}},
        {"version": 1, "blocks": [GOOD[0]], "routing": {"confidence": 1.5}},
    ],
)
def test_what_is_not_in_the_schema_is_refused(reply: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Reply.parse_obj(reply)


def test_public_replaces_payloads_by_ids() -> None:
    numbers = itertools.count(1)
    reply = Reply(
        blocks=[
            TextBlock(text="请选"),
            ButtonsBlock(
                buttons=[
                    Button(title="挂失", payload={"topic": "card.loss"}),
                    Button(title="补卡", payload={"topic": "card.replace"}, id="from-the-assistant"),
                ]
            ),
        ]
    )
    published = public(reply, lambda: f"id{next(numbers)}")
    assert published.blocks == [
        {"type": "text", "text": "请选"},
        {"type": "buttons", "buttons": [{"id": "id1", "title": "挂失"}, {"id": "id2", "title": "补卡"}]},
    ]
    assert [(button.id, button.payload) for button in published.offered] == [
        ("id1", {"topic": "card.loss"}),
        ("id2", {"topic": "card.replace"}),
    ]


def test_a_button_without_payload_cannot_be_published() -> None:
    reply = Reply(blocks=[ButtonsBlock(buttons=[Button(title="挂失")])])
    with pytest.raises(ValueError, match="payload"):
        public(reply, lambda: "id")
