"""What is wrong with the training data, in words a trainer can act on: where it stands and what to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bot.errors import TrainingFileBroken
from bot.knowledge.loader import KnowledgeError, read_yaml
from bot.nlu.examples import Example, split_intent
from bot.nlu.normaliser import normalise
from bot.privacy import mask
from bot.settings import PROJECT_ROOT
from bot.training.grouping import Similar
from bot.training.labels import Label, Taxonomy
from bot.training.yaml_file import ExamplesFile

NEAR = 0.88
FEWEST = {"topic": 30, "section": 15, "act": 60}
Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One thing to mend: how bad, where (line from 1, 0 unknown), what, and what to do about it."""

    level: Level
    kind: str
    file: str
    line: int
    text: str
    fix: str

    def as_json(self) -> dict[str, Any]:
        """Return the problem for the pages."""
        return asdict(self)


@dataclass(frozen=True)
class _Placed:
    example: Example
    file: str
    line: int

    @property
    def label(self) -> str:
        return Label(self.example.act, self.example.topic, self.example.aspect).intent


def check_training(root: Path = PROJECT_ROOT) -> list[Problem]:
    """Return everything wrong with ``data/nlu``, ``data/rules`` and ``data/stories``, errors first."""
    problems: list[Problem] = []
    placed: list[_Placed] = []
    for path in sorted((root / "data" / "nlu").glob("*.yml")):
        if path.name == "responses.yml":
            continue
        try:
            placed += _examples(ExamplesFile(path))
        except TrainingFileBroken as error:
            line = int(str(error.data["line"]))
            problems.append(Problem("error", "broken", path.name, line, error.text, "按行号检查缩进、引号和冒号。"))
    problems += [*_labels(placed), *_private(placed), *_twice(placed), *_near(placed), *_few(placed), *_rules(root)]
    return sorted(problems, key=lambda problem: (problem.level != "error", problem.file, problem.line))


def _examples(file: ExamplesFile) -> Iterator[_Placed]:
    for place in file.places:
        act, topic, aspect = split_intent(place.intent)
        texts = file.texts(place)
        for line, text in zip(place.lines, texts, strict=True):
            yield _Placed(Example(text, act, topic, aspect), file.path.name, line + 1)


def _labels(placed: list[_Placed]) -> Iterator[Problem]:
    taxonomy = Taxonomy()
    known: dict[str, bool] = {}
    for one in placed:
        label = Label(one.example.act, one.example.topic, one.example.aspect)
        if label.intent not in known:
            known[label.intent] = taxonomy.knows(label)
            if not known[label.intent]:
                text = f"标签 {label.intent} 不在分类表里。"
                yield Problem(
                    "error", "unknown_label", one.file, one.line, text, "改成分类表里的标签，或先在分类表中新增。"
                )


def _private(placed: list[_Placed]) -> Iterator[Problem]:
    for one in placed:
        if mask(one.example.text).kinds:
            text = "例句里有个人信息（号码、密码或验证码）。"
            yield Problem(
                "error", "personal_data", one.file, one.line, text, "删掉，或换成〔手机号尾号0000〕这样的占位。"
            )


def _twice(placed: list[_Placed]) -> Iterator[Problem]:
    first: dict[str, _Placed] = {}
    for one in placed:
        key = normalise(one.example.text) or one.example.text
        other = first.setdefault(key, one)
        if other.label != one.label:
            text = f"“{one.example.text}”同时标成了 {other.label}（{other.file} 第 {other.line} 行）和 {one.label}。"
            yield Problem("error", "two_labels", one.file, one.line, text, "留下正确的一处，删去另一处。")


def _near(placed: list[_Placed]) -> Iterator[Problem]:
    similar = Similar([one.example.text for one in placed])
    for left, right, cosine in similar.pairs(NEAR):
        one, other = placed[right], placed[left]
        same = normalise(one.example.text) == normalise(other.example.text)
        if one.label != other.label and not same:
            text = (
                f"“{one.example.text}”和 {other.label} 下的“{other.example.text}”几乎一样（{cosine:.0%}），标签却不同。"
            )
            yield Problem("warning", "near_duplicate", one.file, one.line, text, "核对两句是否该用同一个标签。")


def _few(placed: list[_Placed]) -> Iterator[Problem]:
    counted = Counter(one.example.topic or one.example.act for one in placed)
    where = {one.example.topic or one.example.act: one.file for one in placed}
    taxonomy = Taxonomy()
    for name in (*taxonomy.topics, *taxonomy.acts):
        if name in ("ask", "context"):
            continue
        kind = "section" if name.startswith("std.") else "topic" if name in taxonomy.topics else "act"
        if counted[name] < FEWEST[kind]:
            title = taxonomy.topics.get(name) or taxonomy.acts.get(name, name)
            text = f"“{title}”只有 {counted[name]} 句例句，少于 {FEWEST[kind]} 句。"
            yield Problem("warning", "too_few", where.get(name, ""), 0, text, "从收件箱里补充不同说法的真实例句。")


def _rules(root: Path) -> Iterator[Problem]:
    """A story may not answer an intent, as the first turn, otherwise than the rule for that intent does."""
    answers: dict[str, tuple[str, str]] = {}
    stories: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for folder, key, single in (("rules", "rules", "rule"), ("stories", "stories", "story")):
        for path in sorted((root / "data" / folder).glob("*.yml")):
            try:
                entries = read_yaml(path).get(key) or []
            except KnowledgeError as error:
                yield Problem("error", "broken", path.name, 0, str(error), "检查缩进、引号和冒号。")
                continue
            for entry in entries:
                if "condition" in entry:
                    continue
                name = str(entry.get(single, ""))
                for before, after in zip(entry.get("steps") or [], (entry.get("steps") or [])[1:], strict=False):
                    if set(before) != {"intent"} or "action" not in after:
                        continue
                    if folder == "rules":
                        answers.setdefault(before["intent"], (after["action"], name))
                    else:
                        stories[before["intent"]].append((after["action"], name, path.name))
    for intent, found in stories.items():
        for action, name, file in found:
            ruled = answers.get(intent)
            if ruled is not None and ruled[0] != action:
                text = f"故事“{name}”让 {intent} 走 {action}，规则“{ruled[1]}”却走 {ruled[0]}，两者矛盾。"
                yield Problem("error", "contradiction", file, 0, text, "改故事或改规则，让两处一致。")
