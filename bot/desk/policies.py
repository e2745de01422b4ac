"""When a person takes over: table B of the service rules as pure functions on one exchange.

Each policy looks at what was said, how it was understood and what the conversation has been like; the first
question is always "must it be a person", only then "for whom goes first" (`GB/T 47746—2026 5.1.3, 5.2.2`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.blocks import FormBlock, HandoffBlock, Reply
from bot.desk.records import Ask
from bot.desk.rules import Policies, Policy
from bot.desk.signals import Signals

_FRAME = re.compile(
    r"[\s，。！？、,.!?~～…：:；;]+|^(?:你好|您好|请|麻烦|帮我|给我|我想|我要|快|立刻|马上)+|(?:吧|啊|呀|谢谢)+$"
)
_SKILL_OF = {
    "card": "card",
    "creditcard": "card",
    "loan": "loan",
    "wealth": "wealth",
    "insurance": "wealth",
    "complaint": "complaint",
}
_PHONE_ALLOWED = frozenset({"phone_tail", "otp", "case_number", "contact", "details"})


@dataclass(frozen=True)
class Exchange:
    """One message and the bot's replies to it, with what is known of the conversation.

    Attributes:
        signals: after this exchange.
        visits: of this customer in the time the policy looks at, this one included.
        seen: how often the topic was asked within a year, None when that can't be judged yet.
    """

    text: str
    masked: tuple[str, ...]
    replies: tuple[Reply, ...]
    signals: Signals
    elder: bool = False
    visits: int = 1
    seen: int | None = None

    @property
    def act(self) -> str | None:
        """The act that was understood."""
        return next((reply.routing.act for reply in self.replies if reply.routing is not None), None)

    @property
    def decision(self) -> str | None:
        """What was decided: answer, clarify, reject."""
        return next((reply.routing.decision for reply in self.replies if reply.routing is not None), None)

    @property
    def asks(self) -> bool:
        """Whether the bot is in the middle of a form."""
        return any(isinstance(block, FormBlock) for reply in self.replies for block in reply.blocks)

    @property
    def handoff(self) -> HandoffBlock | None:
        """The bot's own wish for a person, the strongest of them."""
        blocks = [block for reply in self.replies for block in reply.blocks if isinstance(block, HandoffBlock)]
        return next((block for block in blocks if block.state == "requested"), blocks[0] if blocks else None)


@dataclass(frozen=True)
class Finding:
    """What a policy says: the ask, its effect, and whether the bot's replies are still worth reading."""

    policy: str
    effect: str
    ask: Ask
    replaces: bool = False


def plain(text: str) -> str:
    """A message without punctuation and politeness around it."""
    before, stripped = None, text.strip()
    while stripped != before:
        before, stripped = stripped, _FRAME.sub("", stripped)
    return stripped


def says(text: str, words: list[str]) -> bool:
    """Whether the whole message is one of ``words``, give or take politeness."""
    return bool(words) and plain(text) in {plain(word) for word in words} - {""}


def mentions(text: str, words: list[str]) -> bool:
    """Whether one of ``words`` stands anywhere in the message."""
    squeezed = re.sub(r"\s+", "", text)
    return any(word in squeezed for word in words)


def skill_for(topic: str | None) -> str:
    """The skill for what the conversation is about."""
    return _SKILL_OF.get((topic or "").partition(".")[0], "general")


def decide(policies: Policies, exchange: Exchange) -> Finding | None:
    """The strongest finding on an exchange, with rank and skill settled; None: the bot goes on."""
    findings = []
    for name, policy in policies.named().items():
        test = _TESTS.get(name)
        if test is not None and test(policy, exchange):
            findings.append(Finding(name, policy.effect, _ask(policy, exchange), replaces=name in _REPLACING))
    block = exchange.handoff
    if block is not None and block.state == "requested":
        findings.insert(0, Finding("assistant", "transfer", _asked(policies, block, exchange)))
    transfers = [finding for finding in findings if finding.effect == "transfer"]
    if transfers:
        return _joined(policies, transfers, exchange)
    offers = [finding for finding in findings if finding.effect == "offer"]
    return offers[0] if offers and block is None else None


