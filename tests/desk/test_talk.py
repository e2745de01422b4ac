"""With a person: consent before the bot goes on, courtesy before a silent end, clocks apart, left messages."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from bot.blocks import HandoffBlock, Reply, TextBlock
from bot.cases.model import CaseKind, Priority
from bot.desk.views import chat_views
from bot.errors import NoRating
from tests.chat.conftest import cases_on
from tests.desk.conftest import MORNING, World, states, words


def talking(world: World, staff_no: str = "1001") -> str:
    world.online(staff_no, max_chats=9)
    conversation_id = world.asks()
    world.chats.claim(staff_no, conversation_id)
    world.chats.say(staff_no, conversation_id, Reply(blocks=[TextBlock(text="您好")]))
    return conversation_id


def test_every_message_to_an_agent_is_acknowledged_once(world: World) -> None:
    conversation_id = talking(world)
    (told,) = world.says(conversation_id, "在吗")
    assert states(told) == ["queued"]
    assert "工号 1001" in words(told)
    assert world.work.claim(conversation_id, world.clock()) is None, "the bot is silent"


@pytest.mark.parametrize("yes", ["好的", "可以", "行", "OK", "同意。", "嗯嗯"])
def test_the_bot_goes_on_only_after_the_customers_yes(world: World, yes: str) -> None:
    conversation_id = talking(world)
    world.chats.propose_bot("1001", conversation_id, "已帮客户挂失")
    assert world.owner(conversation_id) == "human", "asked, not done"
    (unclear,) = world.says(conversation_id, "补卡要多久")
    assert world.owner(conversation_id) == "human"
    assert states(unclear) == ["queued"]
    (told,) = world.says(conversation_id, yes)
    assert "已转回智能客服" in words(told)
    assert [block["type"] for block in told.blocks] == ["notice", "rating"]
    assert world.owner(conversation_id) == "bot"
    assert world.handoffs(conversation_id)[0].state == "wrap_up"
    world.says(conversation_id, "补卡要多久")
    claim = world.work.claim(conversation_id, world.clock())
    assert claim is not None
    assert claim.desk == {"settled": "已帮客户挂失", "agent": "1001", "reason": "customer_request"}
    world.work.answer(claim, [Reply(blocks=[TextBlock(text="约 15 分钟")])])
    world.says(conversation_id, "谢谢")
    after = world.work.claim(conversation_id, world.clock())
    assert after is not None and after.desk is None, "told once"


@pytest.mark.parametrize("no", ["不用", "不同意", "不要，我还有问题", "继续人工"])
def test_the_agent_goes_on_after_a_no(world: World, no: str) -> None:
    conversation_id = talking(world)
    world.chats.propose_bot("1001", conversation_id)
    (told,) = world.says(conversation_id, no)
    assert "继续为您服务" in words(told)
    assert world.owner(conversation_id) == "human"
    (later,) = world.says(conversation_id, "好的")
    assert "消息已送达" in words(later), "the question was answered already"
    assert world.owner(conversation_id) == "human"


@pytest.mark.parametrize(("button", "owner"), [("好的", "bot"), ("不用", "human")])
def test_the_buttons_say_the_same(world: World, button: str, owner: str) -> None:
    conversation_id = talking(world)
    world.chats.propose_bot("1001", conversation_id)
    world.taps(conversation_id, button)
    assert world.owner(conversation_id) == owner


def test_two_courteous_steps_before_a_silent_talk_ends(world: World) -> None:
    conversation_id = talking(world)
    said = []
    for _ in range(5):
        world.passes(world.settings.rules.desk.idle_s + 1)
        before = world.conversations.get(conversation_id).last_seq
        world.clockwork.silence()
        said += [words(message) for message in world.after(conversation_id, before)]
    assert len(said) == 3
    assert "还在吗" in said[0]
    assert "稍后将为您结束" in said[1]
    assert "本次人工服务已结束" in said[2]
    assert world.owner(conversation_id) == "bot"
    assert world.handoffs(conversation_id)[0].outcome == "idle"


def test_a_word_of_the_customer_ends_the_silence_and_a_waiting_customer_is_never_idle(world: World) -> None:
    conversation_id = talking(world)
    world.passes(61)
    world.clockwork.silence()
    world.says(conversation_id, "在的，稍等")
    for _ in range(6):
        world.passes(61)
        world.clockwork.silence()
    assert world.owner(conversation_id) == "human", "it is the agent who owes an answer"


def test_a_rating_is_invited_once_and_given_once(world: World) -> None:
    conversation_id = talking(world)
    with pytest.raises(NoRating):
        world.ratings.save(conversation_id, 5, [], None)
    world.chats.propose_bot("1001", conversation_id)
    world.says(conversation_id, "好的")
    world.asks(conversation_id)
    world.chats.claim("1001", conversation_id)
    world.chats.end("1001", conversation_id)
    world.ratings.save(conversation_id, None, [], None)
    with pytest.raises(NoRating):
        world.ratings.save(conversation_id, 5, [], None)


def test_the_clocks_are_apart(world: World) -> None:
    world.online("1001", status="busy")
    conversation_id = world.opened()
    world.says(conversation_id, "卡丢了")
    world.passes(100)
    world.asks(conversation_id)
    world.passes(40)
    world.chats.claim("1001", conversation_id)
    world.passes(30)
    world.chats.end("1001", conversation_id)
    world.passes(7)
    with world.database.read() as connection:
        (view,) = chat_views(connection, world.handoffs(conversation_id), world.clock(), world.settings.rules.desk)
    clocks = view["clocks"]
    assert (clocks["queue_s"], clocks["human_s"], clocks["wrap_up_s"]) == (40, 30, 7)
    assert clocks["bot_s"] == 100
    assert clocks["running"] == "wrap_up"


NIGHT = datetime(2026, 11, 26, 15, 0, tzinfo=timezone.utc)  # 23:00 in Beijing


def test_at_night_a_message_is_left_as_a_case_with_a_deadline(world: World) -> None:
    world.at[0] = NIGHT
    world.online("1001")
    conversation_id = world.opened()
    world.says(conversation_id, "贷款合同丢了怎么办")
    world.asks(conversation_id)
    told = world.last(conversation_id)
    assert states(told) == ["message"]
    assert "不是人工客服的服务时间" in words(told) and "明天 8:00起" in words(told)
    (card,) = [block for block in told.blocks if block["type"] == "case"]
    assert (card["event"], bool(card["deadline"])) == ("created", True)
    case = cases_on(world.database).find(card["number"])
    assert case is not None
    assert (case.kind, case.conversation_id) == (CaseKind.CONSULTATION, conversation_id)
    assert "贷款合同丢了怎么办" in case.details
    assert world.owner(conversation_id) == "bot"
    world.asks(conversation_id)
    again = world.last(conversation_id)
    assert states(again) == ["message"]
    assert not [block for block in again.blocks if block["type"] == "case"], "one case, not one a click"


def test_urgent_at_night_with_nobody_there_names_the_emergency_numbers(world: World) -> None:
    world.at[0] = NIGHT
    conversation_id = world.opened()
    world.says(conversation_id, "我被骗了")
    claim = world.work.claim(conversation_id, world.clock())
    assert claim is not None
    block = HandoffBlock(state="requested", reason="fraud_emergency", priority="urgent", skill="urgent")
    written = world.work.answer(claim, [Reply(blocks=[TextBlock(text="请先停止转账"), block])])
    assert written is not None
    text = words(*written)
    assert text.startswith("请先停止转账"), "first aid comes first"
    assert "110" in text and "96110" in text
    (card,) = [block for block in written[0].blocks if block["type"] == "case"]
    case = cases_on(world.database).find(card["number"])
    assert case is not None and case.priority is Priority.URGENT


def test_urgent_at_night_with_somebody_there_is_queued(world: World) -> None:
    world.at[0] = NIGHT
    world.online("1001")
    conversation_id = world.opened()
    world.says(conversation_id, "我被骗了")
    claim = world.work.claim(conversation_id, world.clock())
    assert claim is not None
    block = HandoffBlock(state="requested", reason="fraud_emergency", priority="urgent", skill="urgent")
    written = world.work.answer(claim, [Reply(blocks=[TextBlock(text="请先停止转账"), block])])
    assert written is not None and states(*written) == ["queued"]


def test_nobody_at_all_in_the_middle_of_the_day(world: World) -> None:
    conversation_id = world.asks()
    assert "都不在线" in words(world.last(conversation_id))
    assert states(world.last(conversation_id)) == ["message"]


def test_who_waits_with_nobody_left_is_asked_for_a_message(world: World) -> None:
    world.online("1001", status="busy")
    conversation_id = world.asks()
    world.at[0] += timedelta(seconds=world.settings.rules.desk.no_agents_s + 1)
    world.clockwork.vanished()
    assert world.clockwork.long_waits() == [conversation_id]
    assert states(world.last(conversation_id)) == ["message"]
    assert world.owner(conversation_id) == "bot"
    assert world.handoffs(conversation_id)[0].case_number


def test_a_long_wait_is_apologised_for_once(world: World) -> None:
    world.online("1001", status="busy")
    conversation_id = world.asks()
    world.passes(world.settings.rules.desk.long_wait_s + 1)
    assert world.clockwork.long_waits() == [conversation_id]
    assert "让您久等了" in words(world.last(conversation_id))
    world.passes(60)
    assert world.clockwork.long_waits() == []
    (told,) = world.taps(conversation_id, "改为留言")
    assert states(told) == ["message"]
    assert [block["event"] for block in told.blocks if block["type"] == "case"] == ["created"]


def test_the_bench_plays_an_agent_and_lets_time_pass(world: World) -> None:
    assert world.clock() == MORNING
    conversation_id = world.opened()
    world.bench.set_state("agents_online", conversation_id)
    world.asks(conversation_id)
    assert states(world.last(conversation_id)) == ["queued"]
    world.bench.agent_says(conversation_id, "您好")
    assert world.owner(conversation_id) == "human"
    world.bench.agent_proposes_bot(conversation_id)
    world.says(conversation_id, "不用")
    world.bench.silence(conversation_id, 50)
    assert world.owner(conversation_id) == "human"
    world.bench.agent_says(conversation_id, "还有什么可以帮您")
    world.bench.silence(conversation_id, 200)
    assert world.owner(conversation_id) == "bot"
    world.bench.set_state("off_hours", conversation_id)
    world.asks(conversation_id)
    assert "不是人工客服的服务时间" in words(world.last(conversation_id))
