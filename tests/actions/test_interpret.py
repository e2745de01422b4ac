"""What a message means in the light of the conversation; scores come from a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from actions.interpret import Reading, interpret, question_of
from actions.turn import Turn
from bot.knowledge.loader import load_knowledge
from bot.knowledge.model import KnowledgeBase
from bot.nlu.decision import Scores

pytestmark = pytest.mark.asyncio

DIRECTORY = Path(__file__).resolve().parents[2] / "data" / "knowledge"
CHOICES = [{"topic": "card.replace", "aspect": "fee"}, {"topic": "card.loss", "aspect": "fee"}]


def scores(act: str, topic: str = "", aspect: str = "") -> Scores:
    """``scores("ask .9", "card.replace .8")``: ranked labels in short."""

    def ranked(text: str) -> tuple[tuple[str, float], ...]:
        pairs = (part.split() for part in text.split(",") if part.strip())
        return tuple((name, float(chance)) for name, chance in pairs)

    return Scores(ranked(act), ranked(topic), ranked(aspect))


LIMIT = scores("ask .95", "transfer.limit .9", "limit .9")
MATERIALS = scores("ask .95", "card.replace .9", "materials .9")
FEE_OF_IT = scores("ask .95", "context .9", "fee .9")
UNCLEAR = scores("ask .5, out_of_scope .4", "card.pin .2, card.fee .15", "how .4")


class Table:
    """A reader that knows a few wordings and keeps what it was asked."""

    def __init__(self, known: dict[str, Scores] | None = None) -> None:
        self.known = known or {}
        self.asked: list[str] = []

    async def read(self, texts: Sequence[str]) -> list[Scores]:
        self.asked += texts
        return [self.known.get(text, scores("out_of_scope .6")) for text in texts]


class Silent:
    async def read(self, texts: Sequence[str]) -> list[Scores]:
        return []


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load_knowledge(DIRECTORY)


async def read(knowledge: KnowledgeBase, text: str, whole: Scores, reader: Any = None, **slots: Any) -> Reading:
    return await interpret(Turn(text=text, routing=whole.to_json(), slots=slots), knowledge, reader or Table())


def topics(reading: Reading) -> list[tuple[str | None, str | None]]:
    return [(decision.topic, decision.aspect) for decision in reading.decisions]


async def test_that_two_questions_are_two_decisions(knowledge: KnowledgeBase) -> None:
    table = Table({"补卡要带什么": MATERIALS, "转账限额是多少": LIMIT})
    reading = await read(knowledge, "补卡要带什么，另外转账限额是多少", MATERIALS, table)
    assert topics(reading) == [("card.replace", "materials"), ("transfer.limit", "limit")]


async def test_that_the_second_question_may_take_its_topic_from_the_first(knowledge: KnowledgeBase) -> None:
    table = Table({"补卡要带什么": MATERIALS, "多少钱": FEE_OF_IT})
    reading = await read(knowledge, "补卡要带什么，多少钱", MATERIALS, table)
    assert topics(reading) == [("card.replace", "materials"), ("card.replace", "fee")]


async def test_that_parts_nobody_is_sure_of_leave_the_message_whole(knowledge: KnowledgeBase) -> None:
    table = Table({"补卡要带什么": MATERIALS, "明天能去吗": UNCLEAR})
    assert topics(await read(knowledge, "补卡要带什么，明天能去吗", MATERIALS, table)) == [
        ("card.replace", "materials")
    ]
    assert topics(await read(knowledge, "补卡要带什么，另外转账限额是多少", MATERIALS, Silent())) == [
        ("card.replace", "materials")
    ]


async def test_that_a_message_of_one_matter_is_not_read_again(knowledge: KnowledgeBase) -> None:
    table = Table()
    await read(knowledge, "补卡要带什么", MATERIALS, table)
    assert table.asked == []


async def test_that_a_part_that_sounds_like_a_question_may_be_one_barely(knowledge: KnowledgeBase) -> None:
    hours = scores("ask .48, chitchat .47", "branch.hours .99", "time .9")
    table = Table({"你们几点下班？": hours, "补卡要带什么？": MATERIALS})
    reading = await read(knowledge, "你们几点下班？补卡要带什么？", MATERIALS, table)
    assert topics(reading) == [("branch.hours", "time"), ("card.replace", "materials")]


@pytest.mark.parametrize("text", ["不用转人工，告诉我限额就行", "先不转人工，限额是多少", "别给我转人工，问下限额"])
async def test_that_a_person_turned_down_is_not_called(knowledge: KnowledgeBase, text: str) -> None:
    whole = scores("request_human .35, ask .6", "transfer.limit .9", "limit .9")
    assert topics(await read(knowledge, text, whole)) == [("transfer.limit", "limit")]


@pytest.mark.parametrize("text", ["转人工", "要不要转人工你看着办，快转", "不要转人工智能，要真人"])
async def test_that_other_words_of_a_person_still_call_one(knowledge: KnowledgeBase, text: str) -> None:
    reading = await read(knowledge, text, scores("request_human .5, ask .4", "transfer.limit .9"))
    assert reading.first.act == "request_human"


@pytest.mark.parametrize("text", ["我把验证码告诉对方了，怎么办", "密码都发给骗子了", "动态码已经念给他了"])
async def test_that_a_code_given_away_is_an_emergency(knowledge: KnowledgeBase, text: str) -> None:
    reading = await read(knowledge, text, scores("ask .6, share_secret .3", "ebank.verify_code .9"))
    assert (reading.first.act, reading.first.kind) == ("report_fraud", "handoff")


@pytest.mark.parametrize("text", ["能不能把验证码告诉对方", "千万别把密码发给陌生人对吧"])
async def test_that_asking_about_codes_is_no_emergency(knowledge: KnowledgeBase, text: str) -> None:
    reading = await read(knowledge, text, scores("ask .9", "fraud.prevent .9", "rights .9"))
    assert reading.first.act == "ask"


async def test_that_a_casual_word_of_complaint_opens_one(knowledge: KnowledgeBase) -> None:
    reading = await read(knowledge, "投诉一下，转账老失败", scores("ask .9", "complaint.channel .6"))
    assert reading.first.act == "complain"


async def test_that_an_emergency_in_one_sentence_wins(knowledge: KnowledgeBase) -> None:
    table = Table({"转账限额是多少": LIMIT, "我卡刚丢了": scores("report_loss .95")})
    reading = await read(knowledge, "转账限额是多少？我卡刚丢了！", LIMIT, table)
    assert [decision.act for decision in reading.decisions] == ["report_loss"]


@pytest.mark.parametrize("act", ["abuse", "dissatisfied", "greet", "thanks"])
async def test_that_a_question_beside_something_lighter_is_answered(knowledge: KnowledgeBase, act: str) -> None:
    table = Table({"你们什么破银行": scores("abuse .9"), "转账限额到底怎么调": LIMIT})
    reading = await read(knowledge, "你们什么破银行！转账限额到底怎么调", scores(f"{act} .7, ask .2"), table)
    assert topics(reading) == [("transfer.limit", "limit")]
    assert reading.upset


@pytest.mark.parametrize(("text", "position"), [("第二个", 1), ("补卡那个", 0), ("好的", 0)])
async def test_that_a_typed_answer_to_choices_is_the_choice(knowledge: KnowledgeBase, text: str, position: int) -> None:
    reading = await read(knowledge, text, scores("affirm .9"), choices=CHOICES)
    assert topics(reading) == [(CHOICES[position]["topic"], "fee")]


async def test_that_turning_the_choices_down_is_known_as_such(knowledge: KnowledgeBase) -> None:
    assert (await read(knowledge, "都不是", scores("deny .9"), choices=CHOICES)).manner == "none_of_them"
    assert (await read(knowledge, "不用了", scores("deny .9"), choices=CHOICES)).manner == "none_of_them"


async def test_that_a_whole_question_is_no_answer_to_choices(knowledge: KnowledgeBase) -> None:
    reading = await read(knowledge, "转账限额是多少", LIMIT, choices=CHOICES)
    assert topics(reading) == [("transfer.limit", "limit")]


@pytest.mark.parametrize(("act", "manner"), [("affirm", "accepted"), ("deny", "declined")])
async def test_that_yes_and_no_answer_an_offer(knowledge: KnowledgeBase, act: str, manner: str) -> None:
    offer = {"reason": "dissatisfied", "priority": "normal", "skill": "general"}
    assert (await read(knowledge, "好", scores(f"{act} .9"), offered=offer)).manner == manner
    assert (await read(knowledge, "好", scores(f"{act} .9"))).manner == "plain"


async def test_that_a_correction_asks_the_question_before_anew(knowledge: KnowledgeBase) -> None:
    table = Table({"储蓄卡年费多少": scores("ask .9", "card.fee .8", "fee .9")})
    reading = await read(
        knowledge, "不是信用卡，是储蓄卡", UNCLEAR, table,
        topic="creditcard.fee", aspect="fee", question="信用卡年费多少",
    )  # fmt: skip
    assert topics(reading) == [("card.fee", "fee")]
    assert question_of(Turn(text="不是信用卡，是储蓄卡"), reading)["question"] == "储蓄卡年费多少"


async def test_that_a_corrected_topic_keeps_the_aspect(knowledge: KnowledgeBase) -> None:
    table = Table({"挂失": scores("ask .9", "card.loss .8", "overview .1")})
    reading = await read(
        knowledge, "我说的是挂失不是换卡", UNCLEAR, table, topic="card.replace", aspect="time", question="换卡多久"
    )
    assert topics(reading) == [("card.loss", "time")]


async def test_that_a_mere_word_asks_the_same_of_something_else(knowledge: KnowledgeBase) -> None:
    table = Table({"存折丢了怎么办": scores("ask .9", "card.loss .7", "how .9")})
    asked = {"topic": "card.pin", "aspect": "how", "question": "银行卡丢了怎么办", "products": ["银行卡"]}
    assert topics(await read(knowledge, "那存折呢", UNCLEAR, table, **asked)) == [("card.loss", "how")]


async def test_that_a_follow_up_is_not_taken_for_a_mere_word(knowledge: KnowledgeBase) -> None:
    reading = await read(knowledge, "那手续费呢", FEE_OF_IT, topic="card.replace", aspect="how", question="怎么补卡")
    assert topics(reading) == [("card.replace", "fee")]


async def test_that_a_name_answers_which_service_with_the_aspect_asked_before(knowledge: KnowledgeBase) -> None:
    named = scores("ask .9", "card.replace .9", "how .4")
    assert topics(await read(knowledge, "补卡", named, pending_aspect="fee")) == [("card.replace", "fee")]
    other = await read(knowledge, "补卡要带什么", MATERIALS, pending_aspect="fee")
    assert topics(other) == [("card.replace", "materials")]


@pytest.mark.parametrize(("text", "manner"), [("再说一遍", "plain"), ("说简单点", "simpler"), ("没看懂", "simpler")])
async def test_that_simpler_is_told_from_again(knowledge: KnowledgeBase, text: str, manner: str) -> None:
    assert (await read(knowledge, text, scores("repeat .9"))).manner == manner


async def test_that_a_question_is_remembered_with_its_products(knowledge: KnowledgeBase) -> None:
    reading = await read(knowledge, "信用卡年费多少", LIMIT)
    entities = [{"entity": "product", "start": 0, "end": 3, "value": "creditcard"}]
    turn = Turn(text="信用卡年费多少", entities=entities)
    assert question_of(turn, reading) == {"question": "信用卡年费多少", "products": ["信用卡"]}
    assert question_of(Turn(text="谢谢"), await read(knowledge, "谢谢", scores("thanks .9"))) == {}
