"""What to do with a scored message: answer it, ask which of a few things was meant, or say so.

Pure functions on plain values: the same rules serve the Rasa pipeline, the actions and the
command line. Never quote a clause on a guess (`GB/T 47746—2026 5.2.2.6 a`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bot.nlu.examples import CONTEXT_TOPIC

Kind = Literal["answer", "clarify", "reject", "handoff"]

ASK = "ask"
OUT_OF_SCOPE = "out_of_scope"
HANDOFF_ACTS = frozenset({"request_human", "report_fraud", "crisis", "share_secret", "compensation"})
"""Acts that go to a person at once (`GB/T 47746—2026 5.2.2.3`, `5.2.2.6` b–d)."""

URGENT_ACTS = frozenset({"report_loss", "report_fraud", "crisis", "share_secret", "request_human"})
MOST_QUESTIONS = 3
"""So many questions of one message are answered."""

SAME_TOPIC = 4.0
SAME_GROUP = 2.0
"""How much likelier a topic is when the conversation is about it, or about one of its group."""


@dataclass(frozen=True)
class Thresholds:
    """Where the three-way decision cuts; probabilities are calibrated.

    Attributes:
        act: least probability of an act that is not a question.
        urgent: the same for acts where a miss costs more than a needless hand-over; such an act counts
            even when another is likelier.
        ask: least probability of being a question at all.
        answer: least probability of a topic that is answered without asking back.
        clarify: least probability of a topic offered as a choice for asking back.
        out_of_scope: probability of being out of scope above which nothing is guessed.
        context: least probability of "names no topic" to take the topic from the context.
        aspect: least probability of an aspect that is answered; below it the customer named none.
        part: least probability of being a question for one part of a message to be answered by itself.
        part_act: least probability of an urgent act that only one part of a message shows.
    """

    act: float = 0.4
    urgent: float = 0.3
    ask: float = 0.15
    answer: float = 0.5
    clarify: float = 0.12
    out_of_scope: float = 0.4
    context: float = 0.4
    aspect: float = 0.3
    part: float = 0.5
    part_act: float = 0.75


@dataclass(frozen=True)
class Scores:
    """Ranked labels with calibrated probabilities, best first."""

    act: tuple[tuple[str, float], ...]
    topic: tuple[tuple[str, float], ...]
    aspect: tuple[tuple[str, float], ...]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Scores:
        """Return the scores that `to_json` wrote."""
        return cls(*(tuple((str(n), float(p)) for n, p in value.get(key, ())) for key in ("act", "topic", "aspect")))

    def to_json(self) -> dict[str, list[list[Any]]]:
        """Return plain lists for parse data."""
        return {key: [[name, round(p, 4)] for name, p in getattr(self, key)] for key in ("act", "topic", "aspect")}

    def p(self, head: Literal["act", "topic", "aspect"], label: str) -> float:
        """Return the probability of ``label``; 0 when it is not among the ranked ones."""
        ranked: tuple[tuple[str, float], ...] = getattr(self, head)
        return dict(ranked).get(label, 0.0)


@dataclass(frozen=True)
class Context:
    """What the conversation is about at present.

    Attributes:
        topic: the topic last answered.
        aspect: the aspect last asked.
        choices: topics that were just offered for choice.
    """

    topic: str | None = None
    aspect: str | None = None
    choices: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Guess:
    """One reading of a message."""

    act: str
    topic: str | None
    aspect: str | None
    confidence: float


@dataclass(frozen=True)
class Decision:
    """The reading that is acted on, how, and the other readings worth offering."""

    kind: Kind
    act: str
    topic: str | None = None
    aspect: str | None = None
    confidence: float = 0.0
    alternatives: tuple[Guess, ...] = field(default=())
    from_context: bool = False

    def routing(self) -> dict[str, Any]:
        """Return the ``routing`` object that goes with a reply."""
        return {
            "act": self.act,
            "topic": self.topic,
            "aspect": self.aspect,
            "confidence": round(self.confidence, 4),
            "alternatives": [asdict(guess) for guess in self.alternatives],
            "decision": self.kind,
        }


def decide_routing(routing: Mapping[str, Any], context: Context | None = None) -> Decision:
    """Return `decide` of what the pipeline wrote into a message: scores and the bank's own cuts."""
    return decide(Scores.from_json(routing), context, Thresholds(**routing.get("thresholds", {})))


