"""`nuoyan ask`: single questions from the command line, answered the customer's way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from actions.responder import Responder
from bot.cli import app
from bot.knowledge.loader import load_knowledge
from bot.knowledge.replies import load_replies
from bot.nlu.decision import Scores
from bot.nlu.understanding import BATCH, Understood
from bot.training.asking import MAX_CHARS, Asker, spoken

DIRECTORY = Path(__file__).resolve().parents[2] / "data" / "knowledge"
CARD = Scores((("ask", 0.99),), (("card.replace", 0.95), ("card.loss", 0.02)), (("materials", 0.9),))
NOTHING = Scores((), (), ())
KEYS = {"id", "act", "topic", "aspect", "confidence", "alternatives", "decision", "citations", "reply"}


class Ears:
    """Understands every text the same way and writes down what it heard."""

    def __init__(self) -> None:
        self.heard: list[list[str]] = []

    def read(self, texts: Sequence[str]) -> list[Understood]:
        self.heard.append(list(texts))
        return [Understood((CARD if text.strip() else NOTHING).to_json(), []) for text in texts]


@pytest.fixture(scope="module")
def responder() -> Responder:
    knowledge = load_knowledge(DIRECTORY)
    return Responder(knowledge, load_replies(DIRECTORY, knowledge))


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def asker(ears: Ears, responder: Responder) -> Asker:
    understanding: Any = ears
    return Asker(understanding, responder, date(2026, 11, 1))


def lines(asker: Asker, *given: str) -> list[dict[str, Any]]:
    answers = list(asker.ask_lines(given))
    json.dumps(answers, ensure_ascii=False).encode("utf-8")
    return answers


def test_that_a_question_gets_routing_citations_and_words(asker: Asker) -> None:
    (answer,) = asker.ask([{"id": 7, "text": "补卡要带什么"}])
    assert set(answer) == KEYS
    assert (answer["id"], answer["act"], answer["topic"], answer["aspect"]) == (7, "ask", "card.replace", "materials")
    assert answer["decision"] == "answer" and answer["confidence"] == 0.95
    assert answer["citations"] and set(answer["citations"][0]) >= {"source", "clause", "certainty"}
    assert "身份证件" in answer["reply"]


def test_that_answers_keep_the_order_and_ids_of_the_lines(asker: Asker) -> None:
    asked = [json.dumps({"id": f"q{number}", "text": "补卡"}) for number in range(BATCH + 7)]
    assert [answer["id"] for answer in lines(asker, *asked)] == [f"q{number}" for number in range(BATCH + 7)]


def test_that_many_lines_are_read_in_batches(asker: Asker, ears: Ears) -> None:
    lines(asker, *[json.dumps({"id": 1, "text": "补卡"})] * (BATCH + 7))
    assert [len(batch) for batch in ears.heard] == [BATCH, 7]


def test_that_answers_come_before_all_lines_are_read(asker: Asker) -> None:
    def endless() -> Any:
        while True:
            yield json.dumps({"id": 1, "text": "补卡"})

    assert next(asker.ask_lines(endless()))["topic"] == "card.replace"


@pytest.mark.parametrize(
    "bad",
    ["{", "5", "[]", '"补卡"', "{}", '{"id": 1}', '{"text": 5}', '{"text": null}', "null", "[" * 50_000],
    ids=lambda line: line[:12],
)
def test_that_a_bad_line_is_answered_with_an_error_in_its_place(asker: Asker, bad: str) -> None:
    good = json.dumps({"id": "a", "text": "补卡"})
    first, second, third = lines(asker, good, bad, good)
    assert "error" in second and "JSON" in second["error"]
    assert first == third and first["topic"] == "card.replace"


def test_that_empty_lines_are_skipped(asker: Asker) -> None:
    assert lines(asker, "", "  \n", "\n") == []


@pytest.mark.parametrize("text", ["", "   "])
def test_that_nothing_asked_is_not_understood(asker: Asker, text: str) -> None:
    (answer,) = lines(asker, json.dumps({"id": 1, "text": text}))
    assert (answer["decision"], answer["topic"], answer["citations"]) == ("reject", None, [])
    assert answer["reply"]


def test_that_secrets_are_masked_before_anything_reads_them(asker: Asker, ears: Ears) -> None:
    lines(asker, json.dumps({"id": 1, "text": "我的卡6222 0202 0011 2236丢了,密码是 884422"}))
    (heard,) = ears.heard[0]
    assert "0011" not in heard and "884422" not in heard and "丢了" in heard


def test_that_endless_texts_are_cut(asker: Asker, ears: Ears) -> None:
    lines(asker, json.dumps({"id": 1, "text": "问" * 20_000}))
    assert len(ears.heard[0][0]) == MAX_CHARS


def test_that_half_a_surrogate_pair_does_no_harm(asker: Asker, ears: Ears) -> None:
    (answer,) = lines(asker, '{"id": 1, "text": "补卡\\ud83d"}')
    assert answer["topic"] == "card.replace"
    ears.heard[0][0].encode("utf-8")


def test_that_the_command_answers_line_by_line_whatever_the_bytes(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Asker, "load", lambda: asker)
    given = '{"id": "\\ud800", "text": "补卡"}\n'.encode() + b'{"id": 2, "text": "\xff\xfe"}\n\xff\n'
    result = CliRunner().invoke(app, ["ask", "--jsonl"], input=given)
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer.get("topic") for answer in answers] == ["card.replace", "card.replace", None]
    assert (answers[1]["id"], "error" in answers[2]) == (2, True)


def test_that_the_command_needs_a_question(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asker, "load", lambda: asker)
    assert CliRunner().invoke(app, ["ask"]).exit_code == 2
    told = CliRunner().invoke(app, ["ask", "补卡要带什么"])
    assert json.loads(told.stdout)["aspect"] == "materials"


def test_that_every_kind_of_block_is_spoken_without_citations() -> None:
    blocks = [
        {"type": "text", "text": "可以。"},
        {"type": "steps", "title": "步骤", "items": ["取号", "办理"]},
        {"type": "facts", "title": "费用", "items": [{"label": "工本费", "text": "免费"}, {"text": "到期换卡"}]},
        {"type": "buttons", "buttons": [{"title": "补卡"}, {"title": "挂失"}]},
        {"type": "citation", "source": "《规范》", "clause": "1.1"},
    ]
    told = list(spoken(blocks))
    assert told[:3] == ["可以。", "1. 取号", "2. 办理"]
    assert any("工本费" in line and "免费" in line for line in told)
    assert any("补卡" in line and "挂失" in line for line in told)
    assert not any("《规范》" in line for line in told)
