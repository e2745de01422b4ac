"""The ``nuoyan`` command: run the assistant, ask it, check it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import typer
from rich.console import Console

from bot import cli_training
from bot.cli_cases import audit_app, cases_app

if TYPE_CHECKING:
    from bot.processes.supervisor import Supervisor
    from bot.settings import Settings

app = typer.Typer(help="诺言:银行智能客服", no_args_is_help=True, add_completion=False)
knowledge_app = typer.Typer(help="知识库", no_args_is_help=True)
test_app = typer.Typer(help="从外部检验", no_args_is_help=True)
app.add_typer(knowledge_app, name="knowledge")
staff_app = typer.Typer(help="员工账号", no_args_is_help=True)
app.add_typer(test_app, name="test")
app.add_typer(staff_app, name="staff")
app.add_typer(cases_app, name="cases")
app.add_typer(audit_app, name="audit")
cli_training.install(app)
console = Console(stderr=True, highlight=False)


@app.command()
def serve(quiet: bool = typer.Option(True, help="子进程的输出写入 var/logs/,不打印在终端")) -> None:
    """启动服务端、对话引擎和动作服务,直到按下 Ctrl-C。"""
    from bot.processes.stack import CannotStart, check_machine, commands
    from bot.processes.supervisor import Supervisor
    from bot.processes.training import ensure_model
    from bot.settings import get_settings

    settings = get_settings()
    try:
        check_machine(settings)
        if (settings.web_dir / "index.html").is_file() is False:
            console.print("提示:还没有构建网页(make web),只能使用接口。")
        console.print("准备模型(数据有改动时训练,约一分钟)…")
        model = ensure_model()
        logs = settings.var_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        output = os.open(logs / "processes.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND) if quiet else None
        console.print("启动三个进程…")

        def ready() -> None:
            console.print(f"\n诺言已就绪:  http://{settings.host}:{settings.port}/")
            console.print(f"整页对话:    http://{settings.host}:{settings.port}/app")
            console.print(f"接口说明:    http://{settings.host}:{settings.port}/openapi.json")
            if settings.env == "development":
                from bot.identity.staff_demo import DEMO_PASSWORD, DEMO_STAFF

                names = "、".join(f"{account}({role})" for account, _name, role, _skills in DEMO_STAFF)
                console.print(f"演示员工账号:{names}\n演示密码(仅限开发环境):{DEMO_PASSWORD}")
            console.print("客户咨询无需账号。按 Ctrl-C 停止。")

        supervisor = Supervisor(commands(settings, model), console.print, output)
        code = asyncio.run(_supervise(supervisor, settings, ready))
    except CannotStart as error:
        console.print(f"无法启动:{error}")
        code = 1
    except OSError as error:
        console.print(f"无法启动:{error.strerror or error}({error.filename or ''})。请检查磁盘空间和目录权限。")
        code = 1
    raise typer.Exit(code)


async def _supervise(supervisor: Supervisor, settings: Settings, ready: Callable[[], None]) -> int:
    """Run the processes; in development one-time codes appear on this terminal meanwhile."""
    from bot.processes.shown_codes import show_codes

    watch: list[asyncio.Task[None]] = []

    def ready_and_watching() -> None:
        ready()
        if settings.env == "development":
            watch.append(asyncio.create_task(show_codes(settings, console.print)))

    try:
        return await supervisor.run(ready_and_watching)
    finally:
        for task in watch:
            task.cancel()
        await asyncio.gather(*watch, return_exceptions=True)


@app.command()
def train(
    compare: bool = typer.Option(False, "--compare", help="训练已审核的例句,与现用模型对比,不发布"),
    who: str = cli_training.WHO,
) -> None:
    """数据有改动时训练模型。"""
    if compare:
        cli_training.train_and_compare(who)
    from bot.processes.stack import CannotStart
    from bot.processes.training import ensure_model

    try:
        console.print(f"模型:{ensure_model()}")
    except CannotStart as error:
        console.print(str(error))
        raise typer.Exit(1) from error


@app.command()
def ask(
    text: Optional[str] = typer.Argument(None, help="一个问题"),
    jsonl: bool = typer.Option(False, "--jsonl", help="从标准输入逐行读 JSON,逐行写 JSON"),
) -> None:
    """不启动服务,直接问一个或一批问题。"""
    from bot.training.asking import Asker

    asker = Asker.load()
    if jsonl:
        for stream in (sys.stdin, sys.stdout):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="replace")
        for answer in asker.ask_lines(sys.stdin):
            print(json.dumps(answer, ensure_ascii=False), flush=True)
        return
    if not text:
        console.print("请写一个问题,例如:nuoyan ask 卡折断了怎么换")
        raise typer.Exit(2)
    print(json.dumps(asker.ask([{"id": "1", "text": text}])[0], ensure_ascii=False, indent=2))


@knowledge_app.command("check")
def knowledge_check() -> None:
    """检查知识文件:缺项、引用、有效期。有错误时退出码为 1。"""
    from bot.knowledge.check import check_knowledge
    from bot.settings import get_settings

    problems = check_knowledge(get_settings().knowledge_dir, datetime.now().date())
    for problem in problems:
        print(
            f"{'错误' if problem.level == 'error' else '提醒'} {problem.text}"
            if problem.file in problem.text
            else f"{'错误' if problem.level == 'error' else '提醒'} {problem.file}: {problem.text}"
        )
    errors = sum(problem.level == "error" for problem in problems)
    print(f"知识库检查完成:{errors} 处错误,{len(problems) - errors} 处提醒。")
    raise typer.Exit(1 if errors else 0)


@knowledge_app.command("responses")
def knowledge_responses() -> None:
    """把简短回答写成 Rasa 的 responses,供原生 Rasa 训练和对照。"""
    from bot.knowledge.loader import KnowledgeError, load_knowledge
    from bot.knowledge.responses import FILE, responses_text
    from bot.settings import PROJECT_ROOT, get_settings

    try:
        knowledge = load_knowledge(get_settings().knowledge_dir)
    except KnowledgeError as error:
        console.print(f"{error}\n请先用 nuoyan knowledge check 查出并改好所有问题。")
        raise typer.Exit(1) from error
    (PROJECT_ROOT / FILE).write_text(responses_text(knowledge, datetime.now().date()), encoding="utf-8")
    print(f"已写入 {FILE}")


@knowledge_app.command("coverage")
def knowledge_coverage(
    folder: Optional[Path] = typer.Option(None, "--out", help="写到哪个目录;默认 var/coverage"),
    day: Optional[datetime] = typer.Option(None, "--day", formats=["%Y-%m-%d"], help="按哪一天的规定;默认今天"),
) -> None:
    """把知识覆盖情况(主题 × 方面 × 可信程度)写成网页。"""
    from bot.knowledge.coverage import survey, write_page
    from bot.knowledge.day import today_in_bank
    from bot.knowledge.loader import KnowledgeError, load_knowledge
    from bot.settings import get_settings

    settings = get_settings()
    try:
        knowledge = load_knowledge(settings.knowledge_dir)
    except KnowledgeError as error:
        console.print(f"{error}\n请先用 nuoyan knowledge check 查出并改好所有问题。")
        raise typer.Exit(1) from error
    coverage = survey(knowledge, day.date() if day else today_in_bank())
    page = write_page(coverage, folder or settings.var_dir / "coverage")
    print(f"已写入 {page}:{len(coverage.rows)} 个主题,{len(coverage.told)} 条答复。")


@knowledge_app.command("entities")
def knowledge_entities() -> None:
    """按 data/lexicon/entities.yml 重新生成 spaCy 实体管道。"""
    from bot.nlu.entities import save_pipeline
    from bot.settings import PROJECT_ROOT

    lexicon = PROJECT_ROOT / "data" / "lexicon"
    save_pipeline(lexicon / "entities.yml", lexicon / "spacy_zh")
    print("已写入 data/lexicon/spacy_zh")


@test_app.command("dialogues")
def test_dialogues(
    files: list[Path] = typer.Argument(..., help="会话测试文件(YAML)"),
    junit: Optional[Path] = typer.Option(None, help="另写一份 JUnit 报告"),
    server: Optional[str] = typer.Option(None, help="使用正在运行的开发服务,例如 http://127.0.0.1:8000"),
) -> None:
    """让整段会话走一遍真实的系统;全部通过时退出码为 0。"""
    from bot.training.dialogues.runner import run_files

    raise typer.Exit(run_files(files, junit, server))


@staff_app.command("add")
def staff_add(
    account: str = typer.Argument(..., help="工号"),
    name: str = typer.Option(..., prompt="姓名"),
    role: list[str] = typer.Option(["admin"], help="agent、supervisor、trainer、auditor、admin,可多次给出"),
    skill: list[str] = typer.Option([], help="general、card、loan、wealth、complaint、elder、urgent,可多次给出"),
    max_chats: int = typer.Option(3, help="同时接待的会话数上限"),
    password_stdin: bool = typer.Option(False, "--password-stdin", help="从标准输入读一行作为密码,不提示"),
) -> None:
    """新建员工账号,例如生产环境的第一个管理员。密码由提示输入,不会显示。"""
    from bot.errors import NuoyanError
    from bot.identity.build import build_identity
    from bot.settings import get_settings
    from bot.store.database import Database
    from bot.store.migrate import upgrade

    password = (
        sys.stdin.readline().rstrip("\r\n")
        if password_stdin
        else typer.prompt("密码", hide_input=True, confirmation_prompt="再输入一次")
    )
    settings = get_settings()
    try:
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        accounts = build_identity(settings, database).accounts
        accounts.add(account, name, password, role, skill, max_chats, by="cli", must_change_password=False)
    except NuoyanError as error:
        console.print(error.text)
        raise typer.Exit(1) from error
    print(f"已新建 {account}({'、'.join(role)})。")


if __name__ == "__main__":
    app()
