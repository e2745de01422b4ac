"""How a customer seems to feel, from what was understood so far; a hint for agents, never a judgement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_DANGER = frozenset({"crisis", "report_fraud"})
_ANGRY = frozenset({"abuse", "complain"})
_UNHAPPY = frozenset({"dissatisfied", "compensation", "case_urge"})
NAMES = {"calm": "平静", "unhappy": "不满", "angry": "激动", "danger": "紧急"}


def mood_of(acts: Iterable[str | None], urgent: bool = False) -> str:
    """``calm``, ``unhappy``, ``angry`` or ``danger``: the strongest of the acts in hand."""
    seen = set(acts)
    if urgent or seen & _DANGER:
        return "danger"
    if seen & _ANGRY:
        return "angry"
    return "unhappy" if seen & _UNHAPPY else "calm"


def acts_of(messages: Iterable[Any]) -> list[str]:
    """The acts of bot replies among rows or records with ``routing``."""
    return [str(message.routing["act"]) for message in messages if message.routing and message.routing.get("act")]
