"""Conversations against a scripted server: what is sent, what is collected, what is judged."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.responses import JSONResponse

from bot.training.dialogues.bench import NotYetAvailable
from bot.training.dialogues.client import Opened
from bot.training.dialogues.player import Player, Result
from bot.training.dialogues.schema import Before, Dialogue
from tests.training.scripted import ScriptedServer, reply

FORM = {"type": "form", "title": "请提供"}
ANSWER = reply("请您带上身份证。", act="ask", topic="card.replace", aspect="materials", decision="answer")


def asks(what: str) -> dict[str, Any]:
    return reply("请您提供一下。", blocks=({**FORM, "asks_for": what},))


def dialogue(*turns: dict[str, Any], **keys: Any) -> Dialogue:
    return Dialogue.parse_obj({"id": "D1", "file": "own.yml", **keys, "turns": list(turns)})


class NoBench:
    """A bench that can do nothing."""

    async def token(self, dialogue: Dialogue) -> str | None:
        if dialogue.channel.identity == "verified":
            raise NotYetAvailable("已核验的身份")
        return None

    async def prepare(self, dialogue: Dialogue, opened: Opened) -> dict[str, str]:
        return {}

    async def step(self, opened: Opened, step: Before) -> None:
        raise NotYetAvailable("坐席的动作和静默计时")

    async def code(self, opened: Opened) -> str:
        raise NotYetAvailable("一次性验证码")


def run(server: ScriptedServer, *dialogues: Dialogue, bench: NoBench | None = None) -> list[Result]:
    async def all_of_them() -> list[Result]:
        async with server.client() as client:
            return await Player(client, bench or NoBench(), internal={"card.loss"}).run(list(dialogues))

    return asyncio.run(all_of_them())


def failures(results: list[Result]) -> list[tuple[int, str, str]]:
    return [(item.turn, item.failure.what, item.failure.got) for result in results for item in result.failures]


def texts(server: ScriptedServer) -> list[str]:
    return [json.loads(body)["text"] for body in server.sent]


class Cases(NoBench):
    """A bench with everything: it notes what happens and knows a case and a code."""

    def __init__(self) -> None:
        self.steps: list[Before] = []

    async def token(self, dialogue: Dialogue) -> str | None:
        return "signed" if dialogue.channel.identity == "verified" else None

    async def prepare(self, dialogue: Dialogue, opened: Opened) -> dict[str, str]:
        return {f"case:{name}": f"NY-{name}" for name in (*dialogue.fixtures.cases, "none")}

    async def step(self, opened: Opened, step: Before) -> None:
        self.steps.append(step)

    async def code(self, opened: Opened) -> str:
        return "135790"


def test_that_a_fitting_conversation_passes() -> None:
    server = ScriptedServer({"补卡带什么": ANSWER})
    results = run(server, dialogue({"user": "补卡带什么", "expect": {"topic": "card.replace"}}))
    assert failures(results) == []
    assert results[0].turns == 1


def test_that_each_conversation_is_new_and_comes_from_its_own_address() -> None:
    server = ScriptedServer({}, otherwise=ANSWER)
    turn = {"user": "补卡带什么", "expect": {}}
    run(server, dialogue(turn), dialogue(turn, id="D2", channel={"elder": True}))
    assert server.opened == [{"elder": False}, {"elder": True}]
    assert len(set(server.addresses)) == 2


def test_that_the_whole_reply_is_judged_and_nothing_else() -> None:
    server = ScriptedServer(
        {
            "一": {
                "all": [
                    reply("第一段。"),
                    reply("第二段。", role="system"),
                    reply("坐席的话。", role="agent"),
                ]
            },
            "二": reply("另一句。"),
        }
    )
    results = run(
        server,
        dialogue(
            {"user": "一", "expect": {"says_any": ["第二段"], "says_none": ["坐席的话", "我是机器人"]}},
            {"user": "二", "expect": {"says_none": ["第一段"]}},
        ),
    )
    assert failures(results) == []


def test_that_no_reply_is_a_failure_even_when_little_is_expected() -> None:
    results = run(ScriptedServer({"在吗": None}), dialogue({"user": "在吗", "expect": {"handoff": "none"}}))
    assert failures(results) == [(1, "回复", "没有回复（状态 202）")]


def test_that_a_turn_without_expectation_is_not_judged() -> None:
    assert failures(run(ScriptedServer({"在吗": None}), dialogue({"user": "在吗"}))) == []


def test_that_the_servers_words_for_a_handoff_are_waited_for() -> None:
    requested = {"type": "handoff", "state": "requested", "priority": "normal"}
    left = {"type": "handoff", "state": "message", "priority": "normal"}
    both = {"all": [reply("马上。", blocks=(requested,)), reply("已留言。", blocks=(left,), role="system")]}
    server = ScriptedServer({"转人工": both, "人工": reply("马上。", blocks=(requested,))})
    results = run(
        server,
        dialogue(
            {"user": "转人工", "expect": {"handoff": "message"}},
            {"user": "人工", "expect": {"handoff": "queued"}},
        ),
    )
    assert failures(results) == []


def test_that_a_refusal_counts_as_the_answer_and_the_probe_follows() -> None:
    too_long = JSONResponse({"error": {"code": "message_too_long", "text": "消息太长，请分开发送。"}}, 422)
    server = ScriptedServer({"转账转账": too_long})
    results = run(server, dialogue({"repeat": {"unit": "转账", "times": 2}, "expect": {"ok": True}}))
    assert failures(results) == []
    assert texts(server) == ["转账转账", "转账限额怎么调"]


def test_that_an_unusable_conversation_or_a_server_error_is_not_ok() -> None:
    broken = JSONResponse({"error": {"code": "x", "text": "抱歉，请稍后再试。"}}, 500)
    server = ScriptedServer({"坏": broken, "转账限额怎么调": reply("您好。", topic="card.loss")})
    results = run(server, dialogue({"user": "坏", "expect": {"ok": True}}))
    assert failures(results) == [(1, "ok", "状态 500"), (1, "ok", "card.loss")]


def test_that_a_json_literal_goes_on_the_wire_as_it_is() -> None:
    server = ScriptedServer({}, otherwise=JSONResponse({"error": {"code": "x", "text": "有无法识别的字符。"}}, 422))
    run(server, dialogue({"user_json": "\ud800", "expect": {}}, {"user_json": '"\\u4f60"', "expect": {}}))
    assert [body.rpartition(b'"text": ')[2] for body in server.sent] == [b'"\\ud800"}', b'"\\u4f60"}']


def test_that_a_turn_is_only_sent_while_it_is_asked_for() -> None:
    server = ScriptedServer({"查进度": asks("case_number"), "1": [asks("case_number"), asks("phone_tail")]})
    turns: list[dict[str, Any]] = [
        {"user": "查进度", "expect": {"asks_for": "case_number"}},
        {"user": "1", "when_asks": ["case_number"], "max": 3, "expect": {"asks_for": "phone_tail"}},
        {"user": "补充", "when_asks": "confirm", "expect": {"topic": "card.loss"}},
    ]
    assert failures(run(server, dialogue(*turns))) == []
    assert texts(server) == ["查进度", "1", "1"]


def test_that_a_turn_is_sent_at_most_so_often() -> None:
    server = ScriptedServer({"查进度": asks("case_number"), "1": asks("case_number")})
    turns: list[dict[str, Any]] = [
        {"user": "查进度"},
        {"user": "1", "when_asks": "case_number", "max": 2, "expect": {"asks_for": "phone_tail"}},
    ]
    assert failures(run(server, dialogue(*turns))) == [(2, "asks_for", "case_number、details")]
    assert texts(server) == ["查进度", "1", "1"]


def test_that_the_player_answers_a_code_nobody_else_answers() -> None:
    server = ScriptedServer({"查进度": asks("otp"), "135790": ANSWER})
    expect = {"asks_for": "otp", "topic": "card.replace"}
    assert failures(run(server, dialogue({"user": "查进度", "expect": expect}), bench=Cases())) == []
    assert texts(server) == ["查进度", "135790"]


def test_that_a_file_may_answer_the_code_itself() -> None:
    server = ScriptedServer({"查进度": asks("otp"), "135790": ANSWER})
    turns: list[dict[str, Any]] = [
        {"user": "查进度", "expect": {"asks_for": "otp"}},
        {"user": "{otp}", "expect": {"topic": "card.replace"}},
    ]
    assert failures(run(server, dialogue(*turns), bench=Cases())) == []
    assert texts(server) == ["查进度", "135790"]


def test_that_placeholders_and_steps_reach_the_bench() -> None:
    made = reply("已登记。", blocks=({"type": "case", "event": "created", "number": "NY-9"},))
    server = ScriptedServer({"NY-A": made, "NY-9呢": reply("工单NY-9在办。")})
    bench = Cases()
    turns: list[dict[str, Any]] = [
        {"user": "{case:A}", "expect": {"case": "created"}},
        {"user": "{case_number}呢", "before": "agent_joins", "expect": {"says_any": ["工单{case_number}"]}},
    ]
    given = dialogue(*turns, fixtures={"cases": {"A": {"owner": "self"}}})
    assert failures(run(server, given, bench=bench)) == []
    assert [step.agent_joins for step in bench.steps] == [True]


def test_that_refusals_of_a_tag_are_compared_over_conversations() -> None:
    refusal = {"type": "case", "event": "status_refused"}
    server = ScriptedServer(
        {"甲": reply("没有找到。", blocks=(refusal,)), "乙": reply("手机号不对。", blocks=(refusal,))}
    )
    given = [
        dialogue({"user": said, "expect": {"case": "status_refused"}}, id=said, tags=["same_refusal_anon"])
        for said in ("甲", "乙")
    ]
    results = run(server, *given, bench=Cases())
    assert [[item.failure.what for item in result.failures] for result in results] == [[], ["拒绝的用语"]]


def test_that_what_this_installation_cannot_do_is_reported() -> None:
    turn = {"user": "你好", "expect": {}}
    given = [
        dialogue(turn, channel={"identity": "verified"}),
        dialogue({**turn, "before": "agent_joins"}),
        dialogue({**turn, "before": {"silence_s": 90}}),
        dialogue({"user": "{case:none}"}),
        dialogue({"user": "{otp}"}),
    ]
    results = run(ScriptedServer({}), *given)
    assert failures(results) == [(0, "测试条件", "not yet available")] * len(given)
    assert all(result.failures[0].failure.expected for result in results)


def test_that_a_customer_whom_the_banks_page_knows_opens_with_its_token() -> None:
    server = ScriptedServer({}, otherwise=ANSWER)
    run(server, dialogue({"user": "补卡"}, channel={"identity": "verified"}), bench=Cases())
    assert server.opened == [{"elder": False, "identity_token": "signed"}]


def test_that_a_conversation_is_still_usable_when_a_person_has_it() -> None:
    waiting = {"type": "handoff", "state": "queued", "priority": "normal", "reason": "x", "skill": "general"}
    server = ScriptedServer({"我的密码是abc123": reply("已遮蔽。", blocks=(waiting,))})
    said = {"user": "我的密码是abc123", "expect": {"ok": True}}
    assert [item[1] for item in failures(run(server, dialogue(said)))] == []
    server.script = {**server.script, "转账限额怎么调": reply("消息已收到。", blocks=(waiting,))}
    assert failures(run(server, dialogue(said))) == []
    server.script = {**server.script, "转账限额怎么调": reply("什么？", act="out_of_scope", decision="reject")}
    assert [item[1] for item in failures(run(server, dialogue(said)))] == ["ok"]


def test_that_a_code_nobody_issues_is_reported() -> None:
    server = ScriptedServer({"查进度": asks("otp")})
    results = run(server, dialogue({"user": "查进度", "expect": {"asks_for": "otp"}}))
    assert failures(results) == [(0, "测试条件", "not yet available")]


def test_that_a_leak_into_the_stored_row_is_found() -> None:
    said = {"user": "卡号6222020200112236", "expect": {"masked": True}}
    leaking = ScriptedServer({}, otherwise=reply("请不要发送卡号。"))
    assert failures(run(leaking, dialogue(said))) == [(1, "masked", "仍出现在：会话记录里客户的这句话")]
    masking = ScriptedServer({}, otherwise=reply("请不要发送卡号。"), store=lambda text: "卡号〔卡号尾号2236〕")
    assert failures(run(masking, dialogue(said))) == []


def test_that_a_busy_server_is_asked_again() -> None:
    busy = JSONResponse({"error": {"code": "rate_limited", "text": "请稍候。"}}, 429, {"Retry-After": "0"})
    server = ScriptedServer({"补卡": [busy, ANSWER]})
    assert failures(run(server, dialogue({"user": "补卡", "expect": {"topic": "card.replace"}}))) == []
    assert len(server.sent) == 2
