"""The desk's figures and policies: read from ``data/desk/policies.yml``, checked strictly, tuned in settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConstrainedInt, Extra, Field, StrictBool, StrictStr
from ruamel.yaml import YAML

from bot.privacy import Kind


class _Whole(ConstrainedInt):
    strict = True
    ge = 0
    le = 10_000_000


class _Positive(_Whole):
    ge = 1


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class DeskFigures(_Strict):
    """Seconds and numbers of the desk; what each means stands in the file."""

    ring_s: _Positive
    heartbeat_s: _Positive
    capacity: _Positive
    queue_max: _Positive
    no_agents_s: _Positive
    long_wait_s: _Positive
    widen_s: _Whole
    handle_s: _Positive
    idle_s: _Positive
    idle_steps: _Positive
    wrap_up_s: _Positive
    missed_rings: _Positive
    visit_gap_s: _Positive
    rating_s: _Positive
    alarm_misses: _Positive
    alarm_unhappy: _Positive
    sla_accept_s: _Positive
    sla_first_reply_s: _Positive
    sla_reply_s: _Positive


class Policy(_Strict):
    """One rule of handing over: what it looks at, what it does, and the clause behind it.

    Attributes:
        effect: ``transfer`` at once, ``offer`` a person, ``first``: who asks for a person goes first.
        acts: acts that trigger it.
        words: whole messages that trigger it (danger: words anywhere in a message of somebody who waits).
        kinds: kinds of masked secrets that trigger it.
    """

    enabled: StrictBool
    clause: StrictStr
    effect: Literal["transfer", "offer", "first"]
    reason: StrictStr
    skill: Literal["general", "card", "loan", "wealth", "complaint", "elder", "urgent"] | None = None
    urgent: StrictBool = False
    acts: list[StrictStr] = Field(default_factory=list)
    words: list[StrictStr] = Field(default_factory=list)
    kinds: list[Kind] = Field(default_factory=list)
    threshold: _Positive | None = None
    offer_at: _Positive | None = None
    seconds: _Positive | None = None
    failures: _Positive | None = None
    minimum: _Whole | None = None


class Policies(_Strict):
    """All policies by name; none may be missing."""

    keyword: Policy
    refusal: Policy
    not_understood: Policy
    secrets: Policy
    danger: Policy
    timeout: Policy
    emotion: Policy
    elder: Policy
    repeat_visit: Policy
    confirmation: Policy
    no_answer: Policy
    low_frequency: Policy

    def named(self) -> dict[str, Policy]:
        """The enabled policies by name."""
        return {name: policy for name, policy in self if policy.enabled}

    def clause_of(self, reason: str) -> str:
        """The clause behind a reason that the assistant gave; empty for one that no policy knows."""
        return next((policy.clause for _name, policy in self if policy.reason == reason), "")


class DeskRules(_Strict):
    """Figures and policies together."""

    desk: DeskFigures
    policies: Policies


def read_rules(path: Path, changes: dict[str, Any] | None = None) -> DeskRules:
    """Read the file and lay ``changes`` over it (same shape, only what differs).

    Raises:
        OSError: no such file.
        pydantic.ValidationError: a value is missing, unknown or of the wrong type.
    """
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return DeskRules.parse_obj(laid_over(content, changes or {}))


def laid_over(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes`` laid over it, key by key at every depth."""
    merged = dict(base)
    for key, value in changes.items():
        inner = merged.get(key)
        merged[key] = laid_over(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
