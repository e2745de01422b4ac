"""The inbox: what went badly, most instructive first, folded, gone once dealt with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest

from bot.blocks import Published, Reply
from bot.chat.conversations import Conversations
from bot.chat.message_log import append, append_reply
from bot.errors import CandidateSettled, PersonalDataFound, SamePerson, UnknownExample, UnknownLabel
from bot.store import tables
from bot.store.database import Database
from bot.training.candidates import Candidates
from bot.training.inbox import Filter, Inbox
from bot.training.labels import Label, Taxonomy

AT = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)
LOSS = Label("ask", "card.loss", "how")


class Talks:
    """Writes conversations as the server does."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.inbox = Inbox(self.database)
        self.candidates = Candidates(self.database, Taxonomy(), clock=lambda: AT)

    def said(
        self, text: str, routing: dict[str, Any] | None, verdict: str | None = None, **more: Any
    ) -> tuple[str, int]:
        """One message with the reply's routing and the customer's verdict."""
        channel, at = more.pop("channel", "web"), more.pop("at", AT)
        with self.database.write() as connection:
            conversation, _ = Conversations(self.database).create(connection, channel, False)
            blocks = [{"type": "text", "text": text}]
            message = append(
                connection,
                conversation.id,
                "customer",
                Published(blocks=blocks, offered=[]),
                client_id=uuid4().hex,
                answer_state=tables.ANSWERED,
                created_at=at,
                **more,
            )
            if routing is not None:
                reply = Reply(blocks=[{"type": "text", "text": "答"}], routing=routing)
                answer = append_reply(connection, conversation.id, "bot", reply, reply_to=message.seq, part=0)
                if verdict is not None:
                    values = {"conversation_id": conversation.id, "seq": answer.seq, "value": verdict}
                    connection.execute(tables.feedback.insert().values(**values, created_at=at, updated_at=at))
        return conversation.id, message.seq


@pytest.fixture
def talks(database_url: str) -> Iterator[Talks]:
    found = Talks(database_url)
    yield found
    found.database.close()


def routed(decision: str = "answer", confidence: float = 0.95, **more: Any) -> dict[str, Any]:
    return {"act": "ask", "topic": "card.loss", "aspect": "how", "confidence": confidence, "decision": decision, **more}


def everything(talks: Talks, **wanted: Any) -> list[str]:
    return [item.text for item in talks.inbox.items(Filter(since=AT - timedelta(days=7), **wanted))]


def test_that_what_went_well_stays_out_and_the_worst_comes_first(talks: Talks) -> None:
    talks.said("卡丢了怎么办", routed())
    talks.said("这个怎么弄呀", routed("clarify", 0.3))
    talks.said("啥玩意儿", routed("reject", 0.1, act="out_of_scope", topic=None, aspect=None))
    talks.said("挂失要多久", routed(), verdict="down")
    talks.said("到底补卡还是挂失", routed(confidence=0.55, alternatives=[{"act": "ask", "confidence": 0.5}]))
    talks.said("去年的老问题", routed("reject", 0.1), at=AT - timedelta(days=300))
    talks.said("点了按钮", routed("reject", 0.1), payload={"topic": "card.loss"})
    assert everything(talks)[0] == "挂失要多久"
    assert set(everything(talks)) == {"挂失要多久", "啥玩意儿", "到底补卡还是挂失", "这个怎么弄呀"}


def test_that_the_same_words_are_folded_and_filters_hold(talks: Talks) -> None:
    talks.said("您好,这个怎么弄呀", routed("clarify", 0.3))
    talks.said("這個怎麼弄呀", routed("clarify", 0.4), channel="app")
    talks.said("别的问题", routed("reject", 0.2, topic="transfer.limit"), channel="app")
    (folded,) = talks.inbox.items(Filter(since=AT - timedelta(days=7), reasons=frozenset({"clarified"})))
    assert len(folded.places) == 2
    assert everything(talks, channel="app", topic="transfer.limit") == ["别的问题"]
    assert everything(talks, words="别的") == ["别的问题"]
    assert everything(talks, topic="card.pin") == []


