"""The example sentences themselves: known labels, enough of each, no contradiction, no leak, no person."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from ruamel.yaml import YAML

from bot.nlu.examples import CONTEXT_TOPIC, Example, read_examples, split_intent
from bot.nlu.normaliser import normalise
from bot.privacy import mask
from tests.nlu.conftest import ROOT

TAXONOMY = YAML(typ="safe", pure=True).load((ROOT / "data" / "taxonomy.yml").read_text(encoding="utf-8"))
DOMAIN = YAML(typ="safe", pure=True).load((ROOT / "domain.yml").read_text(encoding="utf-8"))
QUESTIONS = ("ask", "out_of_scope")
TEST_SETS = ("dev", "heldout", "voices_dev", "voices")
LEAST = {"topic": 30, "section": 15, "act": 60, "out_of_scope": 500}
SET_PHRASES_SHARE = 0.05
"""「转人工」 or 「谢谢」 are said in one way only: so much of a test set may be such phrases."""


@pytest.fixture(scope="module")
def by_text(examples: list[Example]) -> dict[str, set[tuple[str | None, ...]]]:
    """Labels by normalised text."""
    labels: dict[str, set[tuple[str | None, ...]]] = defaultdict(set)
    for example in examples:
        labels[normalise(example.text)].add((example.act, example.topic, example.aspect))
    return labels


@pytest.mark.parametrize(
    ("intent", "parts"),
    [
        ("greet", ("greet", None, None)),
        ("ask/card.replace.how", ("ask", "card.replace", "how")),
        ("ask/std.6.2", ("ask", "std.6.2", None)),
        ("ask/context.time", ("ask", CONTEXT_TOPIC, "time")),
    ],
)
def test_that_an_intent_name_is_act_topic_and_aspect(intent: str, parts: tuple[str | None, ...]) -> None:
    assert split_intent(intent) == parts


def test_that_every_label_is_in_the_taxonomy(examples: list[Example]) -> None:
    topics = {*TAXONOMY["topics"], *TAXONOMY["standards"], CONTEXT_TOPIC}
    for example in examples:
        assert example.act in TAXONOMY["acts"], example
        if example.act == "ask":
            assert example.topic in topics, example
            assert example.topic in TAXONOMY["standards"] or example.aspect in TAXONOMY["aspects"], example
        else:
            assert example.topic is example.aspect is None, example


def test_that_every_act_is_an_intent_of_the_domain() -> None:
    names = {name for entry in DOMAIN["intents"] for name in (entry if isinstance(entry, dict) else [entry])}
    assert names == {*TAXONOMY["acts"], "nlu_fallback"}


def test_that_every_topic_has_enough_examples(examples: list[Example]) -> None:
    count = Counter(example.topic for example in examples)
    assert {topic: count[topic] for topic in TAXONOMY["topics"] if count[topic] < LEAST["topic"]} == {}
    assert {name: count[name] for name in TAXONOMY["standards"] if count[name] < LEAST["section"]} == {}


def test_that_every_act_has_enough_examples(examples: list[Example]) -> None:
    count = Counter(example.act for example in examples)
    assert {act: count[act] for act in TAXONOMY["acts"] if count[act] < LEAST["act"]} == {}
    assert count["out_of_scope"] >= LEAST["out_of_scope"]


def test_that_every_aspect_can_be_asked_without_naming_a_topic(examples: list[Example]) -> None:
    followed = {example.aspect for example in examples if example.topic == CONTEXT_TOPIC}
    assert followed == set(TAXONOMY["aspects"])


def test_that_no_text_stands_under_two_labels(by_text: dict[str, set[tuple[str | None, ...]]]) -> None:
    assert {text: labels for text, labels in by_text.items() if len(labels) > 1} == {}


def test_that_no_example_says_nothing(by_text: dict[str, set[tuple[str | None, ...]]]) -> None:
    assert "" not in by_text


def test_that_hardly_any_example_stands_twice(
    examples: list[Example], by_text: dict[str, set[tuple[str | None, ...]]]
) -> None:
    assert len(examples) - len(by_text) < 0.01 * len(examples)


@pytest.mark.parametrize("name", TEST_SETS)
def test_that_no_test_question_was_seen_in_training(name: str, by_text: dict[str, set[tuple[str | None, ...]]]) -> None:
    asked = read_examples([ROOT / "benchmarks" / "data" / f"{name}.yml"])
    seen = [example for example in asked if normalise(example.text) in by_text]
    assert [example.text for example in seen if example.act in QUESTIONS] == []
    assert len(seen) <= SET_PHRASES_SHARE * len(asked)


def test_that_the_two_test_sets_do_not_overlap() -> None:
    dev, heldout = (
        {
            normalise(example.text)
            for example in read_examples([ROOT / "benchmarks" / "data" / f"{name}.yml"])
            if example.act in QUESTIONS
        }
        for name in ("dev", "heldout")
    )
    assert dev & heldout == set()
    assert len(heldout) >= 300


@pytest.mark.parametrize("name", TEST_SETS)
def test_that_the_test_sets_know_only_the_taxonomy(name: str) -> None:
    topics = {*TAXONOMY["topics"], *TAXONOMY["standards"], CONTEXT_TOPIC}
    for example in read_examples([ROOT / "benchmarks" / "data" / f"{name}.yml"]):
        assert example.act in TAXONOMY["acts"] and (example.topic is None or example.topic in topics), example


def test_that_no_example_holds_personal_data(examples: list[Example]) -> None:
    """Cards, ID numbers, phones, passwords: only as the placeholders that masking leaves."""
    leaks = [example.text for example in examples if mask(example.text).text != example.text]
    assert leaks == []


def test_that_masked_secrets_are_examples_of_sharing_a_secret(examples: list[Example]) -> None:
    placeholders = [example for example in examples if "〔" in example.text]
    assert len([example for example in placeholders if example.act == "share_secret"]) >= 20
