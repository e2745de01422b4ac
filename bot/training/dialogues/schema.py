"""The format of conversation files as strict models; `bot.training.dialogues.files` reads them."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConstrainedInt,
    ConstrainedStr,
    Extra,
    Field,
    StrictBool,
    StrictStr,
    root_validator,
    validator,
)
from pydantic.fields import ModelField

PLACEHOLDER = re.compile(r"\{(case:\w+|case_number|otp)\}")
REMARKS = frozenset({"note", "notes", "comment", "description", "source", "author", "remark"})
"""Keys that a file may carry for its readers; they mean nothing here."""
NO_SUCH_CASE = "case:none"
REGEX = "re:"

Handoff = Literal["none", "offered", "queued", "message"]
Priority = Literal["urgent", "normal"]
AsksFor = Literal["case_number", "phone_tail", "otp", "confirm", "details"]
CaseOutcome = Literal["created", "status_shown", "status_refused", "withdrawn", "urged", "none"]


class Text(ConstrainedStr):
    """A text that is not empty; figures must stand in quotation marks."""

    strict = True
    min_length = 1


class Times(ConstrainedInt):
    """How often the words of `Repeat` are said."""

    strict = True
    ge = 1
    le = 1_000_000


class Rounds(ConstrainedInt):
    """How often a turn may be sent."""

    strict = True
    ge = 1
    le = 50


class Visits(ConstrainedInt):
    """Earlier visits."""

    strict = True
    ge = 0


class FourDigits(ConstrainedStr):
    """The last four digits of a phone number."""

    strict = True
    regex = r"^[0-9]{4}$"


class _Strict(BaseModel):
    """No unknown keys but remarks; figures where words are meant are taken as words."""

    class Config:
        extra = Extra.forbid
        allow_mutation = False

    @root_validator(pre=True)
    def _without_remarks(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in values.items() if key not in REMARKS}


def words(value: Any) -> Any:
    """A figure that stands where words are meant, as words: YAML reads an unquoted 5678 as a number."""
    return str(value) if type(value) in (int, float) else value


class Repeat(_Strict):
    """The same words ``times`` times over."""

    unit: Text
    times: Times


class Before(_Strict):
    """What happens before a turn; exactly one key."""

    silence_s: float | None = Field(None, gt=0)
    agent_joins: Literal[True] | None = None
    agent_says: Text | None = None
    agent_proposes_bot: Literal[True] | None = None

    @root_validator(skip_on_failure=True)
    def _one(cls, values: dict[str, Any]) -> dict[str, Any]:
        if sum(value is not None for value in values.values()) != 1:
            raise ValueError("应写 silence_s、agent_joins、agent_says、agent_proposes_bot 中的一项")
        return values


class Expect(_Strict):
    """What a turn's whole reply must be like: one of the values of a key; a key left out is not checked."""

    act: tuple[StrictStr | None, ...] | None = None
    topic: tuple[StrictStr | None, ...] | None = None
    aspect: tuple[StrictStr | None, ...] | None = None
    says_any: tuple[Text, ...] | None = None
    says_none: tuple[Text, ...] | None = None
    handoff: tuple[Handoff, ...] | None = None
    priority: tuple[Priority, ...] | None = None
    asks_for: tuple[AsksFor, ...] | None = None
    case: tuple[CaseOutcome, ...] | None = None
    cites: StrictBool | None = None
    masked: StrictBool | None = None
    ok: StrictBool | None = None

    @validator(
        *("act", "topic", "aspect", "says_any", "says_none", "handoff", "priority", "asks_for", "case"),
        pre=True,
    )
    def _one_of(cls, value: Any, field: ModelField) -> Any:
        if isinstance(value, list):
            if not value:
                raise ValueError("列表是空的")
            return tuple(value)
        return (value,) if value is not None or cls._may_be_null(field) else None

    @staticmethod
    def _may_be_null(field: ModelField) -> bool:
        return field.name in ("act", "topic", "aspect")

    @validator("says_any", "says_none", pre=True)
    def _figures(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(map(words, value))

    @validator("says_any", "says_none", each_item=True)
    def _regex(cls, value: str) -> str:
        if value.startswith(REGEX):
            try:
                re.compile(value[len(REGEX) :])
            except re.error as error:
                raise ValueError(f"正则表达式写错了：{value}（{error}）") from error
        return value

    @property
    def has(self) -> frozenset[str]:
        """The keys that are checked; ``masked: false`` and ``ok: false`` check nothing."""
        unchecked = {key for key in ("masked", "ok") if getattr(self, key) is False}
        return frozenset(key for key in self.__fields_set__ if getattr(self, key) is not None) - unchecked


class Turn(_Strict):
    """One message of the customer, given in one of three ways, and what is expected of the reply."""

    user: StrictStr | None = None
    repeat: Repeat | None = None
    user_json: StrictStr | None = None
    before: tuple[Before, ...] = ()
    when_asks: tuple[AsksFor, ...] | None = None
    max: Rounds = Rounds(1)
    expect: Expect | None = None

    @root_validator(pre=True)
    def _inputs(cls, values: dict[str, Any]) -> dict[str, Any]:
        user = values.get("user")
        if isinstance(user, dict) and set(user) <= {"repeat", "user_json"}:
            values = {**{key: value for key, value in values.items() if key != "user"}, **user}
        if sum(values.get(key) is not None for key in ("user", "repeat", "user_json")) != 1:
            raise ValueError("应写 user、repeat、user_json 中的一项")
        if "max" in values and "when_asks" not in values:
            raise ValueError("max 要和 when_asks 一起写")
        return {**values, "user": words(values.get("user"))}

    @validator("before", pre=True)
    def _steps(cls, value: Any) -> Any:
        """One step, several, or several as keys of one entry: what happens, in the order in which it is written."""
        steps: list[Any] = []
        for step in value if isinstance(value, list) else [] if value is None else [value]:
            split = isinstance(step, dict) and len(step) > 1
            steps += [{key: step[key]} for key in step] if split else [{step: True} if isinstance(step, str) else step]
        return tuple(steps)

    @validator("when_asks", pre=True)
    def _one_of(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else (value,)

    @validator("user_json")
    def _literal(cls, value: str) -> str:
        """YAML may have read the escapes already: give back a JSON string literal either way."""
        literal = value if value.startswith('"') else f'"{value}"' if "\\" in value else json.dumps(value)
        try:
            json.loads(literal)
        except ValueError as error:
            raise ValueError("不是有效的 JSON 字符串") from error
        return literal

    @property
    def text(self) -> str:
        """What the customer types, placeholders unfilled."""
        if self.repeat is not None:
            return self.repeat.unit * self.repeat.times
        return str(json.loads(self.user_json)) if self.user_json is not None else self.user or ""

    @property
    def placeholders(self) -> frozenset[str]:
        """Names of the placeholders in the text and in what is expected to be said."""
        entries = (*(self.expect.says_any or ()), *(self.expect.says_none or ())) if self.expect else ()
        return frozenset(name for text in (self.user or "", *entries) for name in PLACEHOLDER.findall(text))


class FixtureCase(_Strict):
    """A case that exists before the conversation begins."""

    owner: Literal["self", "other"]
    phone_tail: FourDigits | None = None

    @validator("phone_tail", pre=True)
    def _tail(cls, value: Any) -> Any:
        return f"{value:04d}" if type(value) is int else value

    kind: Text | None = None
    subject: Text | None = None
    holder: Text | None = None
    status: Text | None = None


class Fixtures(_Strict):
    """The world before the conversation begins."""

    cases: dict[str, FixtureCase] = Field(default_factory=dict)
    visits_24h: Visits = Visits(0)


class Channel(_Strict):
    """Who the customer is to the bank, and who sits at the desk."""

    identity: Literal["anonymous", "verified"] = "anonymous"
    desk: Literal["agents_online", "no_agents", "off_hours"] | None = None
    elder: StrictBool = False


class Dialogue(_Strict):
    """One conversation; ``file`` is the name of the file it stands in."""

    id: Text

    @validator("id", "title", pre=True)
    def _words(cls, value: Any) -> Any:
        return words(value)

    @validator("tags", pre=True)
    def _tags(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else () if value is None else value

    title: StrictStr = ""
    channel: Channel = Channel()
    tags: tuple[Text, ...] = ()
    fixtures: Fixtures = Fixtures()
    turns: list[Turn] = Field(..., min_items=1)
    file: StrictStr = ""

    @validator("turns")
    def _known_cases(cls, turns: list[Turn], values: dict[str, Any]) -> list[Turn]:
        fixtures = values.get("fixtures")
        known = {f"case:{name}" for name in fixtures.cases} if fixtures else set()
        for number, turn in enumerate(turns, 1):
            for name in sorted(turn.placeholders - known - {NO_SUCH_CASE, "case_number", "otp"}):
                raise ValueError(f"第 {number} 轮用了 {{{name}}}，但 fixtures.cases 里没有它")
        return turns
