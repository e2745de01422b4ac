"""The desk over HTTP and WebSocket: a customer and agents on one running server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from bot.identity.staff_records import ROLES
from tests.support.running import Customer, Running, Socket, running, settings_for
from tests.support.staff import BY_ROLE, StaffClient

DESK = "/api/staff/desk"


@pytest.fixture
def office(standin: Any, tmp_path: Path) -> Iterator[Running]:
    """A server of one's own: queues of one test don't reach another."""
    with running(settings_for(tmp_path, standin.url)) as started:
        yield started


class AgentClient(StaffClient):
    """An agent at a desk."""

    def online(self) -> AgentClient:
        """Ready for customers."""
        assert self.get(f"{DESK}/me").status_code == 200
        answer = self.request("PUT", f"{DESK}/me/status", json={"status": "online"})
        assert answer.status_code == 200, answer.text
        return self

    def do(self, conversation_id: str, what: str, **body: Any) -> httpx.Response:
        """POST to a chat."""
        return self.post(f"{DESK}/chats/{conversation_id}/{what}", body)

    def chats(self, scope: str = "mine") -> list[dict[str, Any]]:
        """A list of chats."""
        answer = self.get(f"{DESK}/chats", params={"scope": scope})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    def takes(self, customer: Customer) -> dict[str, Any]:
        """Take a customer who waits or rings."""
        answer = self.do(customer.conversation_id, "claim")
        assert answer.status_code == 200, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    @asynccontextmanager
    async def window(self, url: str, seen: dict[str, int] | None = None) -> AsyncIterator[Socket]:
        """A console window."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        address = f"{url}{DESK}/ws".replace("http", "ws", 1)
        async with websockets.connect(address, extra_headers={"Cookie": cookies}) as raw:
            socket = Socket(raw)
            await socket.send(type="hello", seen=seen or {})
            yield socket


def said(messages: list[dict[str, Any]], role: str) -> list[str]:
    """First texts of the messages of a role."""
    return [
        next((block["text"] for block in message["blocks"] if block.get("text")), "")
        for message in messages
        if message["role"] == role
    ]


@pytest.fixture
def everybody_pulls(office: Running) -> None:
    """Nothing rings by itself, so that a test decides who takes whom."""
    office.services.desk.clockwork.assign = lambda: []  # type: ignore[method-assign]


def wants_human(office: Running, **opened: Any) -> Customer:
    """A customer who presses the button."""
    customer = Customer.arrives(office.url, **opened)
    assert customer.post("handoff", client_id="h").status_code == 202
    return customer


@pytest.mark.usefixtures("everybody_pulls")
def test_the_whole_way_from_the_button_to_the_disposition(office: Running) -> None:
    agent = AgentClient(office.url, "1001").online()
    customer = Customer.arrives(office.url)
    customer.say("卡丢了怎么办")
    customer.post("handoff", client_id="h")
    (waiting,) = agent.get(f"{DESK}/queue").json()["waiting"]
    assert (waiting["conversation_id"], waiting["place"], waiting["state"]) == (customer.conversation_id, 1, "queued")
    taken = agent.takes(customer)
    assert (taken["state"], taken["agent"]) == ("human", "1001")
    assert taken["clocks"]["running"] == "human"
    assert taken["sla"]["kind"] == "first_reply"

    first = agent.do(customer.conversation_id, "messages", client_id="a", text="您好，我来帮您。")
    again = agent.do(customer.conversation_id, "messages", client_id="a", text="您好，我来帮您。")
    assert (first.status_code, first.json()) == (202, again.json())
    log = customer.log()
    assert [message["agent"] for message in log if message["role"] == "agent"] == ["1001"]
    assert said(log, "agent") == ["您好，我来帮您。"]

    story = agent.get(f"{DESK}/chats/{customer.conversation_id}").json()
    assert [span["owner"] for span in story["spans"]] == ["bot", "queue", "human"]
    assert story["spans"][-1]["agent"] == "1001"
    assert {"say", "end", "transfer", "propose-bot"} <= set(story["may"])
    assert "情绪" in story["summary"]["sentence"]

    ended = agent.do(customer.conversation_id, "end").json()
    assert ended["state"] == "wrap_up"
    assert [block["type"] for block in customer.log()[-1]["blocks"]] == ["notice", "rating"]
    closed = agent.do(customer.conversation_id, "disposition", code="solved", note="已补卡，电话 13812345678")
    assert closed.status_code == 204
    (chat,) = agent.chats("recent")
    assert (chat["state"], chat["disposition"]) == ("closed", "solved")
    assert agent.chats() == []


