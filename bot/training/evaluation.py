"""What a model makes of frozen questions: read once, compared often.

Runs as a program of its own (``python -m bot.training.evaluation MODEL OUT``), so that the server
never loads a second model into its own memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.nlu.decision import ASK, OUT_OF_SCOPE, URGENT_ACTS, Decision, decide_routing
from bot.nlu.examples import Example, read_examples
from bot.settings import PROJECT_ROOT

FROZEN = PROJECT_ROOT / "benchmarks" / "data"


@dataclass(frozen=True)
class Reading:
    """One frozen question: what it is (first three), what the model says, how sure it is, what it would do."""

    text: str
    act: str
    topic: str | None
    aspect: str | None
    got_act: str
    got_topic: str | None
    got_aspect: str | None
    confidence: float
    decision: str

    @property
    def label(self) -> str:
        """What the question is filed under: its topic, or its act when it is no question."""
        return self.topic or self.act

    @property
    def got(self) -> str:
        """The same for what the model says."""
        return (self.got_topic or OUT_OF_SCOPE) if self.got_act == ASK else self.got_act

    @property
    def right(self) -> bool:
        """Whether act and topic are right (a wrong aspect still gives the right page)."""
        return self.label == self.got

    @property
    def urgent(self) -> bool:
        """Whether a miss would cost a customer money or more."""
        return self.act in URGENT_ACTS


def frozen_examples(folder: Path = FROZEN) -> list[Example]:
    """Return all frozen questions of the project, in the order of file names."""
    return read_examples(sorted(folder.glob("*.yml")))


def evaluate(model: Path, questions: Sequence[Example]) -> list[Reading]:
    """Return what the model makes of every question, each as the first of a conversation.

    Raises:
        FileNotFoundError: there is no such model.
    """
    from bot.nlu.understanding import Understanding  # loads Rasa

    read = Understanding(model).read([question.text for question in questions])
    return [
        _reading(question, decide_routing(understood.routing))
        for question, understood in zip(questions, read, strict=True)
    ]


def _reading(question: Example, decision: Decision) -> Reading:
    return Reading(
        text=question.text,
        act=question.act,
        topic=question.topic,
        aspect=question.aspect,
        got_act=decision.act,
        got_topic=decision.topic,
        got_aspect=decision.aspect,
        confidence=round(decision.confidence, 4),
        decision=decision.kind,
    )


def save(readings: Sequence[Reading], path: Path) -> None:
    """Write readings as JSON."""
    path.write_text(json.dumps([asdict(reading) for reading in readings], ensure_ascii=False), encoding="utf-8")


def load(path: Path) -> list[Reading]:
    """Read what `save` wrote."""
    return [Reading(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def main(arguments: Sequence[str]) -> None:
    """Evaluate ``MODEL`` on the frozen questions and write ``OUT``."""
    model, out = arguments
    save(evaluate(Path(model), frozen_examples()), Path(out))


if __name__ == "__main__":
    main(sys.argv[1:])
