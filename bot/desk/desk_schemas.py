"""The desk's requests, checked strictly: unknown keys and silent conversions are refused."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, StrictBool, StrictStr, root_validator, validator

from bot.blocks import CitationBlock, FactsBlock, Reply, StepsBlock, TextBlock, has_lone_surrogate
from bot.desk.closing import DISPOSITIONS

Skill = Literal["general", "card", "loan", "wealth", "complaint", "elder", "urgent"]
SENDABLE = (TextBlock, StepsBlock, FactsBlock, CitationBlock)
MAX_NOTE = 1000


class _Request(BaseModel):
    class Config:
        extra = Extra.forbid

    @validator("*")
    def _plain(cls, value: Any) -> Any:
        if isinstance(value, str) and (has_lone_surrogate(value) or "\x00" in value):
            raise ValueError("no valid text")
        return value


class StatusIn(_Request):
    """One's own status; a break says why."""

    status: Literal["online", "busy", "break", "wrap_up", "offline"]
    reason: StrictStr | None = Field(None, max_length=60)


class TopicIn(_Request):
    """An answer of the knowledge."""

    topic: StrictStr = Field(..., max_length=64)
    aspect: StrictStr | None = Field(None, max_length=20)
    edited: StrictBool = False


class SayIn(_Request):
    """What an agent says: exactly one of text, blocks, answer, case_number."""

    client_id: StrictStr = Field(..., regex=r"^[A-Za-z0-9_.:\-]{1,48}$")
    text: StrictStr | None = Field(None, max_length=8000)
    blocks: list[dict[str, Any]] | None = Field(None, max_items=20)
    answer: TopicIn | None = None
    case_number: StrictStr | None = Field(None, max_length=32)
    acknowledged: StrictBool = Field(False, description="看过提醒后仍要发送")
    suggestion: TopicIn | None = Field(None, description="文字由哪条建议答复修改而来")

    @root_validator(skip_on_failure=True)
    def _one(cls, values: dict[str, Any]) -> dict[str, Any]:
        if sum(values.get(key) is not None for key in ("text", "blocks", "answer", "case_number")) != 1:
            raise ValueError("text, blocks, answer, case_number: exactly one")
        return values

    @validator("blocks")
    def _sendable(cls, value: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        if value is not None:
            blocks = Reply.parse_obj({"blocks": value}).blocks
            if not all(isinstance(block, SENDABLE) for block in blocks):
                raise ValueError("no such block from an agent")
        return value


class NoteIn(_Request):
    """A private text."""

    text: StrictStr = Field(..., min_length=1, max_length=MAX_NOTE)


class MemoIn(_Request):
    """What the next one should know."""

    memo: StrictStr | None = Field(None, max_length=MAX_NOTE)


class TransferIn(_Request):
    """To an agent or to a team, with a memo."""

    to_agent: StrictStr | None = Field(None, max_length=32)
    skill: Skill | None = None
    memo: StrictStr = Field(..., min_length=1, max_length=MAX_NOTE)

    @root_validator(skip_on_failure=True)
    def _one(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values.get("to_agent") is None) == (values.get("skill") is None):
            raise ValueError("to_agent or skill")
        return values


class ConsultIn(_Request):
    """A question to another agent, or the answer."""

    to_agent: StrictStr = Field(..., max_length=32)
    text: StrictStr = Field(..., min_length=1, max_length=MAX_NOTE)


class SettledIn(_Request):
    """What was settled; the bot is told after the hand-back."""

    settled: StrictStr | None = Field(None, max_length=MAX_NOTE)


class DispositionIn(_Request):
    """服务小结."""

    code: StrictStr
    note: StrictStr | None = Field(None, max_length=MAX_NOTE)
    settled: StrictStr | None = Field(None, max_length=MAX_NOTE)
    case_number: StrictStr | None = Field(None, max_length=24)

    @validator("code")
    def _known(cls, value: str) -> str:
        if value not in DISPOSITIONS:
            raise ValueError("no such disposition")
        return value


class LeftDoneIn(_Request):
    """What was done about a left message."""

    note: StrictStr | None = Field(None, max_length=MAX_NOTE)


class RevealIn(_Request):
    """Which masked field, and why it is needed."""

    field: Literal["contact"]
    reason: StrictStr = Field(..., min_length=4, max_length=200)


class PhraseIn(_Request):
    """A text to be checked."""

    text: StrictStr = Field(..., max_length=8000)


class CannedIn(_Request):
    """A canned reply; placeholders such as {agent} are filled in when it is used."""

    title: StrictStr = Field(..., min_length=1, max_length=60)
    category: StrictStr = Field(..., min_length=1, max_length=20)
    text: StrictStr = Field(..., min_length=1, max_length=2000)
    enabled: StrictBool = True


class NewCannedIn(CannedIn):
    """A new canned reply."""

    key: StrictStr = Field(..., regex=r"^[a-z0-9_.\-]{1,40}$")


class RuleIn(_Request):
    """A phrase rule."""

    kind: Literal["word", "regex"]
    pattern: StrictStr = Field(..., min_length=1, max_length=200)
    action: Literal["warn", "block"]
    hint: StrictStr = Field(..., min_length=1, max_length=200)
    clause: StrictStr | None = Field(None, max_length=80)
    enabled: StrictBool = True


class NewRuleIn(RuleIn):
    """A new phrase rule."""

    key: StrictStr = Field(..., regex=r"^[a-z0-9_.\-]{1,40}$")


class SettingsIn(_Request):
    """What differs from the files; same shape as ``policies.yml`` and ``hours.yml``."""

    rules: dict[str, Any] = Field(default_factory=dict)
    hours: dict[str, Any] = Field(default_factory=dict)