@pytest.mark.usefixtures("everybody_pulls")
def test_agents_hand_on_consult_and_keep_notes_to_themselves(office: Running) -> None:
    first, second = AgentClient(office.url, "1001").online(), AgentClient(office.url, "1002").online()
    customer = wants_human(office)
    chat = customer.conversation_id
    first.takes(customer)
    assert second.get(f"{DESK}/chats/{chat}").status_code == 404, "not the other's"
    note = first.do(chat, "notes", text="卡号 6222020200112236 已核实")
    assert "6222020200112236" not in note.text
    assert first.do(chat, "consult", to_agent="1002", text="这种情况能补录吗").status_code == 201
    assert second.get(f"{DESK}/chats/{chat}").status_code == 200, "consulted"
    assert second.do(chat, "messages", client_id="x", text="我来").status_code == 409, "but not the one who speaks"
    assert second.do(chat, "consult", to_agent="1001", text="可以").status_code == 201

    assert first.do(chat, "transfer", to_agent="1002", memo="客户要补卡").status_code == 204
    assert first.do(chat, "messages", client_id="b", text="正在为您转接").status_code == 202, "stays until accepted"
    (offered,) = second.chats()
    assert (offered["agent"], offered["target_agent"]) == ("1001", "1002")
    assert second.do(chat, "transfer/accept").json()["agent"] == "1002"
    assert first.do(chat, "messages", client_id="c", text="还是我").status_code == 409
    assert "不用重复说明" in said(customer.log(), "system")[-1]
    story = second.get(f"{DESK}/chats/{chat}").json()
    assert [note["kind"] for note in story["notes"]] == ["note", "consult", "consult", "memo"]
    assert [span["agent"] for span in story["spans"] if span["owner"] == "human"] == ["1001", "1002"]
    assert all("补录" not in json.dumps(message, ensure_ascii=False) for message in customer.log())

    assert second.do(chat, "transfer", skill="complaint", memo="投诉").status_code == 204
    (waiting,) = first.get(f"{DESK}/queue").json()["waiting"]
    assert (waiting["state"], waiting["skill"], waiting["first"]) == ("queued", "complaint", True)


@pytest.mark.usefixtures("everybody_pulls")
def test_words_that_must_not_be_said(office: Running) -> None:
    agent = AgentClient(office.url, "1001").online()
    customer = wants_human(office)
    agent.takes(customer)
    blocked = agent.do(customer.conversation_id, "messages", client_id="a", text="把验证码发给我")
    assert (blocked.status_code, blocked.json()["error"]["code"]) == (422, "phrase_blocked")
    assert "验证码" in blocked.json()["error"]["text"]
    anyway = agent.do(customer.conversation_id, "messages", client_id="a", text="把验证码发给我", acknowledged=True)
    assert anyway.status_code == 422, "a block stays one"
    warned = agent.do(customer.conversation_id, "messages", client_id="b", text="这笔钱肯定退给您")
    assert warned.json()["error"]["code"] == "phrase_warned"
    sent = agent.do(customer.conversation_id, "messages", client_id="b", text="这笔钱肯定退给您", acknowledged=True)
    assert sent.status_code == 202
    assert said(customer.log(), "agent") == ["这笔钱肯定退给您"]
    found = agent.post(f"{DESK}/phrases/check", {"text": "下 一 个"}).json()["findings"]
    assert [one["action"] for one in found] == ["block"]