def decide(scores: Scores, context: Context | None = None, thresholds: Thresholds | None = None) -> Decision:
    """Return what to do with a message.

    In: the heads' scores, the topic under discussion, the cuts. Out: a `Decision`; with kind
    ``clarify`` its alternatives are the choices to offer, best first.
    """
    cut = thresholds or Thresholds()
    if not scores.act:  # nothing was said
        return Decision("reject", OUT_OF_SCOPE)
    urgent = [found for found in scores.act if found[0] in URGENT_ACTS and found[1] >= cut.urgent]
    act, p_act = urgent[0] if urgent else scores.act[0]
    others = _guesses(scores, 3, _aspect(scores, cut)[0])
    if act == OUT_OF_SCOPE and p_act >= cut.out_of_scope:
        return Decision("reject", OUT_OF_SCOPE, confidence=p_act, alternatives=others)
    if urgent or (act not in (ASK, OUT_OF_SCOPE) and p_act >= cut.act):
        kind: Kind = "handoff" if act in HANDOFF_ACTS else "answer"
        return Decision(kind, act, confidence=p_act, alternatives=others)
    if scores.p("act", ASK) < cut.ask:
        p_outside = scores.p("act", OUT_OF_SCOPE)
        return Decision("reject", OUT_OF_SCOPE, confidence=p_outside, alternatives=others)
    return _decide_question(scores, context or Context(), cut)


def _decide_question(scores: Scores, context: Context, cut: Thresholds) -> Decision:
    scores = _in_context(scores, context)
    topic, p_topic = scores.topic[0] if scores.topic else ("", 0.0)
    aspect, p_aspect = _aspect(scores, cut)
    if topic == CONTEXT_TOPIC and p_topic >= cut.context:
        if context.topic:
            return Decision("answer", ASK, context.topic, aspect, p_topic * p_aspect, from_context=True)
        return Decision("clarify", ASK, None, aspect, p_topic, _guesses(scores, 3, aspect, least=cut.clarify))
    choices = _guesses(scores, 3, aspect, least=cut.clarify)
    best = choices[0] if choices else None
    if len(choices) == 1:
        choices = _guesses(scores, 2, aspect)
    p_in_scope = 1.0 - scores.p("act", OUT_OF_SCOPE)
    if best is None or p_topic * p_in_scope < cut.clarify:
        others = _guesses(scores, 3, aspect)
        return Decision("reject", OUT_OF_SCOPE, confidence=1.0 - p_topic * p_in_scope, alternatives=others)
    if p_topic * p_in_scope >= cut.answer:
        return Decision("answer", ASK, best.topic, best.aspect, best.confidence, _guesses(scores, 3, aspect)[1:])
    return Decision("clarify", ASK, best.topic, best.aspect, best.confidence, choices)


def decide_parts(
    parts: Sequence[Scores], context: Context | None = None, thresholds: Thresholds | None = None
) -> tuple[Decision, ...]:
    """Return the questions of a message that was cut into parts, or the urgent act that one part shows.

    In: the scores of the parts in order, the topic under discussion, the cuts. Out: different
    questions that are each certain enough to be answered, at most `MOST_QUESTIONS`; a part without
    a topic belongs to the topic of the part before it. An urgent act stands alone.
    """
    cut, about = thresholds or Thresholds(), context or Context()
    found: list[Decision] = []
    for scores in parts:
        decision = decide(scores, about, cut)
        if decision.act in URGENT_ACTS and decision.confidence >= cut.part_act:
            return (decision,)
        if decision.kind != "answer" or decision.act != ASK or scores.p("act", ASK) < cut.part:
            continue
        if decision.from_context and decision.aspect is None:
            continue
        about = Context(decision.topic, decision.aspect)
        if not any((other.topic, other.aspect) == (decision.topic, decision.aspect) for other in found):
            found.append(decision)
    return tuple(found[:MOST_QUESTIONS])


def _in_context(scores: Scores, context: Context) -> Scores:
    """Return the scores with the topic under discussion, and its group, made more likely.

    Customers stay with a matter more often than they leave it; an unclear message is read in its light.
    """
    if not context.topic and not context.choices:
        return scores
    group = (context.topic or "").partition(".")[0]

    def weight(topic: str) -> float:
        if topic == context.topic or topic in context.choices:
            return SAME_TOPIC
        return SAME_GROUP if topic.partition(".")[0] == group else 1.0

    rest = max(0.0, 1.0 - sum(p for _, p in scores.topic))
    weighted = [(topic, p * weight(topic)) for topic, p in scores.topic]
    total = rest + sum(p for _, p in weighted)
    ranked = sorted(((topic, p / total) for topic, p in weighted), key=lambda item: -item[1])
    return Scores(scores.act, tuple(ranked), scores.aspect)


def _aspect(scores: Scores, cut: Thresholds) -> tuple[str | None, float]:
    """Return the aspect that was asked for and its probability; None when no aspect stands out."""
    aspect, p = scores.aspect[0] if scores.aspect else (None, 1.0)
    return (aspect, p) if p >= cut.aspect else (None, 1.0)


def _guesses(scores: Scores, most: int, aspect: str | None = None, least: float = 0.0) -> tuple[Guess, ...]:
    """Return up to ``most`` readings as questions, best topic first, of probability ``least`` or more."""
    named = [(topic, p) for topic, p in scores.topic if topic != CONTEXT_TOPIC and p >= least]
    return tuple(
        Guess(ASK, topic, None if topic.startswith("std.") else aspect, round(p, 4)) for topic, p in named[:most]
    )
