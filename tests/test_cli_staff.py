"""``nuoyan staff add``: the first administrator of a bank."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.identity.build import build_identity
from bot.settings import Settings, get_settings
from bot.store.database import Database


def test_that_the_first_administrator_can_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    monkeypatch.setenv("NUOYAN_DATABASE_URL", url)
    get_settings.cache_clear()
    try:
        command = ["staff", "add", "boss", "--name", "行长", "--password-stdin"]
        weak = CliRunner().invoke(app, command, input="short\n")
        assert weak.exit_code == 1
        done = CliRunner().invoke(app, command, input="a-good-long-password\n")
        assert done.exit_code == 0, done.output
        assert "a-good-long-password" not in done.output
        assert CliRunner().invoke(app, command, input="a-good-long-password\n").exit_code == 1, "exists already"
    finally:
        get_settings.cache_clear()
    database = Database(url)
    identity = build_identity(Settings(database_url=url), database)
    member = identity.login.sign_in("boss", "a-good-long-password", None, "192.0.2.1")[1].member
    assert (member.roles, member.must_change_password) == (("admin",), False)
    database.close()
