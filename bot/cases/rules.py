"""The bank's dated rules for cases: deadlines, first responsibility, categories (``data/cases``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, ValidationError, parse_obj_as, root_validator, validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.cases.days import add_working_days, day_of, end_of
from bot.cases.model import CaseKind, Category, Deadline, DeadlineKind
from bot.errors import ConfigurationError


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Extension(_Strict):
    """One permitted extension: up to day ``until_day`` from receipt, on ``ground``."""

    until_day: int = Field(..., ge=1, le=3650)
    ground: str = Field(..., min_length=1)


class Term(_Strict):
    """How long something may take, with the source of the rule; either days or working days."""

    days: int | None = Field(None, ge=1, le=3650)
    working_days: int | None = Field(None, ge=1, le=365)
    extensions: tuple[Extension, ...] = ()
    source: str = Field(..., min_length=1)
    certainty: Literal["H", "M", "L", "R", "B"]

    @root_validator(skip_on_failure=True)
    def _one_measure(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["days"] is None) == (values["working_days"] is None):
            raise ValueError("days 与 working_days 填且只填一个")
        steps = [values["days"] or 0, *(one.until_day for one in values["extensions"])]
        if values["extensions"] and (values["days"] is None or steps != sorted(set(steps))):
            raise ValueError("延期只用于自然日,且天数须依次增加")
        return values

    def due_on(self, started: date, extensions: int = 0) -> date:
        """The last day of a term that began on ``started``; that day itself is not counted.

        Args:
            extensions: how many of the permitted extensions were granted.
        """
        if self.working_days is not None:
            return add_working_days(started, self.working_days)
        days = self.extensions[extensions - 1].until_day if extensions else self.days or 0
        return started + timedelta(days=days)


class RuleSet(_Strict):
    """The rules for cases received from ``effective`` on."""

    effective: date
    complaint: dict[DeadlineKind, Term]
    loss_report: dict[DeadlineKind, Term]
    consultation: dict[DeadlineKind, Term]
    application: dict[DeadlineKind, Term]
    suggestion: dict[DeadlineKind, Term]

    @validator("complaint")
    def _complete(cls, value: dict[DeadlineKind, Term]) -> dict[DeadlineKind, Term]:
        needed = {DeadlineKind.DECISION, DeadlineKind.RECHECK_REQUEST, DeadlineKind.RECHECK_DECISION}
        if set(value) != needed:
            raise ValueError("投诉须有 decision、recheck_request、recheck_decision 三项时限")
        return value

    def terms(self, kind: CaseKind) -> Mapping[DeadlineKind, Term]:
        """All terms of a kind of case."""
        found: Mapping[DeadlineKind, Term] = getattr(self, kind.value)
        return found


class CategoryName(_Strict):
    """A category's name and the code of the standard."""

    name: str
    code: str = ""


class Categories(_Strict):
    """Codes that a case may carry."""

    channel: dict[str, CategoryName]
    business: dict[str, CategoryName]
    reason: dict[str, CategoryName]

    def unknown(self, category: Category) -> str | None:
        """The name of the first part of ``category`` that isn't listed, or None."""
        for part in ("channel", "business", "reason"):
            value = getattr(category, part)
            if value and value not in getattr(self, part):
                return part
        return None


@dataclass(frozen=True)
class CaseRules:
    """Everything the bank decides about cases; ``sets`` in order of their dates."""

    sets: tuple[RuleSet, ...]
    units: Mapping[CaseKind, str]
    categories: Categories

    def on(self, day: date) -> RuleSet:
        """The rules for a case received on ``day`` (before the first set: the first)."""
        return next((one for one in reversed(self.sets) if one.effective <= day), self.sets[0])

    def dated(self, effective: date) -> RuleSet:
        """The rules by their own date, as a deadline remembers it."""
        return self.on(effective)

    def start(self, kind: CaseKind, deadline: DeadlineKind, moment: datetime, received: datetime) -> Deadline | None:
        """A deadline that begins at ``moment``, by the rules of the day of receipt; None if there is no such term."""
        rules = self.on(day_of(received))
        term = rules.terms(kind).get(deadline)
        if term is None:
            return None
        due_on = term.due_on(day_of(moment))
        return Deadline(deadline, moment, due_on, end_of(due_on), rules.effective)


def load_case_rules(directory: Path) -> CaseRules:
    """Read ``deadlines.yml``, ``responsibility.yml`` and ``categories.yml`` of ``directory``.

    Raises:
        ConfigurationError: a file is missing or wrong.
    """
    sets = _read(directory / "deadlines.yml", tuple[RuleSet, ...])
    dates = [one.effective for one in sets]
    if not sets or dates != sorted(set(dates)):
        raise ConfigurationError(setting="deadlines.yml", reason="至少要有一组规则,effective 须依次增大")
    units = _read(directory / "responsibility.yml", dict[CaseKind, str])
    missing = [kind.value for kind in CaseKind if not units.get(kind)]
    if missing:
        raise ConfigurationError(setting="responsibility.yml", reason=f"缺少 {'、'.join(missing)}")
    return CaseRules(sets, units, _read(directory / "categories.yml", Categories))


def _read(path: Path, shape: Any) -> Any:
    try:
        return parse_obj_as(shape, YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, YAMLError, ValidationError) as error:
        raise ConfigurationError(setting=path.name, reason=str(error)) from error
