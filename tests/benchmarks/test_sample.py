from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.process import PROJECT_ROOT
from benchmarks.questions import data_digest
from benchmarks.sample import choose, copy_sample
from bot.nlu.examples import Example, read_examples


def many(count: int, act: str, topic: str | None = None, aspect: str | None = None) -> list[Example]:
    return [Example(f"{act} {topic} {aspect} 第{number}句", act, topic, aspect) for number in range(count)]


def test_every_label_stays_and_acts_keep_the_share_of_questions() -> None:
    examples = many(10, "ask", "card.open", "how") + many(10, "ask", "std.6.2") + many(2, "ask", "card.open", "fee")
    chosen = choose([*examples, *many(100, "greet"), *many(5, "abuse")], per_label=3)
    counts = Counter((example.act, example.topic, example.aspect) for example in chosen)
    assert counts == {
        ("ask", "card.open", "how"): 3,
        ("ask", "std.6.2", None): 3,
        ("ask", "card.open", "fee"): 2,
        ("greet", None, None): 36,  # (3 + 3 + 2) of 22
        ("abuse", None, None): 3,
    }


def test_what_stays_depends_on_the_words_alone() -> None:
    examples = many(10, "ask", "card.open", "how") + many(30, "greet")
    assert choose(examples, 3) == choose(examples[::-1], 3)
    fewer = [example for example in examples if example not in choose(examples, 3)[-1:]]
    assert len(set(choose(examples, 3)) - set(choose(fewer, 3))) <= 2


def test_the_copy_is_plain_rasa_data_with_the_responses(tmp_path: Path) -> None:
    source = PROJECT_ROOT / "data" / "nlu"
    count = copy_sample(source, tmp_path / "one", 2)
    assert count == copy_sample(source, tmp_path / "two", 2)
    assert data_digest(tmp_path / "one") == data_digest(tmp_path / "two")
    chosen = read_examples(sorted((tmp_path / "one").rglob("*.yml")))
    every = read_examples(sorted(source.rglob("*.yml")))
    assert len(chosen) == count < len(every)
    assert set(chosen) <= set(every)
    assert {(e.act, e.topic, e.aspect) for e in chosen} == {(e.act, e.topic, e.aspect) for e in every}
    assert (tmp_path / "one" / "responses.yml").read_bytes() == (source / "responses.yml").read_bytes()


def test_without_a_number_everything_is_copied_as_it_is(tmp_path: Path) -> None:
    source = PROJECT_ROOT / "data" / "nlu"
    assert copy_sample(source, tmp_path / "all", None) == len(read_examples(sorted(source.rglob("*.yml"))))
    assert data_digest(tmp_path / "all") == data_digest(source)
