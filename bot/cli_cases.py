"""``nuoyan cases`` and ``nuoyan audit``: bring cases in, prove the timeline."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

import typer
from rich.console import Console

cases_app = typer.Typer(help="工单", no_args_is_help=True)
audit_app = typer.Typer(help="审计", no_args_is_help=True)
console = Console(stderr=True, highlight=False, soft_wrap=True)


def _database() -> Any:
    from bot.settings import get_settings
    from bot.store.database import Database
    from bot.store.migrate import upgrade

    settings = get_settings()
    upgrade(settings.database_url)
    return Database(settings.database_url)


@audit_app.callback()
def _audit() -> None:
    """审计。"""


@cases_app.callback()
def _cases() -> None:
    """工单。"""


@cases_app.command("import")
def cases_import(
    file: Path = typer.Argument(..., help="CSV 文件(UTF-8 或 GB18030),第一行是列名"),
    dry_run: bool = typer.Option(False, "--dry-run", help="只检查,不导入"),
    skip_errors: bool = typer.Option(False, "--skip-errors", help="有错的行跳过,其余照常导入"),
) -> None:
    """从 CSV 导入工单;逐行检查,同一行再次导入不会重复。有错误时退出码为 1。"""
    from bot.cases.importing import Unreadable, import_cases
    from bot.cases.service import CaseService
    from bot.errors import NuoyanError
    from bot.settings import get_settings

    try:
        report = import_cases(CaseService.from_settings(get_settings(), _database()), file, dry_run, skip_errors)
    except Unreadable as error:
        console.print(f"无法导入:{error}", markup=False)
        raise typer.Exit(1) from error
    except NuoyanError as error:
        console.print(f"无法导入:{error.text}", markup=False)
        raise typer.Exit(1) from error
    for line in report.errors:
        print(line)
    if dry_run:
        print(f"检查完成:{report.valid} 行可以导入,{len(report.errors)} 行有错。没有导入任何工单。")
    elif report.errors and not skip_errors:
        print(f"没有导入:{len(report.errors)} 行有错。改好后重试,或用 --skip-errors 跳过。")
    else:
        print(f"导入完成:新建 {report.filed} 张,已有 {report.known} 张,跳过 {len(report.errors)} 行。")
    raise typer.Exit(1 if report.errors else 0)


@audit_app.command("verify")
def audit_verify(
    anchor: Optional[Path] = typer.Option(
        None, help="核验记录文件:与上次核验比对,通过后更新。请存放在数据库以外的地方"
    ),
) -> None:
    """核验工单时间线:任何一条被改动、删除、插入都会被发现。有问题时退出码为 1。"""
    from bot.cases.build import signer_of
    from bot.cases.chain import verify
    from bot.errors import NuoyanError
    from bot.settings import get_settings

    try:
        known = _read_anchor(anchor)
        verdict = verify(_database(), signer_of(get_settings()), known)
    except NuoyanError as error:
        console.print(f"无法核验:{error.text}", markup=False)
        raise typer.Exit(1) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        console.print(f"无法读取核验记录文件:{error}", markup=False)
        raise typer.Exit(1) from error
    for problem in verdict.problems:
        print(f"问题 {problem}")
    if verdict.problems:
        print(f"核验未通过:{len(verdict.problems)} 处问题,共 {verdict.entries} 条记录。")
        raise typer.Exit(1)
    if anchor is not None:
        _write_anchor(anchor, verdict.entries, verdict.head)
    print(f"核验通过:{verdict.entries} 条记录,链尾 {verdict.head}")


def _read_anchor(anchor: Path | None) -> tuple[int, str] | None:
    if anchor is None or not anchor.exists():
        return None
    noted = json.loads(anchor.read_text(encoding="utf-8"))
    return int(noted["entries"]), str(noted["head"])


def _write_anchor(anchor: Path, entries: int, head: str) -> None:
    noted = {"entries": entries, "head": head, "at": datetime.now(timezone.utc).isoformat(timespec="seconds")}
    anchor.write_text(json.dumps(noted) + "\n", encoding="utf-8")