@pytest.mark.usefixtures("everybody_pulls")
def test_an_agent_sends_answers_of_the_knowledge_and_canned_replies(office: Running) -> None:
    agent = AgentClient(office.url, "1001").online()
    customer = wants_human(office)
    agent.takes(customer)
    chat = customer.conversation_id
    (best, *_others) = agent.get(f"{DESK}/chats/{chat}/suggestions", params={"q": "补卡"}).json()
    assert best["citation"] and best["text"]
    answer = {"topic": best["topic"], "aspect": best["aspect"]}
    assert agent.do(chat, "messages", client_id="a", answer=answer).status_code == 202
    assert any(block["type"] == "citation" for block in customer.log()[-1]["blocks"])
    assert agent.do(chat, "messages", client_id="b", answer={"topic": "no.such"}).status_code == 404
    assert agent.do(chat, "messages", client_id="c", case_number="NY261126-AAAAAA-A").status_code == 404
    (hello,) = agent.get(f"{DESK}/canned", params={"q": "kcwh"}).json()
    assert "1001" in hello["text"]
    bad = {"client_id": "d", "blocks": [{"type": "handoff", "state": "queued"}]}
    assert agent.post(f"{DESK}/chats/{chat}/messages", bad).status_code == 422


@pytest.mark.usefixtures("everybody_pulls")
def test_script_stays_text_in_every_field(office: Running) -> None:
    script = "<img src=x onerror=alert(1)>"
    agent = AgentClient(office.url, "1001").online()
    customer = Customer.arrives(office.url)
    customer.say(script)
    customer.post("handoff", client_id="h", text=script)
    agent.takes(customer)
    chat = customer.conversation_id
    agent.do(chat, "notes", text=script)
    agent.do(chat, "messages", client_id="a", text=script)
    for answer in (
        agent.get(f"{DESK}/chats/{chat}"),
        agent.get(f"{DESK}/chats/{chat}/messages"),
        agent.get(f"{DESK}/chats"),
    ):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert script in json.dumps(answer.json(), ensure_ascii=False), "as it was written, for text nodes"


@pytest.mark.usefixtures("everybody_pulls")
def test_the_customers_page_knows_where_things_stand(office: Running) -> None:
    agent = AgentClient(office.url, "1001").online()
    customer = Customer.arrives(office.url)

    def stands() -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{customer.path}/state", headers=customer.headers).json()
        return found

    assert stands()["owner"] == "bot"
    customer.post("handoff", client_id="h")
    assert (stands()["owner"], stands()["place"]) == ("queue", 1)
    agent.takes(customer)
    assert (stands()["owner"], stands()["agent"]) == ("human", "1001")
    assert customer.post("rating", stars=5).status_code == 404, "not invited yet"
    agent.do(customer.conversation_id, "end")
    assert stands()["rating"]["agent"] == "1001"
    assert customer.post("rating", stars=6).status_code == 422
    rated = customer.post("rating", stars=4, reasons=["态度热情"], text="谢谢，电话 13812345678")
    assert rated.status_code == 204
    assert customer.post("rating", stars=5).status_code == 404, "once"
    assert stands()["rating"] is None
    story = agent.get(f"{DESK}/chats/{customer.conversation_id}").json()
    assert story["rating"]["stars"] == 4
    assert "13812345678" not in story["rating"]["text"]


