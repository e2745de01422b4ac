"""Products, channels, amounts, dates and case numbers are found where they stand, in every example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import spacy
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from ruamel.yaml import YAML
from spacy.language import Language

from bot.nlu.entities import build_pipeline, save_pipeline
from bot.nlu.examples import Example, read_examples
from tests.nlu.conftest import ROOT

SOURCE = ROOT / "data" / "lexicon" / "entities.yml"
SAVED = ROOT / "data" / "lexicon" / "spacy_zh"
ENTRIES: dict[str, Any] = YAML(typ="safe", pure=True).load(SOURCE.read_text(encoding="utf-8"))
PHRASES = [
    (label, group["id"], term)
    for label, groups in ENTRIES["phrases"].items()
    for group in groups
    for term in group["terms"]
]
CARRIERS = ("{}", "我想问问{}怎么办", "你们银行的{},还有别的吗", "办{}要带什么")


@pytest.fixture(scope="module")
def language() -> Language:
    return spacy.load(SAVED)


def found(language: Language, text: str) -> list[tuple[str, str]]:
    return [(span.label_, span.text) for span in language(text).ents]


def test_that_every_phrase_is_found_inside_sentences(language: Language) -> None:
    missed = [
        (term, carrier)
        for label, group, term in PHRASES
        for carrier in CARRIERS
        if (label, group, term)
        not in [(span.label_, span.ent_id_, span.text) for span in language(carrier.format(term)).ents]
    ]
    assert missed == []


def test_that_no_phrase_stands_for_two_things() -> None:
    terms = [term for _, _, term in PHRASES]
    assert len(terms) == len(set(terms)) > 30


def test_that_the_saved_pipeline_is_a_fresh_build_of_its_source(language: Language, tmp_path: Any) -> None:
    fresh = build_pipeline(SOURCE)
    assert language.get_pipe("entity_ruler").patterns == fresh.get_pipe("entity_ruler").patterns
    assert language.config["nlp"]["tokenizer"] == fresh.config["nlp"]["tokenizer"]
    save_pipeline(SOURCE, tmp_path / "again")
    again = spacy.load(tmp_path / "again")
    assert found(again, "信用卡转5万元") == found(language, "信用卡转5万元") != []


@pytest.mark.parametrize(
    ("text", "label", "entity"),
    [
        ("转了5000元给他", "amount", "5000元"),
        ("转了1,000元给他", "amount", "1,000元"),
        ("想存3.5万元", "amount", "3.5万元"),
        ("取两千块现金", "amount", "两千块"),
        ("一百万元怎么存", "amount", "一百万元"),
        ("换50万美元", "amount", "50万美元"),
        ("2025年3月4日办的", "date", "2025年3月4日"),
        ("2025-03-04转的", "date", "2025-03-04"),
        ("2025/3/4转的", "date", "2025/3/4"),
        ("我3月15日投诉的", "date", "3月15日"),
        ("三月五号还款", "date", "三月五号"),
        ("十二月二十五号还款", "date", "十二月二十五号"),
        ("昨天转的账", "date", "昨天"),
        ("查一下NY20250304001", "case_number", "NY20250304001"),
        ("编号ny-2025-000123,查进度", "case_number", "ny-2025-000123"),
        ("NY-2025-000123", "case_number", "NY-2025-000123"),
    ],
)
def test_that_amounts_dates_and_case_numbers_are_found_whole(
    language: Language, text: str, label: str, entity: str
) -> None:
    assert (label, entity) in found(language, text)


@pytest.mark.parametrize("text", ["卡丢了怎么办", "万一忘了密码", "二维码收款", "零钱在哪里换", "NY见", "十分感谢", ""])
def test_that_ordinary_words_are_no_entities(language: Language, text: str) -> None:
    assert [label for label, _ in found(language, text) if label != "product"] == []


def test_that_the_longer_phrase_wins(language: Language) -> None:
    assert found(language, "公积金贷款和定期存款") == [("product", "公积金贷款"), ("product", "定期存款")]


def test_that_labels_are_the_entities_of_the_domain(language: Language) -> None:
    domain = YAML(typ="safe", pure=True).load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    labels = {pattern["label"] for pattern in language.get_pipe("entity_ruler").patterns}
    assert labels == set(domain["entities"])


def test_that_entities_of_all_examples_stand_where_they_say(language: Language, examples: list[Example]) -> None:
    """An entity off its place in the customer's own text would be cut wrong or dropped by Rasa."""
    count = 0
    for example, doc in zip(examples, language.pipe(one.text for one in examples), strict=True):
        assert doc.text == example.text
        for span in doc.ents:
            count += 1
            assert example.text[span.start_char : span.end_char] == span.text.strip() != ""
    assert count > 500


def test_that_no_phrase_in_any_example_is_overlooked(language: Language, examples: list[Example]) -> None:
    overlooked = []
    for example, doc in zip(examples, language.pipe(one.text for one in examples), strict=True):
        marked = {place for span in doc.ents for place in range(span.start_char, span.end_char)}
        for _, _, term in PHRASES:
            overlooked += [(term, example.text) for start in _places(example.text, term) if start not in marked]
    assert overlooked == []


def _places(text: str, term: str) -> Iterator[int]:
    start = text.find(term)
    while start >= 0:
        yield start
        start = text.find(term, start + 1)


@pytest.mark.parametrize("name", ["card.yml", "acts_cases.yml", "out_of_scope.yml"])
def test_that_rasa_reads_the_same_examples_as_we_do(name: str) -> None:
    path = ROOT / "data" / "nlu" / name
    theirs = RasaYAMLReader().read(str(path))
    ours = read_examples([path])
    assert [message.get("text") for message in theirs.intent_examples] == [example.text for example in ours]
    assert not any(message.get("entities") for message in theirs.intent_examples)
