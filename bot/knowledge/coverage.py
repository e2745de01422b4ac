"""A page that shows at a glance what the knowledge answers: topics × aspects × certainty.

The page needs no script, and its style stands in a file beside it, so the strictest content policy holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from pathlib import Path
from typing import Literal

from bot.knowledge.compose import ASPECT_TITLES
from bot.knowledge.model import CERTAINTIES, Certainty, KnowledgeBase, Topic

PAGE, STYLE = "coverage.html", "coverage.css"
REVIEW_SOON = timedelta(days=90)

CERTAINTY_NAMES: dict[Certainty, str] = {
    "H": "读过法规原文",
    "M": "可靠的二手来源",
    "B": "本行自定",
    "L": "来源薄弱或不一",
    "R": "凭记忆，待核实",
}
"""How sure an answer is, as an editor reads it; the worse ones come last."""

State = Literal["told", "ended", "coming", "none"]
Review = Literal["good", "soon", "overdue"]


@dataclass(frozen=True)
class Cell:
    """One aspect of one topic: what is told on the day, or why nothing is."""

    state: State
    certainty: Certainty | None = None
    short: str = ""
    since: date | None = None
    until: date | None = None
    sources: int = 0


@dataclass(frozen=True)
class Row:
    """One topic."""

    topic: Topic
    cells: dict[str, Cell]
    review: Review


@dataclass(frozen=True)
class Coverage:
    """What the knowledge answers on one day."""

    day: date
    rows: tuple[Row, ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def told(self) -> list[Cell]:
        """All answers that are given on the day; a topic overdue for review gives none."""
        return [
            cell for row in self.rows if row.review != "overdue" for cell in row.cells.values() if cell.state == "told"
        ]

    def by_certainty(self) -> Counter[Certainty]:
        """Return how many answers of each certainty are given."""
        return Counter(cell.certainty for cell in self.told if cell.certainty is not None)

    def by_aspect(self) -> dict[str, int]:
        """Return how many topics answer each aspect."""
        return {aspect: sum(row.cells[aspect].state == "told" for row in self.rows) for aspect in ASPECT_TITLES}


def survey(knowledge: KnowledgeBase, day: date) -> Coverage:
    """Return what ``knowledge`` answers on ``day``, in the order of the taxonomy."""
    order = [name for name in (*knowledge.known_topics, *knowledge.topics) if name in knowledge.topics]
    rows = tuple(_row(knowledge.topics[name], day) for name in dict.fromkeys(order))
    missing = tuple((name, title) for name, title in knowledge.known_topics.items() if name not in knowledge.topics)
    return Coverage(day, rows, missing)


def _row(topic: Topic, day: date) -> Row:
    review: Review = "overdue" if day > topic.review_by else "soon" if day > topic.review_by - REVIEW_SOON else "good"
    return Row(topic, {aspect: _cell(topic, aspect, day) for aspect in ASPECT_TITLES}, review)


def _cell(topic: Topic, aspect: str, day: date) -> Cell:
    variants = topic.answers.get(aspect, ())
    answer = topic.answer(aspect, day)
    if answer is not None:
        return Cell(
            "told", answer.certainty, answer.short, answer.valid_from, answer.valid_until, len(answer.citations)
        )
    if coming := [variant.valid_from for variant in variants if variant.valid_from and variant.valid_from > day]:
        return Cell("coming", since=min(coming))
    if ended := [variant.valid_until for variant in variants if variant.valid_until and variant.valid_until < day]:
        return Cell("ended", until=max(ended))
    return Cell("none")


def write_page(coverage: Coverage, folder: Path) -> Path:
    """Write the page and its style into ``folder``, made if needed; return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    style = Path(__file__).with_name(STYLE).read_text(encoding="utf-8")
    (folder / STYLE).write_text(style, encoding="utf-8")
    page = folder / PAGE
    page.write_text(page_text(coverage), encoding="utf-8")
    return page


def page_text(coverage: Coverage) -> str:
    """Return the page as HTML; every text of the knowledge is escaped."""
    services = [row for row in coverage.rows if not row.topic.is_standard]
    sections = [row for row in coverage.rows if row.topic.is_standard]
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="zh-CN">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>知识覆盖情况 {coverage.day}</title>",
            f'<link rel="stylesheet" href="{STYLE}">',
            "</head>",
            "<body>",
            "<main>",
            "<h1>知识覆盖情况</h1>",
            _summary(coverage, services, sections),
            _legend(coverage),
            _attention(coverage),
            _services(services, coverage.by_aspect()),
            _sections(sections),
            "</main>",
            "</body>",
            "</html>",
            "",
        )
    )


def _summary(coverage: Coverage, services: list[Row], sections: list[Row]) -> str:
    return (
        f'<p class="summary">截至 <time>{coverage.day}</time>，<b>{len(services)}</b> 个业务主题、'
        f"<b>{len(sections)}</b> 个规范章节，今天能给出 <b>{len(coverage.told)}</b> 条有依据的答复。</p>"
    )


