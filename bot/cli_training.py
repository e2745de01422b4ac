"""The trainers' commands: what the workbench does, from the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Optional

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from bot.training.workbench import Workbench

console = Console(stderr=True, highlight=False)
out = Console(highlight=False)
WHO = typer.Option("", "--as", help="以谁的名义(工号);缺省为当前系统用户")


@contextmanager
def _workbench() -> Iterator[Workbench]:
    """The workbench on this installation's database; an error becomes one Chinese line and exit code 1."""
    from bot.errors import NuoyanError
    from bot.processes.stack import CannotStart
    from bot.settings import get_settings
    from bot.store.database import Database
    from bot.store.migrate import upgrade
    from bot.training.workbench import Workbench

    settings = get_settings()
    database = None
    try:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        yield Workbench(settings, database)
    except NuoyanError as error:
        console.print(error.text)
        raise typer.Exit(1) from error
    except (CannotStart, ValueError) as error:
        console.print(str(error))
        raise typer.Exit(1) from error
    finally:
        if database is not None:
            database.close()


def _who(given: str) -> str:
    return given or os.environ.get("USER", "cli")


def inbox(
    days: int = typer.Option(7, min=1, max=90, help="最近几天"),
    reason: list[str] = typer.Option([], help="只看某种原因,可多次给出,例如 down、rejected"),
    limit: int = typer.Option(30, min=1, max=200),
) -> None:
    """列出没答好的消息,最值得看的在前。"""
    from bot.chat.conversations import now
    from bot.training.inbox import REASONS, Filter

    with _workbench() as bench:
        items = bench.inbox.items(Filter(now() - timedelta(days=days), frozenset(reason)), limit)
        table = Table("消息", "次数", "机器的理解", "原因")
        for item in items:
            guess = item.guess.get("topic") or item.guess.get("act") or ""
            reasons = "、".join(REASONS[name] for name in item.reasons)
            table.add_row(item.text, str(len(item.places)), str(guess), reasons)
        out.print(table if items else "没有需要处理的消息。")


def label(
    text: str = typer.Argument(..., help="例句"),
    act: str = typer.Option("ask", help="行为"),
    topic: Optional[str] = typer.Option(None, help="主题,例如 card.loss"),
    aspect: Optional[str] = typer.Option(None, help="方面,例如 how"),
    note: str = typer.Option("", help="备注"),
    who: str = WHO,
) -> None:
    """提交一条候选例句,等另一位同事审核。"""
    from bot.training.labels import Label

    with _workbench() as bench:
        candidate = bench.candidates.propose(text, Label(act, topic, aspect), _who(who), note)
        out.print(f"已提交 {candidate.id}:{candidate.text} → {candidate.label.intent}")


def review(
    candidate: str = typer.Argument(..., help="候选例句的编号"),
    reject: bool = typer.Option(False, "--reject", help="不通过"),
    comment: str = typer.Option("", help="意见"),
    who: str = WHO,
) -> None:
    """审核别人提交的候选例句。"""
    with _workbench() as bench:
        found = bench.candidates.review(candidate, _who(who), not reject, comment)
        out.print(f"{found.text}:{'已通过' if found.state == 'approved' else '未通过'}")


def check() -> None:
    """训练前检查例句、规则和故事。有错误时退出码为 1。"""
    from bot.training.checks import check_training

    problems = check_training()
    for problem in problems:
        place = f"{problem.file} 第 {problem.line} 行" if problem.line else problem.file
        out.print(f"{'错误' if problem.level == 'error' else '提醒'} {place}: {problem.text} {problem.fix}")
    errors = sum(problem.level == "error" for problem in problems)
    out.print(f"训练数据检查完成:{errors} 处错误,{len(problems) - errors} 处提醒。")
    raise typer.Exit(1 if errors else 0)


def train_and_compare(who: str = "") -> None:
    """Train the approved examples, compare with the live model, print the gates; exit code 1 when one is closed."""
    from bot.settings import get_settings
    from bot.training.job import run_job

    with _workbench() as bench:
        job_id = bench.jobs.begin(_who(who))
        digest = run_job(bench.database, job_id, _who(who), get_settings().var_dir / "training")
        report = bench.versions.get(digest).report or {}
        out.print(f"候选模型 {digest}")
        for gate in report.get("gates", ()):
            out.print(f"{'通过' if gate['passed'] else '未过'} {gate['title']}:{gate['detail']}")
        for change in report.get("changes", ())[:20]:
            out.print(
                f"{'变好' if change['better'] else '变差'} {change['text']}:{change['live']} → {change['candidate']}"
            )
        raise typer.Exit(0 if report.get("passed") else 1)


def publish(
    digest: str = typer.Argument(..., help="候选模型的编号"),
    overrule: Optional[str] = typer.Option(None, help="未过关也放行的理由(由管理员决定)"),
    who: str = WHO,
) -> None:
    """发布候选模型:写入训练数据并换上新模型。"""
    with _workbench() as bench:
        bench.publish(digest, _who(who), overrule)
        out.print(f"已发布 {digest}。")


def rollback(who: str = WHO) -> None:
    """退回上一版模型,并从训练数据中取出这一版加入的例句。"""
    with _workbench() as bench:
        out.print(f"已退回 {bench.rollback(_who(who)).digest}。")


def install(app: typer.Typer) -> None:
    """Add the commands to the ``nuoyan`` command."""
    for command in (inbox, label, review, check, publish, rollback):
        app.command()(command)
