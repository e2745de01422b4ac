"""Table B, one policy after the other: what triggers it, what it does, and that it can be switched off."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bot.blocks import FormBlock, HandoffBlock, Reply, Routing, TextBlock
from bot.desk import topics
from bot.desk.policies import Exchange, Finding, decide, says
from bot.desk.rules import Policies, read_rules
from bot.desk.signals import Signals, read
from tests.chat.conftest import DESK
from tests.desk.conftest import World, states, words

POLICIES = read_rules(DESK / "policies.yml").policies


def reply(act: str = "ask", decision: str = "answer", topic: str | None = None, *more: Any) -> Reply:
    routing = Routing(act=act, topic=topic, decision=decision, confidence=0.9)
    return Reply(blocks=[TextBlock(text="答复"), *more], routing=routing)


def exchange(text: str = "x", given: Reply | None = None, **values: Any) -> Exchange:
    return Exchange(text, values.pop("masked", ()), (given or reply(),), values.pop("signals", Signals()), **values)


def without(name: str) -> Policies:
    policy = getattr(POLICIES, name)
    return POLICIES.copy(update={name: policy.copy(update={"enabled": False})})


REQUESTED = HandoffBlock(state="requested", reason="fraud_emergency", priority="urgent", skill="urgent")

TRIGGERS: dict[str, tuple[str, Exchange, str]] = {
    "typed words": ("keyword", exchange("麻烦帮我转人工，谢谢！"), "transfer"),
    "words inside a form": (
        "keyword",
        exchange("人工", reply("ask", "clarify", None, FormBlock(asks_for="case_number", title="编号"))),
        "transfer",
    ),
    "the act": ("keyword", exchange("找个活人", reply("request_human")), "transfer"),
    "the bot refused": ("refusal", exchange("我不要机器人回答"), "transfer"),
    "not understood three times": (
        "not_understood",
        exchange("嗯嗯啊", reply("ask", "reject"), signals=Signals(misses=3)),
        "transfer",
    ),
    "a card number": ("secrets", exchange("〔卡号尾号2236〕能用吗", masked=("card",)), "transfer"),
    "danger": ("danger", exchange("我被骗了", reply("report_fraud")), "transfer"),
    "anger": ("emotion", exchange("气死我了", reply("abuse")), "offer"),
    "third visit and dissatisfied": ("repeat_visit", exchange("还是不行", reply("dissatisfied"), visits=3), "transfer"),
    "compensation": ("confirmation", exchange("赔我钱", reply("compensation")), "transfer"),
    "no answer known": ("no_answer", exchange("x", reply("ask", "reject", "card.fee")), "offer"),
    "a rare question": ("low_frequency", exchange("x", reply(topic="card.fee"), seen=2), "offer"),
}


@pytest.mark.parametrize("case", TRIGGERS)
def test_each_policy_does_what_its_clause_wants_and_can_be_switched_off(case: str) -> None:
    name, given, effect = TRIGGERS[case]
    found = decide(POLICIES, given)
    assert found is not None
    assert (found.effect, found.ask.clause) == (effect, getattr(POLICIES, name).clause)
    off = decide(without(name), given)
    assert off is None or off.policy != name


def test_an_ordinary_answer_stays_with_the_bot() -> None:
    assert decide(POLICIES, exchange("补卡要带什么", reply(topic="card.replace"))) is None


@pytest.mark.parametrize(
    "given",
    [
        exchange("嗯", reply("ask", "reject"), signals=Signals(misses=2)),
        exchange("人工服务几点开始", reply(topic="hotline.contact")),
        exchange("机器人能查余额吗", reply(topic="bot.ability")),
        exchange(
            "好的",
            reply(
                "dissatisfied",
                "answer",
                None,
                HandoffBlock(state="offered", reason="x", priority="normal", skill="general"),
            ),
        ),
        exchange("尾号5678", masked=("phone",)),
        exchange("x", reply(topic="card.fee"), seen=None),
    ],
)
def test_what_does_not_hand_over(given: Exchange) -> None:
    found = decide(POLICIES, given)
    assert found is None or found.effect == "offer"


def test_the_assistants_own_request_keeps_its_reason_and_gets_its_clause() -> None:
    found = decide(POLICIES, exchange("我被骗了", reply("report_fraud", "answer", None, REQUESTED)))
    assert found == Finding("assistant", "transfer", found.ask) if found else False
    assert (found.ask.reason, found.ask.urgent, found.ask.skill) == ("fraud_emergency", True, "urgent")
    assert found.ask.clause == POLICIES.danger.clause


def test_elder_customers_and_third_visits_go_first() -> None:
    elder = decide(POLICIES, exchange("转人工", elder=True))
    assert elder is not None and elder.ask.first and elder.ask.skill == "elder"
    third = decide(POLICIES, exchange("转人工", visits=3))
    assert third is not None and third.ask.first
    plain = decide(POLICIES, exchange("转人工"))
    assert plain is not None and not plain.ask.first
    danger = decide(POLICIES, exchange("我被骗了", reply("report_fraud"), elder=True))
    assert danger is not None and danger.ask.skill == "urgent", "an emergency goes where emergencies go"


def test_the_skill_follows_the_topic() -> None:
    for topic, skill in (
        ("loan.repay", "loan"),
        ("creditcard.bill", "card"),
        ("wealth.buy", "wealth"),
        (None, "general"),
    ):
        found = decide(POLICIES, exchange("转人工", signals=Signals(topic=topic)))
        assert found is not None and found.ask.skill == skill


@pytest.mark.parametrize("text", ["转人工", "请转人工！", "  人工 ", "帮我转人工吧", "我要人工客服"])
def test_typed_words_of_any_politeness(text: str) -> None:
    assert says(text, POLICIES.keyword.words)


@pytest.mark.parametrize("text", ["", "。", "人工智能是什么", "人工费多少", "转人民币"])
def test_words_that_only_look_alike(text: str) -> None:
    assert not says(text, POLICIES.keyword.words)


def answered(world: World, conversation_id: str, text: str, given: Reply, *masked: str) -> Any:
    world.says(conversation_id, text, *masked)
    claim = world.work.claim(conversation_id, world.clock())
    assert claim is not None
    return world.work.answer(claim, [given])


def test_the_third_failed_understanding_hands_over_by_itself(world: World) -> None:
    world.online("1001")
    conversation_id = world.opened()
    for _ in range(2):
        answered(world, conversation_id, "嗯嗯啊", reply("ask", "reject"))
    assert world.owner(conversation_id) == "bot"
    answered(world, conversation_id, "嗯嗯啊", reply("ask", "reject"))
    assert world.owner(conversation_id) == "queue"
    (handoff,) = world.handoffs(conversation_id)
    assert (handoff.reason, handoff.clause) == ("not_understood", POLICIES.not_understood.clause)


def test_an_answer_in_between_begins_the_count_anew(world: World) -> None:
    world.online("1001")
    conversation_id = world.opened()
    for decision in ("reject", "reject", "answer", "reject", "reject"):
        answered(world, conversation_id, "嗯嗯啊", reply("ask", decision))
    assert world.owner(conversation_id) == "bot"


def test_a_secret_is_spoken_of_and_handed_over(world: World) -> None:
    world.online("1001")
    conversation_id = world.opened()
    (told,) = answered(world, conversation_id, "〔卡号尾号2236〕能用吗", reply(topic="card.fee"), "card")
    assert words(told).startswith("答复") and "已经遮蔽" in words(told)
    assert states(told) == ["queued"]


def test_three_visits_within_a_day_count_for_the_same_customer_only(world: World) -> None:
    world.online("1001", status="busy")
    mine, other = world.opened(), world.opened()
    world.bench.visits(mine, 2)
    for conversation_id in (mine, other):
        answered(world, conversation_id, "还是不行", reply("dissatisfied"))
    assert (world.owner(mine), world.owner(other)) == ("queue", "bot")
    (handoff,) = world.handoffs(mine)
    assert handoff.reason == "repeat_visit" and handoff.rank == 2


def test_visits_older_than_a_day_do_not_count(world: World) -> None:
    world.online("1001")
    conversation_id = world.opened()
    world.bench.visits(conversation_id, 2)
    world.passes(86_400 + 60)
    answered(world, conversation_id, "还是不行", reply("dissatisfied"))
    assert world.owner(conversation_id) == "bot"


def test_when_the_assistant_is_away_a_typed_wish_is_obeyed_at_once(world: World) -> None:
    world.online("1001")
    conversation_id = world.opened()
    world.says(conversation_id, "转人工")
    claim = world.work.claim(conversation_id, world.clock())
    assert claim is not None
    told = world.work.fail(claim, reply())
    assert told is not None and states(*told) == ["queued"]


def test_a_talk_that_goes_wrong_raises_an_alarm(world: World) -> None:
    conversation_id = world.opened()
    for _ in range(2):
        answered(world, conversation_id, "嗯嗯啊", reply("ask", "reject"))

    with world.database.read() as connection:
        assert read(connection, conversation_id).alarm == "misses"


def test_rare_questions_are_judged_only_once_enough_is_known(world: World) -> None:
    policy, at = POLICIES.low_frequency, world.clock()

    def seen(topic: str) -> int | None:
        with world.database.read() as connection:
            return topics.seen(connection, topic, at, policy)

    topics.add(world.database, Counter({"card.fee": 2}), at.date())
    assert seen("card.fee") is None
    topics.add(world.database, Counter({"card.loss": policy.minimum or 0, "card.fee": 1}), at.date())
    assert seen("card.fee") == 3
    assert seen("card.pin") == 0
