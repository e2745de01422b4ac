"""Many agents, many chats, several servers: everybody is taken, nobody twice, the oldest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.blocks import Reply, TextBlock
from bot.chat.conversations import now
from bot.errors import ChatTaken, NobodyWaits
from bot.store import desk_tables as desk
from bot.store.database import Database
from tests.desk.conftest import World

CHATS, AGENTS, AT_ONCE = 100, 160, 16


@pytest.fixture
def servers(database_url: str) -> Iterator[list[World]]:
    """Two server processes on one database, with one clock."""
    first = World(Database(database_url))
    second = World(Database(database_url), at=first.at)
    yield [first, second]
    for one in (first, second):
        one.database.close()


def waiting(world: World, many: int) -> list[str]:
    ids = []
    for _ in range(many):
        ids.append(world.asks())
        world.passes(1)
    return ids


def test_160_agents_take_100_chats_at_once(servers: list[World]) -> None:
    world = servers[0]
    numbers = [str(2000 + number) for number in range(AGENTS)]
    for staff_no in numbers:
        world.online(staff_no, max_chats=1)
    ids = waiting_at_once(world, CHATS)

    def grab(number: int) -> tuple[str, str] | None:
        try:
            taken = servers[number % 2].chats.claim_next(numbers[number])
        except NobodyWaits:
            return None
        return numbers[number], taken.conversation_id

    with ThreadPoolExecutor(AT_ONCE) as pool:
        got = [one for one in pool.map(grab, range(AGENTS)) if one is not None]
    assert sorted(conversation_id for _agent, conversation_id in got) == sorted(ids), "none twice, none left"
    assert max(Counter(agent for agent, _id in got).values()) == 1, "no desk above its capacity"
    with world.database.read() as connection:
        rows = connection.execute(select(desk.handoffs.c.state, desk.handoffs.c.agent_no)).all()
    assert {row.state for row in rows} == {"human"}
    assert len({row.agent_no for row in rows}) == CHATS


def waiting_at_once(world: World, many: int) -> list[str]:
    return [world.asks() for _ in range(many)]


def test_one_chat_is_taken_by_one_of_many(servers: list[World]) -> None:
    world = servers[0]
    numbers = [str(2000 + number) for number in range(AT_ONCE)]
    for staff_no in numbers:
        world.online(staff_no)
    (conversation_id,) = waiting(world, 1)
    before = world.conversations.get(conversation_id).epoch

    def grab(number: int) -> bool:
        try:
            servers[number % 2].chats.claim(numbers[number], conversation_id)
        except ChatTaken:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(grab, range(AT_ONCE))) == 1
    assert world.conversations.get(conversation_id).epoch == before + 1


def test_the_oldest_goes_first_while_customers_go_on_writing(servers: list[World]) -> None:
    world = servers[0]
    world.online("1001", max_chats=1000)
    ids = waiting(world, 30)

    def write(number: int) -> None:
        servers[number % 2].says(ids[number % len(ids)], "在吗")

    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(write, number) for number in range(90)]
        taken = [servers[number % 2].chats.claim_next("1001").conversation_id for number in range(len(ids))]
        for one in writing:
            one.result()
    assert taken == ids


@pytest.mark.parametrize("server", [0, 1])
def test_a_late_answer_of_the_bot_never_comes_over_the_desk(servers: list[World], server: int) -> None:
    """Answer and handoff at the same moment, many times: either the answer was first, or it is not there."""
    world, other = servers[0], servers[server]
    world.online("1001", max_chats=1000)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(40):
            conversation_id = world.opened()
            world.says(conversation_id, "卡丢了")
            claim = world.work.claim(conversation_id, now())
            assert claim is not None
            answer = pool.submit(world.work.answer, claim, [Reply(blocks=[TextBlock(text="晚到的答复")])])
            asked = pool.submit(other.asks, conversation_id)
            written = answer.result()
            asked.result()
            roles = [(message.role, message.blocks[0].get("text")) for message in world.after(conversation_id, 2)]
            late = [index for index, (role, _text) in enumerate(roles) if role == "bot"]
            assert len(late) == (1 if written else 0)
            assert late in ([], [0]), "the answer stands before the wish for a person, or nowhere"