def test_that_dealing_with_a_message_takes_all_its_twins_out(talks: Talks) -> None:
    places = [talks.said("卡叫狗叼走了咋整", routed("reject", 0.2)) for _ in range(3)]
    (item,) = talks.inbox.items(Filter(since=AT - timedelta(days=7)))
    candidate = talks.candidates.propose(item.text, LOSS, "3001", places=item.places)
    assert set(item.places) == set(places)
    assert candidate.origin is not None
    assert everything(talks) == []
    talks.said("随便说说", routed("reject", 0.2))
    (other,) = talks.inbox.items(Filter(since=AT - timedelta(days=7)))
    talks.inbox.settle(other.places, "3001", AT, candidate=None)
    talks.inbox.settle(other.places, "3001", AT, candidate=None)
    assert everything(talks) == []


def test_that_two_people_are_needed_and_every_step_is_kept(talks: Talks) -> None:
    candidate = talks.candidates.propose("卡叫狗叼走了咋整", LOSS, "3001", note="方言")
    with pytest.raises(SamePerson):
        talks.candidates.review(candidate.id, "3001", approve=True)
    approved = talks.candidates.review(candidate.id, "2001", approve=True, comment="好")
    assert (approved.state, approved.reviewed_by) == ("approved", "2001")
    with pytest.raises(CandidateSettled):
        talks.candidates.review(candidate.id, "9001", approve=False)
    assert talks.candidates.undo(candidate.id, "2001").state == "proposed"
    talks.candidates.review(candidate.id, "2001", approve=True)
    talks.candidates.trained([candidate.id], "9001", "abc")
    with pytest.raises(CandidateSettled):
        talks.candidates.undo(candidate.id, "2001")
    steps = [(step["who"], step["what"]) for step in talks.candidates.history(candidate.id)]
    assert steps == [
        ("3001", "proposed"),
        ("2001", "approved"),
        ("2001", "proposed"),
        ("2001", "approved"),
        ("9001", "trained"),
    ]
    assert [found.state for found in talks.candidates.all()] == ["trained"]
    with pytest.raises(UnknownExample):
        talks.candidates.review("0" * 32, "2001", approve=True)


def test_that_agreement_is_told_by_label(talks: Talks) -> None:
    for text, approve in (("卡找不着了咋整", True), ("卡被偷走了咋整", True), ("我要销户", False)):
        talks.candidates.review(talks.candidates.propose(text, LOSS, "3001").id, "2001", approve)
    figures = talks.candidates.agreement()["card.loss"]
    assert (figures["reviewed"], round(figures["agreement"], 2)) == (3, 0.67)


@pytest.mark.parametrize("text", ["我的手机是13800138000", "卡号6222020200112236怎么挂失", "密码是112233"])
def test_that_personal_data_never_becomes_an_example(talks: Talks, text: str) -> None:
    with pytest.raises(PersonalDataFound):
        talks.candidates.propose(text, LOSS, "3001")
    with pytest.raises(PersonalDataFound):
        talks.candidates.propose("怎么挂失呢", LOSS, "3001", answer=text)
    assert talks.candidates.all() == []


@pytest.mark.parametrize(
    "label",
    [
        Label("nothing"),
        Label("ask"),
        Label("ask", "card.loss"),
        Label("ask", "card.nothing", "how"),
        Label("ask", "std.6.2", "how"),
        Label("thanks", "card.loss", "how"),
        Label("ask", "card.loss", "nothing"),
    ],
)
def test_that_labels_outside_the_taxonomy_are_refused(talks: Talks, label: Label) -> None:
    with pytest.raises(UnknownLabel):
        talks.candidates.propose("怎么挂失呢", label, "3001")


@pytest.mark.parametrize("text", ["", "  ", "两行\n字", "长" * 301])
def test_that_only_one_line_is_an_example(talks: Talks, text: str) -> None:
    with pytest.raises(ValueError, match="一行"):
        talks.candidates.propose(text, LOSS, "3001")


def test_that_labels_know_their_intent_and_their_initials() -> None:
    assert (LOSS.intent, Label("ask", "std.6.2").intent, Label("thanks").intent) == (
        "ask/card.loss.how",
        "ask/std.6.2",
        "thanks",
    )
    taxonomy = Taxonomy()
    taxonomy.check(Label("ask", "context", "materials"))
    choices = taxonomy.choices()
    assert len(choices["topics"]) >= 100
    assert next(entry for entry in choices["topics"] if entry["id"] == "card.swallowed")["pinyin"].endswith("tk")
