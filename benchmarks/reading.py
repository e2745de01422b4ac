"""What a model made of one message, in one shape for ours and for stock Rasa."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.nlu.examples import split_intent

FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Reading:
    """One message as a model read it.

    Attributes:
        act: the intent that was decided on; ``nlu_fallback`` when the model gave up.
        acts: confidence of each ranked intent, the fallback left out.
        topic, aspect: the best guess, whatever the intent; None when there is none.
        topic_confidence: confidence of the topic (stock: of topic and aspect together).
    """

    act: str
    acts: dict[str, float]
    topic: str | None
    aspect: str | None
    topic_confidence: float


def reading_of(parsed: Mapping[str, Any]) -> Reading:
    """Return the reading in Rasa's parse data: ours has ``routing``, stock a response selector."""
    act = str(parsed["intent"]["name"])
    acts = {
        str(item["name"]): float(item["confidence"])
        for item in parsed.get("intent_ranking") or ()
        if item["name"] != FALLBACK
    }
    if routing := parsed.get("routing"):
        topic, confidence = routing["topic"][0]
        return Reading(act, acts, topic, routing["aspect"][0][0], float(confidence))
    found = ((parsed.get("response_selector") or {}).get("ask") or {}).get("response") or {}
    _, stock_topic, aspect = split_intent(str(found.get("intent_response_key") or ""))
    return Reading(act, acts, stock_topic, aspect, float(found.get("confidence") or 0.0))
