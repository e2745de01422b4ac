"""Waiting, ringing, declining, vanishing, handing on: nobody is forgotten and nobody jumps the queue."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.chat.records import CustomerText
from bot.desk import agents
from bot.desk.records import Ask
from bot.desk.waiting import estimate
from bot.errors import ChatTaken, DeskFull, NobodyWaits, NotYourChat
from bot.store import desk_tables as desk
from tests.desk.conftest import World, states, words


def test_a_wish_is_obeyed_at_once_and_told_with_place_and_time(world: World) -> None:
    world.online("1001", status="busy")
    first = world.asks()
    world.passes(1)
    second = world.asks()
    (told,) = world.after(second, 2)
    assert (told.role, states(told)) == ("system", ["queued"])
    assert "前面还有 1 位" in words(told) and "分钟" in words(told)
    assert world.owner(first) == "queue"
    assert world.live(second) is not None
    assert world.conversations.get(second).epoch == 1


def test_asking_again_keeps_the_place(world: World) -> None:
    world.online("1001", status="busy")
    first = world.asks()
    world.passes(10)
    second = world.asks()
    world.passes(10)
    world.asks(first)
    assert len(world.handoffs(first)) == 1
    taken = world.chats.claim_next("1001") if world.online("1001") else None
    assert taken is not None and taken.conversation_id == first != second


def test_it_rings_at_the_agent_with_the_skill_and_least_to_do(world: World) -> None:
    world.online("1001", skills=("general",))
    world.online("1002", skills=("general", "card"))
    conversation_id = world.opened()
    with world.database.write() as connection:
        row = world.requests.lock(connection, conversation_id)

        world.requests.request(connection, row, Ask("customer_request", "x", "card"), world.clock())
    assert world.clockwork.assign() == [conversation_id]
    live = world.live(conversation_id)
    assert live is not None
    assert (live.state, live.agent_no) == ("ringing", "1002")
    other = world.asks()
    world.clockwork.assign()
    rung = world.live(other)
    assert rung is not None and rung.agent_no == "1001", "the one with less to do"


def test_accepting_what_rings_begins_the_talk(world: World) -> None:
    world.online("1001")
    conversation_id = world.asks()
    world.clockwork.assign()
    before = world.conversations.get(conversation_id).epoch
    taken = world.chats.claim("1001", conversation_id)
    assert (taken.state, taken.agent_no) == ("human", "1001")
    assert world.owner(conversation_id) == "human"
    assert world.conversations.get(conversation_id).epoch == before + 1
    assert "工号 1001" in words(world.last(conversation_id))


def test_what_rings_at_one_desk_cannot_be_taken_by_another(world: World) -> None:
    world.online("1001")
    world.online("1002", status="busy")
    conversation_id = world.asks()
    world.clockwork.assign()
    with pytest.raises(ChatTaken):
        world.chats.claim("1002", conversation_id)
    with pytest.raises(NotYourChat):
        world.chats.decline("1002", conversation_id)


def test_declined_and_unanswered_rings_go_to_the_next_with_the_same_place(world: World) -> None:
    world.online("1001")
    world.online("1002", status="busy")
    conversation_id = world.asks()
    world.clockwork.assign()
    world.chats.decline("1001", conversation_id)
    world.online("1002")
    world.clockwork.assign()
    live = world.live(conversation_id)
    assert live is not None and live.agent_no == "1002"
    world.passes(world.settings.rules.desk.ring_s + 1)
    assert world.clockwork.rings() == [conversation_id]
    live = world.live(conversation_id)
    assert live is not None
    assert (live.state, sorted(live.passed)) == ("queued", ["1001", "1002"])
    assert live.waiting_since == live.requested_at


def test_an_agent_who_misses_several_rings_is_busy(world: World) -> None:
    world.online("1001")
    for _ in range(world.settings.rules.desk.missed_rings):
        world.asks()
        world.clockwork.assign()
        world.passes(world.settings.rules.desk.ring_s + 1)
        world.clockwork.rings()
    agent = world.agent("1001")
    assert (agent.status, agent.status_reason) == ("busy", "多次未接听")


def test_capacity_holds_whatever_way_a_chat_comes(world: World) -> None:
    world.online("1001", max_chats=2)
    ids = []
    for _ in range(4):
        ids.append(world.asks())
        world.passes(1)
    assert len(world.clockwork.assign()) == 2
    world.chats.claim("1001", ids[0])
    with pytest.raises(DeskFull):
        world.chats.claim("1001", ids[3])
    with pytest.raises(DeskFull):
        world.chats.claim_next("1001")


@pytest.mark.parametrize("status", ["busy", "break", "wrap_up", "offline"])
def test_it_rings_at_nobody_who_is_not_online(world: World, status: str) -> None:
    world.online("1002", status="busy")
    world.online("1001", status=status)
    world.asks()
    assert world.clockwork.assign() == []


def test_urgent_first_then_elder_then_the_longest_waiting(world: World) -> None:
    world.online("1001", status="busy", max_chats=10)
    plain = world.asks()
    world.passes(1)
    later = world.asks()
    world.passes(1)
    elder = world.asks(elder=True)
    world.passes(1)
    urgent = world.asks()
    world.says(urgent, "救命，我正在被骗")
    taken = [world.chats.claim_next("1001").conversation_id for _ in range(4)]
    assert taken == [urgent, elder, plain, later]


def test_the_last_agent_first_for_a_customer_who_comes_back(world: World) -> None:
    world.online("1002", max_chats=9)
    conversation_id = world.asks()
    world.chats.claim("1002", conversation_id)
    world.chats.end("1002", conversation_id)
    world.online("1001", max_chats=9)
    world.passes(60)
    world.asks(conversation_id)
    world.clockwork.assign()
    live = world.live(conversation_id)
    assert live is not None and live.agent_no == "1002"


def test_nobody_skilled_there_means_anybody_and_after_a_while_too(world: World) -> None:

    world.online("1001", skills=("general",))
    world.online("1002", skills=("loan",), status="busy")
    conversation_id = world.opened()
    with world.database.write() as connection:
        row = world.requests.lock(connection, conversation_id)
        world.requests.request(connection, row, Ask("customer_request", "x", "loan"), world.clock())
    assert world.clockwork.assign() == [], "somebody with the skill is there, only busy"
    world.passes(world.settings.rules.desk.widen_s + 1)
    assert world.clockwork.assign() == [conversation_id]


def test_a_vanished_agents_chats_return_to_the_front_within_30_seconds(world: World) -> None:
    world.online("1001", max_chats=9)
    talking = world.asks()
    world.chats.claim("1001", talking)
    world.online("1002", status="busy", max_chats=9)
    waiting = world.asks()
    world.at[0] += timedelta(seconds=20)
    with world.database.write() as connection:
        agents.beat(connection, "1002", world.clock())
    world.clockwork.vanished()
    assert world.clockwork.orphans() == [], "still within its time"
    world.at[0] += timedelta(seconds=11)
    world.clockwork.vanished()
    assert world.clockwork.orphans() == [talking]
    assert world.agent("1001").status == "offline"
    live = world.live(talking)
    assert live is not None and live.state == "queued"
    assert "优先排队" in words(world.last(talking))
    assert [world.chats.claim_next("1002").conversation_id for _ in range(2)] == [talking, waiting]
    spans = _spans(world, talking)
    assert spans == [("bot", None), ("queue", None), ("human", "1001"), ("queue", None), ("human", "1002")]


def _spans(world: World, conversation_id: str) -> list[tuple[str, str | None]]:
    table = desk.owner_spans
    with world.database.read() as connection:
        rows = connection.execute(
            select(table)
            .where(table.c.conversation_id == conversation_id)
            .order_by(table.c.started_at, table.c.first_seq)
        ).all()
    for before, after in itertools.pairwise(rows):
        assert before.ended_at == after.started_at, "no gap, no overlap"
    return [(row.owner, row.agent_no) for row in rows]


def test_an_empty_queue_is_told(world: World) -> None:
    world.online("1001")
    with pytest.raises(NobodyWaits):
        world.chats.claim_next("1001")


def test_a_full_queue_takes_messages_but_never_turns_urgent_away(world: World) -> None:
    world.online("1001", status="busy")
    world.settings.rules = world.settings.rules.copy(
        update={"desk": world.settings.rules.desk.copy(update={"queue_max": 1})}
    )
    world.asks()
    second = world.asks()
    assert states(world.last(second)) == ["message"]
    assert "排队的客户较多" in words(world.last(second))


def test_messages_while_waiting_are_acknowledged_and_the_bot_is_silent(world: World) -> None:
    world.online("1001", status="busy")
    conversation_id = world.asks()
    (told,) = world.says(conversation_id, "还要多久")
    assert (told.role, states(told)) == ("system", ["queued"])
    assert "第 1 位" in words(told)
    (masked,) = world.says(conversation_id, "卡号〔卡号尾号2236〕", "card")
    assert "已经遮蔽" in words(masked)
    assert world.work.claim(conversation_id, world.clock()) is None


def test_leaving_the_queue_goes_back_to_the_bot(world: World) -> None:
    world.online("1001", status="busy")
    conversation_id = world.asks()
    (told,) = world.taps(conversation_id, "不等了，先问智能客服")
    assert "已为您取消排队" in words(told)
    assert world.owner(conversation_id) == "bot"
    assert world.handoffs(conversation_id)[0].state == "cancelled"
    (told,) = world.taps(conversation_id, "不等了，先问智能客服")
    assert "已经失效" in words(told)


def test_the_estimate_grows_with_the_queue_and_shrinks_with_the_desks() -> None:
    assert estimate(5, [], 240) > estimate(2, [], 240) > 0


def test_a_retry_is_acknowledged_once(world: World) -> None:
    world.online("1001", status="busy")
    conversation_id = world.opened()
    for _ in range(3):
        world.log.append_customer(conversation_id, "same", CustomerText("转人工"), wants_human=True)
    assert len(world.after(conversation_id, 1)) == 2
    assert len(world.handoffs(conversation_id)) == 1