def test_a_message_is_left_once_and_added_to(office: Running) -> None:
    customer = Customer.arrives(office.url)
    first = customer.post("leave", client_id="a", text="请回电", phone="13812345678")
    assert first.status_code == 202
    (told,) = [message for message in customer.log() if message["role"] == "system"]
    (card,) = [block for block in told["blocks"] if block["type"] == "case"]
    assert "13812345678" not in json.dumps(customer.log())
    assert customer.post("leave", client_id="b", text="下午三点后方便").status_code == 202
    case = office.services.desk.cases.find(card["number"])
    assert case is not None
    assert [event.text for event in case.timeline if "下午三点" in event.text]
    state = httpx.get(f"{customer.path}/state", headers=customer.headers).json()
    assert state["left"] == {"case_number": card["number"]}
    agent = AgentClient(office.url, "1001").online()
    (left,) = agent.chats("left")
    assert left["case_number"] == card["number"]
    revealed = agent.do(customer.conversation_id, "reveal", field="contact", reason="按留言回电")
    assert revealed.json()["value"] == "13812345678"
    audit = AgentClient(office.url, "4001").get(f"{DESK}/audit").json()
    assert [(entry["action"], entry["details"]["reason"]) for entry in audit] == [("desk.reveal", "按留言回电")]
    assert agent.do(customer.conversation_id, "reply-left").json()["state"] == "human"
    assert agent.chats("left") == []


@pytest.mark.usefixtures("everybody_pulls")
def test_supervisors_watch_whisper_and_take_over(office: Running) -> None:
    agent, lead = AgentClient(office.url, "1001").online(), AgentClient(office.url, "2001").online()
    customer = wants_human(office)
    chat = customer.conversation_id
    agent.takes(customer)
    assert lead.do(chat, "whisper", text="请安抚客户").status_code == 201
    (note,) = agent.get(f"{DESK}/chats/{chat}").json()["notes"]
    assert (note["kind"], note["to"]) == ("whisper", "1001")
    assert "请安抚客户" not in json.dumps(customer.log(), ensure_ascii=False)
    board = lead.get(f"{DESK}/board").json()
    assert (board["talking"], board["waiting"]) == (1, 0)
    assert lead.do(chat, "take-over", memo="我来").json()["agent"] == "2001"
    assert agent.do(chat, "messages", client_id="a", text="您好").status_code == 409
    entries = lead.get(f"{DESK}/audit", params={"conversation_id": chat}).json()
    assert {entry["action"] for entry in entries} == {"desk.whisper", "desk.take_over"}


def test_rules_and_settings_are_changed_in_the_console(office: Running) -> None:
    lead, agent = AgentClient(office.url, "2001"), AgentClient(office.url, "1001")
    agent.online()
    rule = {**RULE, "pattern": "老铁", "action": "block", "hint": "请用敬语"}
    assert lead.post(f"{DESK}/phrases", {**rule, "key": "own.one"}).status_code == 204
    assert agent.post(f"{DESK}/phrases/check", {"text": "好的老铁"}).json()["findings"][0]["key"] == "own.one"
    assert lead.request("PUT", f"{DESK}/phrases/own.one", json={**rule, "enabled": False}).status_code == 204
    assert agent.post(f"{DESK}/phrases/check", {"text": "好的老铁"}).json()["findings"] == []
    assert lead.post(f"{DESK}/phrases", {**rule, "key": "bad", "pattern": "("}).status_code == 422
    changed = lead.request("PUT", f"{DESK}/settings", json={"rules": {"desk": {"ring_s": 45}}})
    assert changed.json()["rules"]["desk"]["ring_s"] == 45
    assert agent.get(f"{DESK}/me").json()["figures"]["ring_s"] == 45
    closed = lead.request("PUT", f"{DESK}/settings", json={"hours": {"workday": [], "restday": []}})
    assert closed.status_code == 200
    customer = wants_human(office)
    assert "不是人工客服的服务时间" in said(customer.log(), "system")[-1]


