"""The command lines of the whole stack, and what must be true before it can start."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

from bot.processes.supervisor import Command, python
from bot.settings import PROJECT_ROOT, Settings

LEAST_FREE_BYTES = 300 * 1024 * 1024

COMMON_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "SANIC_ACCESS_LOG": "false",
    "SANIC_KEEP_ALIVE_TIMEOUT": "75",
}
"""One thread a process halves latency on small machines; nothing is reported to anybody. Who calls closes an
idle connection long before Sanic would, so that no call meets a connection that is just being closed."""


class CannotStart(RuntimeError):
    """Why the stack cannot start and what to do about it, in one Chinese line."""


def commands(settings: Settings, model: Path) -> list[Command]:
    """Return the processes for ``settings`` and a trained model: actions, Rasa (one a worker), server."""
    endpoints = _write_endpoints(settings)
    environment = {
        **COMMON_ENVIRONMENT,
        "NUOYAN_VAR_DIR": str(settings.var_dir),
        "NUOYAN_DATABASE_URL": settings.database_url,
        "NUOYAN_RASA_URL": settings.rasa_url,
        "NUOYAN_RASA_WORKERS": str(settings.rasa_workers),
        "NUOYAN_ACTIONS_URL": settings.actions_url,
        "NUOYAN_HOST": settings.host,
        "NUOYAN_PORT": str(settings.port),
        "SANIC_HOST": "127.0.0.1",
    }
    actions_port = _port(settings.actions_url)
    return [
        Command(
            "动作服务",
            python("-m", "bot.processes.action_server", "--port", str(actions_port)),
            f"{settings.actions_url}/health",
            environment,
        ),
        *(
            Command(
                "对话引擎 Rasa" if number == 1 else f"对话引擎 Rasa {number}",
                python(
                    *("-m", "bot.processes.rasa_server", "run", "-i", "127.0.0.1", "-p", str(_port(url))),
                    *("-m", str(model), "--endpoints", str(endpoints)),
                    *("--credentials", str(PROJECT_ROOT / "credentials.yml")),
                ),
                f"{url}/webhooks/nuoyan/",
                environment,
            )
            for number, url in enumerate(settings.rasa_urls, start=1)
        ),
        Command(
            "服务端",
            python("-m", "bot.server"),
            f"http://{_local(settings.host)}:{settings.port}/api/health/ready",
            environment,
        ),
    ]


def check_machine(settings: Settings) -> None:
    """Check ports and disk before anything is started.

    Raises:
        CannotStart: with a line that says what to do.
    """
    for url, name in (
        (f"http://{settings.host}:{settings.port}", "NUOYAN_PORT"),
        *((url, "NUOYAN_RASA_URL") for url in settings.rasa_urls),
        (settings.actions_url, "NUOYAN_ACTIONS_URL"),
    ):
        host, port = urlsplit(url).hostname or "127.0.0.1", _port(url)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CannotStart(f"端口 {port} 已被占用:请停止占用它的程序,或用 {name} 换一个端口。") from error
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.var_dir).free
    if free < LEAST_FREE_BYTES:
        raise CannotStart(f"磁盘只剩 {free // 2**20} MB:请至少腾出 {LEAST_FREE_BYTES // 2**20} MB 后再启动。")


def _write_endpoints(settings: Settings) -> Path:
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    path = settings.var_dir / "endpoints.yml"
    template = (PROJECT_ROOT / "endpoints.yml").read_text(encoding="utf-8")
    path.write_text(template.replace("http://127.0.0.1:5055", settings.actions_url), encoding="utf-8")
    return path


def _port(url: str) -> int:
    return urlsplit(url).port or 80


def _local(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
