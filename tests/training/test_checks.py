"""Expected against observed, one rule a row."""

from __future__ import annotations

from typing import Any

import pytest

from bot.training.dialogues.checks import Evidence, check, check_ok, check_probe, same_refusals
from bot.training.dialogues.observed import Observed
from bot.training.dialogues.schema import Expect
from bot.training.dialogues.secrets import secrets_of
from tests.training.scripted import reply

CITATION = {"type": "citation", "source": "储蓄管理条例", "clause": "第30条", "certainty": "H"}
HANDOFF = {"type": "handoff", "reason": "customer_request", "skill": "general", "priority": "normal"}


def block(type_: str, **keys: Any) -> dict[str, Any]:
    return {"type": type_, **keys}


def handoff(state: str, priority: str = "normal") -> dict[str, Any]:
    return {**HANDOFF, "state": state, "priority": priority}


def expecting(**keys: Any) -> Expect:
    return Expect.parse_obj(keys)


def seen(*blocks: dict[str, Any], text: str = "请您带上身份证。", **routing: Any) -> Observed:
    return Observed(messages=(reply(text, blocks=blocks, **routing),))


ROUTED: dict[str, Any] = {"act": "ask", "topic": "card.replace", "aspect": "how", "decision": "answer"}
CLARIFIED: dict[str, Any] = {**ROUTED, "decision": "clarify"}


@pytest.mark.parametrize(
    ("expect", "observed"),
    [
        ({}, seen()),
        ({"act": "ask", "topic": ["card.loss", "card.replace"], "aspect": "how"}, seen(**ROUTED)),
        ({"topic": None}, seen(act="out_of_scope", topic=None)),
        ({"says_any": ["护照", "身 份证"]}, seen()),
        ({"says_any": ["ＡＰＰ", "app转账"]}, seen(text="请用 App\t转账")),
        ({"says_any": "re:身份证?。"}, seen()),
        (
            {"says_any": ["挂失"]},
            seen(block("buttons", title="您想问", buttons=[{"id": "x", "title": "挂失"}])),
        ),
        ({"says_any": ["五天"]}, seen(block("facts", kind="time", title="多久", items=[{"text": "五天"}]))),
        (
            {"says_any": ["时限：五天"]},
            seen(block("facts", title="x", items=[{"label": "时限", "text": "五天"}])),
        ),
        ({"says_any": ["先挂失"]}, seen(block("steps", title="步骤", items=["先挂失", "再补卡"]))),
        ({"says_any": ["第30条"]}, seen(CITATION)),
        ({"says_any": ["处理中"]}, seen(block("case", number="N1", timeline=[{"state": "处理中"}]))),
        ({"says_none": ["customer_request", "general"]}, seen(handoff("offered"))),
        ({"handoff": "none"}, seen()),
        ({"handoff": "offered", "priority": "urgent"}, seen(handoff("offered", "urgent"))),
        ({"handoff": "queued"}, seen(handoff("requested"))),
        ({"handoff": "message"}, seen(handoff("requested"), handoff("message"))),
        ({"handoff": "queued"}, seen(handoff("message"), handoff("queued"))),
        ({"asks_for": "case_number"}, seen(block("form", asks_for="case_number", title="编号"))),
        ({"asks_for": "details"}, seen(block("form", asks_for="phone_tail", title="尾号"))),
        ({"asks_for": ["otp", "details"]}, seen(**CLARIFIED)),
        ({"case": "none"}, seen()),
        ({"case": "created"}, seen(block("case", event="created", number="N1"))),
        ({"case": "status_shown"}, seen(block("case", number="N1"))),
        ({"cites": True}, seen(CITATION)),
        ({"cites": False}, seen()),
        ({"ok": True}, seen()),
    ],
)
def test_that_what_fits_passes(expect: dict[str, Any], observed: Observed) -> None:
    assert check(expecting(**expect), observed) == []


@pytest.mark.parametrize(
    ("expect", "observed", "what", "got"),
    [
        ({"act": "ask"}, seen(), "act", "无"),
        ({"act": "ask", "topic": "card.loss"}, seen(**ROUTED), "topic", "card.replace"),
        ({"aspect": ["time", "fee"]}, seen(**ROUTED), "aspect", "how"),
        ({"topic": "card.loss"}, seen(act="out_of_scope", topic=None), "topic", "null"),
        ({"says_any": ["护照"]}, seen(), "says_any", "请您带上身份证。"),
        ({"says_any": ["re:^护照"]}, seen(), "says_any", "请您带上身份证。"),
        ({"says_none": ["身份证", "护照"]}, seen(), "says_none", "请您带上身份证。"),
        ({"handoff": ["queued", "message"]}, seen(handoff("offered")), "handoff", "offered"),
        ({"priority": "urgent"}, seen(), "priority", "无"),
        ({"asks_for": "details"}, seen(**ROUTED), "asks_for", "无"),
        ({"asks_for": "details"}, seen(block("form", asks_for="otp", title="验证码")), "asks_for", "otp"),
        ({"case": "created"}, seen(), "case", "none"),
        ({"case": "none"}, seen(block("case", event="urged")), "case", "urged"),
        ({"cites": True}, seen({**CITATION, "clause": ""}), "cites", "无"),
        ({"cites": False}, seen(CITATION), "cites", "储蓄管理条例 第30条"),
        ({}, seen(text="OK"), "回复", "OK"),
        ({}, seen(text="下一个！"), "回复", "下一个"),
        ({"handoff": "none"}, Observed(status=202), "回复", "没有回复（状态 202）"),
    ],
)
def test_that_what_does_not_fit_is_told(expect: dict[str, Any], observed: Observed, what: str, got: str) -> None:
    [failure] = check(expecting(**expect), observed)
    assert (failure.what, failure.got) == (what, got)
    assert failure.expected