@pytest.mark.asyncio
@pytest.mark.usefixtures("everybody_pulls")
async def test_the_window_gets_every_message_once_and_in_order(office: Running) -> None:
    agent = await asyncio.to_thread(lambda: AgentClient(office.url, "1001").online())
    customer = await asyncio.to_thread(wants_human, office)
    chat = customer.conversation_id
    async with agent.window(office.url) as window:
        ready = await window.until("ready")
        assert (ready["agent"]["status"], ready["chats"]) == ("online", [])
        assert (await window.until("queue"))["waiting"] == 1
        await asyncio.to_thread(agent.takes, customer)
        (mine,) = (await window.until("chats"))["chats"]
        assert mine["state"] == "human"
        await asyncio.to_thread(customer.say, "在吗")
        seen = [
            (await window.until("message"))["message"]["seq"] for _ in range(len(await asyncio.to_thread(customer.log)))
        ]
        assert seen == list(range(1, len(seen) + 1))
        async with customer.connected(last_seq=seen[-1]) as page:
            await page.until("ready")
            await window.send(type="typing", conversation_id=chat, on=True)
            assert (await page.until("typing", who="agent"))["on"] is True
            await page.send(type="typing", on=True)
            assert (await window.until("typing"))["conversation_id"] == chat
        await window.send(type="ping")
        await window.until("pong")
    await asyncio.to_thread(customer.say, "还在吗")
    async with agent.window(office.url, seen={chat: seen[-1]}) as window:
        await window.until("ready")
        again = (await window.until("message"))["message"]
        assert (again["seq"], again["blocks"][0]["text"]) == (seen[-1] + 1, "还在吗")


@pytest.mark.asyncio
async def test_strangers_and_other_sites_get_no_window(office: Running) -> None:
    address = f"{office.url}{DESK}/ws".replace("http", "ws", 1)
    trainer = await asyncio.to_thread(StaffClient, office.url, BY_ROLE["trainer"])
    cookie = "; ".join(f"{name}={value}" for name, value in trainer.http.cookies.items())
    agent = await asyncio.to_thread(StaffClient, office.url, BY_ROLE["agent"])
    good = "; ".join(f"{name}={value}" for name, value in agent.http.cookies.items())
    for headers, closed in (
        ({}, 4401),
        ({"Cookie": "nuoyan_staff=invented"}, 4401),
        ({"Cookie": cookie}, 4403),
        ({"Cookie": good, "Origin": "https://evil.example"}, 4403),
    ):
        async with websockets.connect(address, extra_headers=headers) as raw:
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    await asyncio.wait_for(raw.recv(), 10)
            assert raw.close_code == closed


AGENTS, READERS = ("agent", "supervisor"), ("agent", "supervisor", "auditor", "admin")
WATCHERS, LEADS = ("supervisor", "auditor", "admin"), ("supervisor", "admin")
CHAT = f"{DESK}/chats/{{id}}"
CANNED = {"title": "x", "category": "x", "text": "x"}
RULE = {"kind": "regex", "pattern": "x", "action": "warn", "hint": "x"}

