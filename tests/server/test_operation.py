"""What operators see: health, metrics, the API description, and logs without customers' words."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from bot.http.logs import configure_logging
from bot.http.metrics import metrics_token
from tests.support.running import Customer, Running, running, settings_for
from tests.support.standin import StandIn, replies, reply

CARD = "6222020200112236"
SPELLINGS = [CARD, "6222 0202 0011 2236", "6222-0202-0011-2236", "622202020011" + "2236"]
PASSWORD = "Pa55w0rd9"


def test_live_and_ready(server: Running, standin: StandIn) -> None:
    assert httpx.get(f"{server.url}/api/health/live").json() == {"status": "ok"}
    ready = httpx.get(f"{server.url}/api/health/ready")
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "ready", "checks": {"database": "ok", "rasa": "ok", "actions": "ok"}},
    )


def test_not_ready_names_what_is_missing(tmp_path: Path, standin: StandIn) -> None:
    settings = settings_for(tmp_path, standin.url, actions_url="http://127.0.0.1:1", redis_url="redis://127.0.0.1:1/0")
    with running(settings) as server:
        ready = httpx.get(f"{server.url}/api/health/ready")
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "not_ready",
        "checks": {"database": "ok", "rasa": "ok", "actions": "failed", "redis": "failed"},
    }


def test_metrics_are_for_this_machine_or_with_the_token(server: Running, customer: Customer) -> None:
    customer.say("卡丢了")
    url = f"{server.url}/metrics"
    local = httpx.get(url)
    assert local.status_code == 200
    assert 'nuoyan_messages_total{role="customer"} ' in local.text
    assert customer.conversation_id not in local.text
    proxied = {"X-Forwarded-For": "198.51.100.7"}
    assert httpx.get(url, headers=proxied).status_code == 403
    wrong = {"Authorization": f"Bearer {server.settings.secret_key}"}
    assert httpx.get(url, headers={**proxied, **wrong}).status_code == 403
    right = {"Authorization": f"Bearer {metrics_token(server.settings.secret_key)}"}
    assert httpx.get(url, headers={**proxied, **right}).status_code == 200


def test_the_description_names_every_error_in_chinese(server: Running) -> None:
    description = httpx.get(f"{server.url}/openapi.json").json()
    paths: dict[str, Any] = description["paths"]
    assert set(paths) >= {
        "/api/health/live",
        "/api/health/ready",
        "/api/conversations",
        "/api/conversations/{conversation_id}/messages",
        "/api/conversations/{conversation_id}/handoff",
        "/api/conversations/{conversation_id}/feedback",
        "/api/widget/config",
    }
    error = {"$ref": "#/components/schemas/ErrorBody"}
    for path, operations in paths.items():
        if not path.startswith(("/api/conversations", "/api/staff")) or path == "/api/staff/me":
            continue
        for operation in operations.values():
            failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert {"422", "429", "500", "503"} <= set(failures)
            for answer in failures.values():
                assert answer["content"]["application/json"]["schema"] == error
                assert "错误代码" in answer["description"]
    assert "HTTPValidationError" not in json.dumps(description)
    assert paths["/api/conversations/{conversation_id}/messages"]["get"]["security"]


@pytest.mark.asyncio
async def test_secrets_are_nowhere(tmp_path: Path, standin: StandIn, capfd: pytest.CaptureFixture[str]) -> None:
    async def parrot(question: dict[str, Any]) -> Any:
        return replies(reply(f"您说:{question.get('text')}"))

    standin.answer = parrot
    with running(settings_for(tmp_path, standin.url)) as server:
        customer = Customer.arrives(server.url)
        async with customer.connected() as socket:
            for number, card in enumerate(SPELLINGS):
                text = f"卡号{card},密码是{PASSWORD}"
                await socket.send(type="send", client_id=f"w{number}", text=text)
                assert (await socket.until("ack"))["masked"]
            await socket.until("message")
            customer.post("messages", client_id="r", text=f"我的卡 {CARD}")
            customer.post("messages", client_id="bad", text=f"{CARD} \ud800".encode("utf-8", "replace").decode())
            customer.post("messages", client_id="long", text=f"{CARD} " * 500)
            customer.post("handoff", client_id="h", text=f"请查 {CARD}")
            customer.post("feedback", seq=1, value="down", reason=f"{CARD} 没办成")
            httpx.post(f"{customer.path}/messages", content=f'{{"text": "{CARD}"', headers=customer.headers)
            while len([m for m in customer.log() if m["role"] == "bot"]) < 2 + len(SPELLINGS):
                await socket.next()
        frames = json.dumps(socket.frames, ensure_ascii=False)
    logged = capfd.readouterr()
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    places = {
        "frames": frames,
        "questions": json.dumps(standin.questions, ensure_ascii=False),
        "log": logged.out + logged.err,
        "database": stored.decode("utf-8", "replace"),
    }
    assert "请查" in places["database"], "the search looks where texts are"
    assert '"event": "request"' in places["log"], "and where logs are"
    for name, content in places.items():
        for secret in (*SPELLINGS, PASSWORD, customer.token) if name != "frames" else (*SPELLINGS, PASSWORD):
            assert secret not in content, f"{secret} in {name}"
    assert "没办成" not in places["log"]
    assert "请查" not in places["log"]


def test_logs_are_json_without_words_and_without_exception_messages(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    log = structlog.get_logger("test")
    log.info("kept", seq=3, text="客户的话", reason="另一句", payload={"a": 1})
    log.warning("masked", note=f"卡号 {CARD}")
    try:
        raise ValueError(f"卡号 {CARD} 是客户的话")
    except ValueError:
        log.exception("failed")
        logging.getLogger("some.library").exception("library failed")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["kept", "masked", "failed", "library failed"]
    assert (lines[0]["seq"], lines[0]["text"], lines[0]["payload"]) == (3, "[removed]", "[removed]")
    for line in lines[2:]:
        assert line["error_type"] == "ValueError"
        assert line["where"][-1].startswith("test_operation.py:")
    assert "客户的话" not in json.dumps(lines, ensure_ascii=False)
    assert CARD not in json.dumps(lines)