def test_that_two_answers_are_judged_each_as_a_whole() -> None:
    both = Observed(
        messages=(
            reply("补卡免费。", **ROUTED),
            reply("转账也免费。", act="ask", topic="transfer.fee", aspect="fee"),
        )
    )
    assert check(expecting(topic="transfer.fee", aspect="fee"), both) == []
    assert [failure.what for failure in check(expecting(topic="transfer.fee", aspect="how"), both)] == ["aspect"]


def test_that_placeholders_stand_for_their_values() -> None:
    observed = seen(text="您的工单 NY-1+1 已受理。")
    values = {"case_number": "NY-1+1"}
    assert check(expecting(says_any=["{case_number}"]), observed, values) == []
    assert check(expecting(says_any=["re:工单{case_number}已"]), observed, values) == []
    assert check(expecting(says_none=["{case_number}"]), observed, values) != []


def test_that_a_request_before_the_code_counts_for_the_turn() -> None:
    assert check(expecting(asks_for="otp"), seen(), asked=frozenset({"otp"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last)",
        "出错了：KeyError",
        "已执行card_loss",
        "您问的是card.loss吧",
        "意图 request_human",
        "槽位 {bank.name}",
        '收到{"topic": "x"}',
        "编号是None",
        "<b>您好</b>",
        "点<a href=x>这里",
        "javascript:alert(1)您好",
        "您好<img src=x onerror=alert(1)>",
    ],
)
def test_that_internals_and_markup_are_not_ok(text: str) -> None:
    [failure] = check_ok(seen(text=f"您好，{text}"), {"card.loss"})[:1]
    assert failure.what == "ok"


def test_that_ordinary_words_are_ok() -> None:
    text = "您好，1 < 2，请致电 400-000-0000，或写信到 service@bank.example，用 U 盾/APP 办理（24 小时）。"
    assert check_ok(seen(text=text), {"card.loss", "request_human"}) == []


@pytest.mark.parametrize(
    "observed",
    [
        Observed(messages=(reply("您好。"),), status=503),
        Observed(messages=(reply("您好。"),), seconds=10.5),
    ],
)
def test_that_late_or_broken_answers_are_not_ok(observed: Observed) -> None:
    assert len(check_ok(observed)) == 1


def test_that_a_refusal_in_words_is_an_answer() -> None:
    assert check(expecting(ok=True), Observed(status=422, refusal="您的消息太长，请分成几条发送。")) == []


@pytest.mark.parametrize("expect", [{}, {"act": "ask", "handoff": "offered", "cites": True}, {"ok": True}])
def test_that_the_servers_own_words_are_no_reply_of_the_assistant(expect: dict[str, Any]) -> None:
    broken = seen({**handoff("offered"), "reason": "assistant_unavailable"})
    assert [failure.expected for failure in check(expecting(**expect), broken)] == ["助手自己的答复"]


def test_that_the_probe_wants_its_topic() -> None:
    assert check_probe(seen(topic="transfer.limit")) == []
    assert [failure.got for failure in check_probe(seen(topic="card.loss"))] == ["card.loss"]
    assert [failure.got for failure in check_probe(Observed())] == ["无"]


def test_that_masked_looks_at_reply_and_stored_row_and_stores() -> None:
    secrets = secrets_of("卡号6222020200112236")
    clean = Observed(messages=(reply("卡号请不要发。"),), stored=reply("卡号〔卡号尾号2236〕", role="customer"))
    assert check(expecting(masked=True), clean, evidence=Evidence(secrets)) == []
    leaking = Observed(messages=(reply("您的卡622202020011"),), stored=reply("卡号6222020200112236", role="customer"))
    [failure] = check(expecting(masked=True), leaking, evidence=Evidence(secrets, ("日志 a.log",)))
    assert failure.got == "仍出现在：会话记录里客户的这句话、回复、日志 a.log"
    assert "62220" not in failure.got + failure.expected


def test_that_a_masked_turn_without_any_masking_fails() -> None:
    nothing = Evidence(secrets_of("我的生日是秘密"))
    assert [one.what for one in check(expecting(masked=True), seen(), evidence=nothing)] == ["masked"]
    told = Observed(messages=(reply("您好。"),), masked=("password",))
    assert check(expecting(masked=True), told, evidence=nothing) == []


def test_that_refusals_are_compared_word_for_word_but_for_numbers() -> None:
    assert same_refusals({"A": "没有找到编号 12 的工单。", "B": "没有找到编号 3456 的工单。"}) == {}
    assert list(same_refusals({"A": "没有找到。", "B": "手机号不对。", "C": "没有找到。"})) == ["B"]
    assert same_refusals({}) == {}