# method, path, body, roles permitted, status for them when the chat is somebody else's or there is none
MATRIX: list[tuple[str, str, Any, tuple[str, ...], set[int]]] = [
    ("GET", f"{DESK}/me", None, AGENTS, {200}),
    ("PUT", f"{DESK}/me/status", {"status": "busy"}, AGENTS, {200}),
    ("POST", f"{DESK}/me/beat", None, AGENTS, {204}),
    ("GET", f"{DESK}/agents", None, AGENTS, {200}),
    ("GET", f"{DESK}/queue", None, READERS, {200}),
    ("GET", f"{DESK}/chats", None, READERS, {200}),
    ("GET", f"{DESK}/chats?scope=all", None, ("supervisor", "auditor", "admin"), {200}),
    ("POST", f"{DESK}/next", None, AGENTS, {409}),
    ("GET", CHAT, None, READERS, {404}),
    ("GET", f"{CHAT}/messages", None, READERS, {404}),
    ("POST", f"{CHAT}/claim", None, AGENTS, {409}),
    ("POST", f"{CHAT}/decline", None, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/messages", {"client_id": "a", "text": "您好"}, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/notes", {"text": "x"}, AGENTS, {404}),
    ("POST", f"{CHAT}/transfer", {"skill": "card", "memo": "x"}, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/transfer/accept", None, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/transfer/decline", None, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/transfer/cancel", None, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/consult", {"to_agent": "1002", "text": "x"}, AGENTS, {404}),
    ("POST", f"{CHAT}/propose-bot", {}, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/end", None, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/disposition", {"code": "solved"}, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/left-done", {}, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/reply-left", None, AGENTS, {404, 409}),
    ("POST", f"{CHAT}/reveal", {"field": "contact", "reason": "回拨客户"}, AGENTS, {404}),
    ("GET", f"{CHAT}/suggestions", None, AGENTS, {404}),
    ("POST", f"{DESK}/phrases/check", {"text": "x"}, AGENTS, {200}),
    ("GET", f"{DESK}/canned", None, AGENTS, {200}),
    ("GET", f"{DESK}/board", None, WATCHERS, {200}),
    ("POST", f"{CHAT}/whisper", {"text": "x"}, LEADS, {404}),
    ("POST", f"{CHAT}/take-over", {}, ("supervisor",), {404, 409}),
    ("GET", f"{DESK}/alarms", None, LEADS, {200}),
    ("POST", f"{DESK}/alarms/{{id}}/seen", None, LEADS, {404}),
    ("POST", f"{DESK}/alarms/{{id}}/step-in", None, ("supervisor",), {404}),
    ("GET", f"{DESK}/canned/all", None, LEADS, {200}),
    ("POST", f"{DESK}/canned", {**CANNED, "key": "hello"}, LEADS, {409}),
    ("PUT", f"{DESK}/canned/{{key}}", CANNED, LEADS, {404}),
    ("DELETE", f"{DESK}/canned/{{key}}", None, LEADS, {404}),
    ("GET", f"{DESK}/phrases", None, WATCHERS, {200}),
    ("POST", f"{DESK}/phrases", {**RULE, "key": "rude.next"}, LEADS, {409}),
    ("PUT", f"{DESK}/phrases/{{key}}", RULE, LEADS, {404}),
    ("DELETE", f"{DESK}/phrases/{{key}}", None, LEADS, {404}),
    ("GET", f"{DESK}/settings", None, WATCHERS, {200}),
    ("PUT", f"{DESK}/settings", {"rules": {"desk": {"ring_s": 0}}}, LEADS, {422}),
    ("GET", f"{DESK}/audit", None, WATCHERS, {200}),
    ("GET", f"{DESK}/webhooks", None, ("admin",), {200}),
    ("POST", f"{DESK}/webhooks", {"url": "ftp://x", "events": []}, ("admin",), {422}),
    ("DELETE", f"{DESK}/webhooks/{{webhook_id}}", None, ("admin",), {404}),
    ("GET", f"{DESK}/webhooks/deliveries", None, ("admin",), {200}),
]


def test_every_route_of_the_desk_stands_in_the_matrix(office: Running) -> None:
    documented = {
        (method.upper(), path)
        for path, methods in office.app.openapi()["paths"].items()
        if path.startswith(DESK)
        for method in methods
    }
    listed = {(method, path.partition("?")[0].replace("{id}", "{conversation_id}")) for method, path, *_ in MATRIX}
    assert documented == listed


def test_who_may_do_what(office: Running) -> None:
    clients = {role: StaffClient(office.url, BY_ROLE[role]) for role in ROLES}
    bot_chat = Customer.arrives(office.url).conversation_id
    for method, path, body, permitted, statuses in MATRIX:
        for conversation_id in ("nobody", "'; DROP TABLE x", bot_chat):
            address = path.replace("{id}", conversation_id).replace("{key}", "none")
            assert httpx.request(method, f"{office.url}{address}", json=body).status_code == 401, address
            for role, client in clients.items():
                answer = client.request(method, address, json=body)
                wanted = statuses if role in permitted else {403}
                assert answer.status_code in wanted, (role, method, address, answer.status_code, answer.text)
                if method != "GET":
                    assert client.request(method, address, json=body, headers={}).status_code == 403, "without CSRF"
