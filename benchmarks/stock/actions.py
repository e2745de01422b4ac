"""The assistant's own actions, told in their words what stock Rasa has understood."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker

import actions
from benchmarks.reading import reading_of

for found in pkgutil.walk_packages(actions.__path__, "actions."):
    importlib.import_module(found.name)  # the SDK registers every action it finds loaded

_tracker_from = Tracker.from_dict


def routing_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return what our heads would have said for the parse data of stock's classifier and response selector."""
    reading = reading_of(message)
    return {
        "act": sorted(reading.acts.items(), key=lambda found: -found[1])[:5],
        "topic": [(reading.topic, reading.topic_confidence)] if reading.topic else [],
        "aspect": [(reading.aspect, reading.topic_confidence)] if reading.aspect else [],
    }


def _with_routing(state: dict[str, Any]) -> Tracker:
    message = state.get("latest_message") or {}
    if message.get("intent"):
        message["routing"] = routing_of(message)
    return _tracker_from(state)


Tracker.from_dict = staticmethod(_with_routing)