def settled(policies: Policies, ask: Ask, elder: bool, topic: str | None, revisits: bool = False) -> Ask:
    """An ask with what depends on the customer: elder first, third visit first, skill by topic."""
    if ask.skill == "general":
        ask = replace(ask, skill=skill_for(topic))
    if policies.elder.enabled and elder:
        skill = ask.skill if ask.urgent else policies.elder.skill or ask.skill
        ask = replace(ask, first=True, skill=skill)
    return replace(ask, first=ask.first or revisits)


def _joined(policies: Policies, transfers: list[Finding], exchange: Exchange) -> Finding:
    leading = next((finding for finding in transfers if finding.ask.urgent), transfers[0])
    revisits = policies.repeat_visit.enabled and exchange.visits >= (policies.repeat_visit.threshold or 3)
    ask = settled(policies, leading.ask, exchange.elder, exchange.signals.topic, revisits)
    own = any(finding.policy == "assistant" for finding in transfers)
    return replace(leading, ask=ask, replaces=not own and any(finding.replaces for finding in transfers))


def _ask(policy: Policy, exchange: Exchange) -> Ask:
    skill = policy.skill or skill_for(exchange.signals.topic)
    return Ask(policy.reason, policy.clause, skill, policy.urgent)


def _asked(policies: Policies, block: HandoffBlock, exchange: Exchange) -> Ask:
    by_act = next(
        (policy for policy in policies.named().values() if policy.effect == "transfer" and exchange.act in policy.acts),
        None,
    )
    clause = policies.clause_of(block.reason) or (by_act.clause if by_act else "")
    return Ask(block.reason, clause, block.skill, block.priority == "urgent")


def _keyword(policy: Policy, exchange: Exchange) -> bool:
    return exchange.act in policy.acts or says(exchange.text, policy.words)


def _refusal(policy: Policy, exchange: Exchange) -> bool:
    return mentions(exchange.text, policy.words)


def _not_understood(policy: Policy, exchange: Exchange) -> bool:
    return exchange.signals.misses >= (policy.threshold or 3)


def _secrets(policy: Policy, exchange: Exchange) -> bool:
    """In the middle of a form the bot warns by itself and goes on."""
    sent = not exchange.asks and not set(exchange.masked).isdisjoint(policy.kinds)
    return exchange.act in policy.acts or sent


def _danger(policy: Policy, exchange: Exchange) -> bool:
    return exchange.act in policy.acts


def _emotion(policy: Policy, exchange: Exchange) -> bool:
    return exchange.act in policy.acts and not exchange.asks


def _repeat_visit(policy: Policy, exchange: Exchange) -> bool:
    return exchange.visits >= (policy.threshold or 3) and exchange.act in policy.acts and not exchange.asks


def _confirmation(policy: Policy, exchange: Exchange) -> bool:
    return exchange.act in policy.acts


def _no_answer(policy: Policy, exchange: Exchange) -> bool:
    return exchange.decision == "reject" and exchange.act == "ask"


def _low_frequency(policy: Policy, exchange: Exchange) -> bool:
    return exchange.seen is not None and exchange.seen <= (policy.threshold or 3)


_TESTS: dict[str, Callable[[Policy, Exchange], bool]] = {
    "danger": _danger,
    "keyword": _keyword,
    "refusal": _refusal,
    "secrets": _secrets,
    "not_understood": _not_understood,
    "repeat_visit": _repeat_visit,
    "confirmation": _confirmation,
    "emotion": _emotion,
    "no_answer": _no_answer,
    "low_frequency": _low_frequency,
}
_REPLACING = frozenset({"keyword", "refusal", "not_understood"})
