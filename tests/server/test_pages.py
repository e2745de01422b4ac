"""The built pages, when they are there and when they are not."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.running import running, settings_for
from tests.support.standin import TOKEN, StandIn


def test_before_the_build_a_clear_message_after_it_the_pages(tmp_path: Path, standin: StandIn) -> None:
    web = tmp_path / "web"
    with running(settings_for(tmp_path, standin.url)) as server:
        for path in ("/", "/app", "/widget/nuoyan.js", "/console", "/console/accounts", "/console/assets/a.js"):
            missing = httpx.get(server.url + path)
            assert missing.status_code == 503
            assert "尚未构建" in missing.text
        (web / "widget").mkdir(parents=True)
        (web / "index.html").write_text("<title>演示</title>", encoding="utf-8")
        (web / "app.html").write_text("<title>客服</title>", encoding="utf-8")
        (web / "widget" / "nuoyan.js").write_text("1", encoding="utf-8")
        (tmp_path / "secret.txt").write_text("geheim", encoding="utf-8")
        assert "演示" in httpx.get(server.url + "/").text
        app = httpx.get(server.url + "/app")
        assert (app.headers["Content-Type"], "客服" in app.text) == ("text/html; charset=utf-8", True)
        assert httpx.head(server.url + "/app").status_code == 200
        script = httpx.get(server.url + "/widget/nuoyan.js")
        assert (script.text, script.headers["Cache-Control"]) == ("1", "no-cache")
        assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "javascript" in script.headers["Content-Type"]
        (web / "console" / "assets").mkdir(parents=True)
        (web / "console" / "index.html").write_text("<title>工作台</title>", encoding="utf-8")
        (web / "console" / "assets" / "a-1.js").write_text("2", encoding="utf-8")
        for path in ("/console", "/console/", "/console/accounts"):
            assert "工作台" in httpx.get(server.url + path).text
        asset = httpx.get(server.url + "/console/assets/a-1.js")
        assert (asset.text, asset.headers["Cache-Control"]) == ("2", "public, max-age=31536000, immutable")
        assert httpx.get(server.url + "/console/assets/none.js").status_code == 404
        for path in (
            "/widget/../secret.txt",
            "/console/assets/..%2f..%2f..%2fsecret.txt",
            "/widget/%2e%2e/%2e%2e/secret.txt",
            "/widget/..%2f..%2fsecret.txt",
        ):
            assert httpx.get(server.url + path).status_code == 404
        gone = httpx.get(server.url + "/widget/none.js")
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "page_not_found")


@pytest.mark.parametrize(("path", "status"), [("/", 404), ("/app", 200)])
def test_the_demo_page_is_for_development(tmp_path: Path, standin: StandIn, path: str, status: int) -> None:
    (tmp_path / "web").mkdir()
    for name in ("index.html", "app.html"):
        (tmp_path / "web" / name).write_text("x", encoding="utf-8")
    settings = settings_for(tmp_path, standin.url, env="production", secret_key="s" * 32, rasa_token=TOKEN)
    with running(settings) as server:
        assert httpx.get(server.url + path).status_code == status


def test_that_the_widget_learns_name_hotline_and_hours_without_a_conversation(tmp_path: Path, standin: StandIn) -> None:
    with running(settings_for(tmp_path, standin.url)) as server:
        answer = httpx.get(server.url + "/api/widget/config")
    assert answer.status_code == 200
    assert answer.json()["languages"] == ["zh-CN", "zh-TW", "en"]
    assert answer.json()["bank_name"] and answer.json()["hotline"] and answer.json()["agent_hours"]
