from __future__ import annotations

from typing import Any

from benchmarks.reading import reading_of

RANKING = [{"name": "ask", "confidence": 0.7}, {"name": "out_of_scope", "confidence": 0.2}]


def test_ours_is_read_from_the_routing() -> None:
    parsed = {
        "intent": {"name": "ask", "confidence": 0.7},
        "intent_ranking": RANKING,
        "routing": {
            "act": [["ask", 0.7]],
            "topic": [["card.replace", 0.8], ["card.loss", 0.1]],
            "aspect": [["how", 0.6], ["fee", 0.2]],
        },
    }
    reading = reading_of(parsed)
    assert (reading.act, reading.topic, reading.aspect) == ("ask", "card.replace", "how")
    assert reading.acts == {"ask": 0.7, "out_of_scope": 0.2}
    assert reading.topic_confidence == 0.8


def test_stock_is_read_from_the_response_selector() -> None:
    reading = reading_of(stock("ask/card.replace.how"))
    assert (reading.topic, reading.aspect, reading.topic_confidence) == ("card.replace", "how", 0.9)
    assert reading_of(stock("ask/std.6.2")).topic == "std.6.2"
    assert reading_of(stock("ask/std.6.2")).aspect is None


def test_a_stock_fallback_is_the_act_but_no_candidate() -> None:
    parsed = stock("ask/card.replace.how")
    parsed["intent"] = {"name": "nlu_fallback", "confidence": 0.3}
    parsed["intent_ranking"] = [parsed["intent"], *RANKING]
    reading = reading_of(parsed)
    assert reading.act == "nlu_fallback"
    assert reading.acts == {"ask": 0.7, "out_of_scope": 0.2}


def test_a_model_without_a_selector_has_no_topic() -> None:
    reading = reading_of({"intent": {"name": "greet"}, "intent_ranking": RANKING})
    assert (reading.topic, reading.aspect, reading.topic_confidence) == (None, None, 0.0)


def stock(key: str) -> dict[str, Any]:
    response = {"intent_response_key": key, "confidence": 0.9}
    return {
        "intent": {"name": "ask", "confidence": 0.7},
        "intent_ranking": list(RANKING),
        "response_selector": {"all_retrieval_intents": ["ask"], "ask": {"response": response, "ranking": []}},
    }
