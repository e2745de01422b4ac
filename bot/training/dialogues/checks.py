"""Expected against observed: pure functions that return what is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.training.dialogues.observed import Observed, comparable
from bot.training.dialogues.schema import PLACEHOLDER, REGEX, Expect
from bot.training.dialogues.secrets import Secrets, stands_in

NOT_YET = "not yet available"
PROBE = "转账限额怎么调"
PROBE_TOPIC = "transfer.limit"
OK_WITHIN_S = 10.0

_ROUTED = ("act", "topic", "aspect")
_IMPOLITE = (
    "你办啥",
    "下一个",
    "把资料给我",
    "闭嘴",
    "废话",
    "烦不烦",
    "笨蛋",
    "傻",
    "滚开",
    "不关我事",
    "自己看",
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_MARKUP = re.compile(r"<\s*/?\s*[A-Za-z!][^>]*>|javascript:|&#?\w+;|\bon\w+\s*=", re.IGNORECASE | re.ASCII)
_TRACE = re.compile(
    r"Traceback|\b\w+(?:Error|Exception)\b|\bFile \"|\.py\b|\b(?:None|null|undefined|NaN)\b|\[object |"
    r"sqlalchemy|\b[a-z]+(?:_[a-z]+)+\b|\{[a-z_.]+\}|\{\"|EXTERNAL:|^\s*/[a-z]",
    re.IGNORECASE | re.MULTILINE | re.ASCII,
)


class Failure(NamedTuple):
    """One thing that is not as it should be: which, what was expected, what was there."""

    what: str
    expected: str
    got: str


@dataclass(frozen=True)
class Evidence:
    """What was looked up beside the reply, for ``masked``.

    Attributes:
        secrets: of the message that was sent.
        places: where they were found in stored rows and logs, in Chinese.
    """

    secrets: Secrets
    places: tuple[str, ...] = ()


def check(
    expect: Expect,
    observed: Observed,
    values: Mapping[str, str] | None = None,
    evidence: Evidence | None = None,
    internal: Collection[str] = (),
    asked: frozenset[str] | None = None,
) -> list[Failure]:
    """Return what a whole reply gets wrong; empty when all is well.

    Args:
        expect: the expectation of the turn; without any key: a polite, non-empty reply.
        observed: the whole reply.
        values: of the placeholders, by name.
        evidence: for ``masked``; without it only the ``masked`` of replies is unknown.
        internal: ids that a customer must never see (topics, acts), for ``ok``.
        asked: what was asked for before a code was answered; default: what ``observed`` asks for.
    """
    if not observed.text.strip():
        return [Failure("回复", f"{OK_WITHIN_S:g} 秒内有回复", f"没有回复（状态 {observed.status}）")]
    failures = _masked(observed, evidence) if "masked" in expect.has and evidence is not None else []
    if observed.broken:
        return [*failures, Failure("回复", "助手自己的答复", _excerpt(observed.text))]
    failures += _routing(expect, observed)
    failures += _says(expect, comparable(observed.text), values or {})
    failures += _outcomes(expect, observed, observed.asks_for if asked is None else asked)
    if "ok" in expect.has:
        failures += check_ok(observed, internal)
    elif not expect.has:
        failures += check_polite(observed)
    return failures


def _routing(expect: Expect, observed: Observed) -> list[Failure]:
    wanted = {key: getattr(expect, key) for key in _ROUTED if key in expect.has}
    if not wanted:
        return []
    misses = [
        [key for key, values in wanted.items() if reading.get(key) not in values]
        for reading in observed.readings or [{}]
    ]
    return [
        Failure(key, _either(wanted[key]), _list(reading.get(key) for reading in observed.readings))
        for key in min(misses, key=lambda keys: (len(keys), "topic" in keys))
    ]


def _says(expect: Expect, text: str, values: Mapping[str, str]) -> list[Failure]:
    failures = []
    any_of, none_of = expect.says_any or (), expect.says_none or ()
    if any_of and not any(_found(entry, text, values) for entry in any_of):
        failures.append(Failure("says_any", _either(any_of), _excerpt(text)))
    if said := [entry for entry in none_of if _found(entry, text, values)]:
        failures.append(Failure("says_none", f"不出现 {'、'.join(said)}", _excerpt(text)))
    return failures


def _found(entry: str, text: str, values: Mapping[str, str]) -> bool:
    if entry.startswith(REGEX):
        pattern = PLACEHOLDER.sub(
            lambda match: re.escape(comparable(values.get(match[1], match[0]))), entry[len(REGEX) :]
        )
        return re.search(pattern, text, re.IGNORECASE) is not None
    return comparable(PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), entry)) in text


def _outcomes(expect: Expect, observed: Observed, asked: frozenset[str]) -> list[Failure]:
    failures = []
    for key, got in (("handoff", observed.handoff), ("priority", observed.priority)):
        allowed = getattr(expect, key)
        if allowed is not None and got not in allowed:
            failures.append(Failure(key, _either(allowed), got or "无"))
    if expect.case is not None and observed.case not in expect.case:
        failures.append(Failure("case", _either(expect.case), observed.case))
    if expect.asks_for is not None and asked.isdisjoint(expect.asks_for):
        failures.append(Failure("asks_for", _either(expect.asks_for), _list(sorted(asked))))
    if expect.cites is not None and expect.cites != bool(observed.citations):
        wanted = "写明出处和条款" if expect.cites else "不引用任何出处"
        names = [f"{block['source']} {block['clause']}" for block in observed.citations]
        failures.append(Failure("cites", wanted, _list(names)))
    return failures


def _masked(observed: Observed, evidence: Evidence) -> list[Failure]:
    if not evidence.secrets:
        return [] if observed.masked else [Failure("masked", "遮蔽这句话里的敏感信息", "什么也没有遮蔽")]
    places = list(evidence.places)
    if stands_in(evidence.secrets, observed.text):
        places.insert(0, "回复")
    stored = observed.stored or {}
    if any(stands_in(evidence.secrets, str(block.get("text", ""))) for block in stored.get("blocks", ())):
        places.insert(0, "会话记录里客户的这句话")
    return [Failure("masked", "敏感信息只剩末四位", f"仍出现在：{'、'.join(places)}")] if places else []


def check_ok(observed: Observed, internal: Collection[str] = ()) -> list[Failure]:
    """Return what ``ok: true`` forbids: late, impolite, showing internals or live markup."""
    failures = check_polite(observed)
    if observed.status >= 500:
        failures.append(Failure("ok", "没有服务器错误", f"状态 {observed.status}"))
    if observed.seconds > OK_WITHIN_S:
        failures.append(Failure("ok", f"{OK_WITHIN_S:g} 秒内答复", f"{observed.seconds:.1f} 秒"))
    leaks = [match.group() for match in _TRACE.finditer(observed.text)]
    leaks += [name for name in internal if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", observed.text, re.ASCII)]
    if leaks:
        failures.append(Failure("ok", "不露出内部信息", "、".join(dict.fromkeys(leaks))))
    if markup := _MARKUP.search(observed.text):
        failures.append(Failure("ok", "没有可执行的标记", markup.group()))
    return failures


def check_polite(observed: Observed) -> list[Failure]:
    """Return what keeps a reply from being a polite answer."""
    text = observed.text
    if not _HAN.search(text):
        return [Failure("回复", "礼貌的中文答复", _excerpt(text))]
    if rude := [word for word in _IMPOLITE if word in text]:
        return [Failure("回复", "礼貌的答复", "、".join(rude))]
    return []


def check_probe(observed: Observed) -> list[Failure]:
    """Return whether the conversation is unusable after an ``ok`` turn.

    Where a person was called the bot keeps silent; then the message must have reached the desk.
    """
    if observed.handoff == "queued":
        return []
    topics = [reading.get("topic") for reading in observed.readings]
    if PROBE_TOPIC in topics:
        return []
    return [Failure("ok", f"会话还能用：随后问“{PROBE}”得到 {PROBE_TOPIC}", _list(topics))]


def same_refusals(refusals: Mapping[str, str]) -> dict[str, Failure]:
    """Return by conversation id which refusals differ from the first, numbers aside.

    Args:
        refusals: the first refusal of each conversation.
    """
    plain = {name: re.sub(r"[0-9]+", "#", comparable(text)) for name, text in refusals.items()}
    first = next(iter(plain), "")
    return {
        name: Failure("拒绝的用语", f"与会话 {first} 一字不差（数字除外）：{_excerpt(plain[first])}", _excerpt(text))
        for name, text in plain.items()
        if text != plain[first]
    }


def _either(values: Collection[object]) -> str:
    return " 或 ".join("null" if value is None else str(value) for value in values)


def _list(values: Iterable[object]) -> str:
    return "、".join("null" if value is None else str(value) for value in values) or "无"


def _excerpt(text: str) -> str:
    one_line = text.replace("\n", " / ")
    return one_line if len(one_line) <= 160 else f"{one_line[:159]}…"
