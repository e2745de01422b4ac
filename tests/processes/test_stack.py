"""What must be true before the stack starts, and how its three processes are called."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rasa.shared.core.domain import Domain
from ruamel.yaml import YAML

from bot.processes.stack import LEAST_FREE_BYTES, CannotStart, check_machine, commands
from bot.settings import PROJECT_ROOT, Settings
from tests.processes.children import free_port

TOKEN, KEY = "a-secret-token-of-rasa", "a-secret-key-of-the-server"


def settings_for(tmp_path: Path, **changes: Any) -> Settings:
    ports = [free_port() for _ in range(3)]
    values = {
        "var_dir": tmp_path / "var",
        "port": ports[0],
        "rasa_url": f"http://127.0.0.1:{ports[1]}",
        "actions_url": f"http://127.0.0.1:{ports[2]}",
        "rasa_token": TOKEN,
        "secret_key": KEY,
    }
    return Settings(**{**values, **changes})


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_that_a_free_machine_passes_and_gets_its_folder(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    check_machine(settings)
    assert settings.var_dir.is_dir()
    check_machine(settings)


@pytest.mark.parametrize(
    ("name", "change"),
    [("NUOYAN_PORT", "port"), ("NUOYAN_RASA_URL", "rasa_url"), ("NUOYAN_ACTIONS_URL", "actions_url")],
)
def test_that_a_port_in_use_is_named_with_its_remedy(tmp_path: Path, taken: int, name: str, change: str) -> None:
    value = taken if change == "port" else f"http://127.0.0.1:{taken}"
    with pytest.raises(CannotStart) as refused:
        check_machine(settings_for(tmp_path, **{change: value}))
    said = str(refused.value)
    assert str(taken) in said and name in said and "占用" in said
    assert "\n" not in said


@pytest.mark.parametrize(("free", "starts"), [(LEAST_FREE_BYTES, True), (LEAST_FREE_BYTES - 1, False), (0, False)])
def test_that_a_full_disk_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, starts: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12 - free, free))
    if starts:
        check_machine(settings_for(tmp_path))
        return
    with pytest.raises(CannotStart) as refused:
        check_machine(settings_for(tmp_path))
    assert f"{free // 2**20} MB" in str(refused.value) and "腾出" in str(refused.value)


def test_that_three_processes_are_started_on_their_ports(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    actions, rasa, server = commands(settings, tmp_path / "model.tar.gz")
    assert actions.ready_url.startswith(settings.actions_url)
    assert rasa.ready_url.startswith(settings.rasa_url)
    assert server.ready_url == f"http://127.0.0.1:{settings.port}/api/health/ready"
    assert str(tmp_path / "model.tar.gz") in rasa.argv
    assert settings.rasa_url.rpartition(":")[2] in rasa.argv
    assert settings.actions_url.rpartition(":")[2] in actions.argv


def test_that_each_worker_of_rasa_is_a_process_of_its_own(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, rasa_workers=2)
    _, first, second, server = commands(settings, tmp_path / "model.tar.gz")
    ports = [command.argv[command.argv.index("-p") + 1] for command in (first, second)]
    assert int(ports[1]) == int(ports[0]) + 1
    assert first.name != second.name
    assert server.environment["NUOYAN_RASA_WORKERS"] == "2"


def test_that_the_port_of_every_worker_must_be_free(tmp_path: Path, taken: int) -> None:
    settings = settings_for(tmp_path, rasa_url=f"http://127.0.0.1:{taken - 1}", rasa_workers=2)
    with pytest.raises(CannotStart, match=str(taken)):
        check_machine(settings)


def test_that_rasa_and_the_actions_stay_on_the_loopback(tmp_path: Path) -> None:
    actions, rasa, _ = commands(settings_for(tmp_path, host="0.0.0.0"), tmp_path / "model.tar.gz")
    assert rasa.argv[rasa.argv.index("-i") + 1] == "127.0.0.1"
    assert actions.environment["SANIC_HOST"] == "127.0.0.1"
    assert "--enable-api" not in rasa.argv


def test_that_a_server_on_every_address_is_asked_on_the_loopback(tmp_path: Path) -> None:
    *_, server = commands(settings_for(tmp_path, host="0.0.0.0"), tmp_path / "model.tar.gz")
    assert server.ready_url.startswith("http://127.0.0.1:")


def test_that_no_secret_stands_on_a_command_line(tmp_path: Path) -> None:
    for command in commands(settings_for(tmp_path), tmp_path / "model.tar.gz"):
        assert not any(TOKEN in part or KEY in part for part in (*command.argv, command.ready_url))


def test_that_every_process_has_the_same_database_and_one_thread(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database_url="postgresql://bank@db/nuoyan")
    for command in commands(settings, tmp_path / "model.tar.gz"):
        assert command.environment["NUOYAN_DATABASE_URL"] == "postgresql://bank@db/nuoyan"
        assert command.environment["OMP_NUM_THREADS"] == "1"
        assert command.environment["RASA_TELEMETRY_ENABLED"] == "false"


def test_that_the_endpoints_name_the_actions_where_they_run(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    _, rasa, _ = commands(settings, tmp_path / "model.tar.gz")
    path = Path(rasa.argv[rasa.argv.index("--endpoints") + 1])
    endpoints = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    assert endpoints["action_endpoint"]["url"] == f"{settings.actions_url}/webhook"
    assert endpoints["tracker_store"]["type"] == "bot.chat.tracker_store.BoundedTrackerStore"


def test_that_every_action_that_reads_the_domain_gets_it() -> None:
    """The SDK's form validation looks its slots up in the domain; with none it would ask for nothing."""
    endpoints = YAML(typ="safe", pure=True).load((PROJECT_ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    assert endpoints["action_endpoint"]["enable_selective_domain"] is True
    domain = Domain.load(PROJECT_ROOT / "domain.yml")
    for name in domain.user_actions:
        if name.startswith("validate_") or name == "action_validate_slot_mappings":
            assert domain.does_custom_action_explicitly_need_domain(name), f"{name} needs send_domain: true"