def _legend(coverage: Coverage) -> str:
    counts = coverage.by_certainty()
    items = "".join(
        f"<li>{_mark(certainty)} {escape(CERTAINTY_NAMES[certainty])} <b>{counts[certainty]}</b> 条</li>"
        for certainty in CERTAINTIES
    )
    rest = '<li><span class="mark none">·</span> 没有单独的答复</li>'
    return f'<ul class="legend" aria-label="可信程度">{items}{rest}</ul>'


def _attention(coverage: Coverage) -> str:
    """Return what an editor should look at next: missing files, reviews, answers that end."""
    lines = [f"{title}（{name}）：还没有知识文件" for name, title in coverage.missing]
    for row in coverage.rows:
        name = f"{row.topic.title}（{row.topic.id}）"
        if row.review != "good":
            due = "已过复核期限，答复已停用" if row.review == "overdue" else "快到复核期限"
            lines.append(f"{name}：{due}（{row.topic.review_by}）")
        for aspect, cell in row.cells.items():
            title = ASPECT_TITLES[aspect]
            if cell.state == "told" and cell.until is not None:
                lines.append(f"{name}·{title}：现在的说法 {cell.until} 到期")
            elif cell.state == "ended":
                lines.append(f"{name}·{title}：说法已于 {cell.until} 到期，今天不再答复")
            elif cell.state == "coming":
                lines.append(f"{name}·{title}：{cell.since} 起才有说法")
    if not lines:
        return '<p class="fine">没有过期、快到期或缺少的内容。</p>'
    return '<section><h2>需要留意</h2><ul class="attention">' + _items(lines) + "</ul></section>"


def _items(lines: Iterable[str]) -> str:
    return "".join(f"<li>{escape(line)}</li>" for line in lines)


def _services(rows: list[Row], by_aspect: dict[str, int]) -> str:
    heads = "".join(f'<th scope="col">{escape(title)}</th>' for title in ASPECT_TITLES.values())
    body = "".join(_service(row) for row in rows)
    told = [sum(row.cells[aspect].state == "told" for row in rows) for aspect in by_aspect]
    foot = "".join(f"<td>{count}</td>" for count in told)
    return (
        f"<section><h2>业务主题（{len(rows)}）</h2>"
        '<div class="scroll" tabindex="0" role="region" aria-label="业务主题的覆盖情况"><table>'
        f'<thead><tr><th scope="col">主题</th>{heads}<th scope="col">复核期限</th></tr></thead>'
        f'<tbody>{body}</tbody><tfoot><tr><th scope="row">合计</th>{foot}<td></td></tr></tfoot></table></div></section>'
    )


def _service(row: Row) -> str:
    cells = "".join(f"<td>{_mark_of(cell)}</td>" for cell in row.cells.values())
    return (
        f'<tr><th scope="row">{escape(row.topic.title)} <code>{escape(row.topic.id)}</code></th>{cells}'
        f'<td class="review {row.review}">{row.topic.review_by}</td></tr>'
    )


def _sections(rows: list[Row]) -> str:
    body = "".join(_section(row) for row in rows)
    return (
        f"<section><h2>本行服务规范（{len(rows)} 节）</h2>"
        '<div class="scroll" tabindex="0" role="region" aria-label="服务规范各节的覆盖情况"><table>'
        '<thead><tr><th scope="col">章节</th><th scope="col">答复</th><th scope="col">软件的承诺</th>'
        f'<th scope="col">复核期限</th></tr></thead><tbody>{body}</tbody></table></div></section>'
    )


def _section(row: Row) -> str:
    promises = f'<ul class="promises">{_items(promise.text for promise in row.topic.promises)}</ul>'
    return (
        f'<tr><th scope="row">{escape(row.topic.title)} <code>{escape(row.topic.id)}</code></th>'
        f"<td>{_mark_of(row.cells['overview'])}</td><td>{promises}</td>"
        f'<td class="review {row.review}">{row.topic.review_by}</td></tr>'
    )


def _mark_of(cell: Cell) -> str:
    if cell.state != "told" or cell.certainty is None:
        words = {"none": "没有单独的答复", "ended": f"{cell.until} 已到期", "coming": f"{cell.since} 起"}[cell.state]
        sign = {"none": "·", "ended": "止", "coming": "起"}[cell.state]
        return f'<span class="mark {cell.state}" title="{escape(words)}">{sign}</span>'
    dated = cell.since is not None or cell.until is not None
    period = f"（{cell.since or ''}—{cell.until or ''}）" if dated else ""
    return _mark(cell.certainty, f"{cell.short}{period} 依据 {cell.sources} 处", dated)


def _mark(certainty: Certainty, told: str = "", dated: bool = False) -> str:
    title = f' title="{escape(told)}"' if told else ""
    sign = '<i aria-label="有起止日期">◷</i>' if dated else ""
    return f'<span class="mark {certainty}"{title}>{certainty}{sign}</span>'
