"""The customer's REST API."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot.chat.bank_values import read_bank_values
from tests.support.running import Customer, Running, texts
from tests.support.standin import StandIn


def code(response: httpx.Response) -> str:
    """The error's code; every error has the one form and speaks Chinese."""
    error = response.json()["error"]
    assert set(error) == {"code", "text"}
    assert any("\u4e00" <= char <= "\u9fff" for char in error["text"])
    return str(error["code"])


def raw(customer: Customer, body: str | bytes) -> httpx.Response:
    return httpx.post(
        f"{customer.path}/messages",
        content=body,
        headers={**customer.headers, "Content-Type": "application/json"},
    )


async def answered(customer: Customer, seq: int) -> dict[str, Any]:
    """The first message after ``seq`` that isn't the customer's."""
    async with customer.connected(last_seq=seq) as socket:
        while True:
            found = (await socket.until("message"))["message"]
            if found["role"] != "customer":
                return dict(found)


@pytest.mark.asyncio
async def test_from_welcome_to_answer(customer: Customer) -> None:
    (welcome,) = customer.messages
    assert (welcome["seq"], welcome["role"]) == (1, "bot")
    assert "机器人" in texts(welcome)
    assert "会话会被记录" in texts(welcome)
    sent = customer.say("卡折断了怎么换")
    assert sent.status_code == 202
    assert sent.json() == {"seq": 2, "client_id": "m0", "masked": []}
    assert texts(await answered(customer, 2)) == "回答:卡折断了怎么换"
    log = customer.log()
    assert [(message["seq"], message["role"]) for message in log] == [(1, "bot"), (2, "customer"), (3, "bot")]
    assert log[0] == welcome
    assert customer.log(after=2) == log[2:]


def test_a_retry_gets_the_same_answer_and_doubles_nothing(customer: Customer) -> None:
    answers = [customer.post("messages", client_id="same", text=text) for text in ("卡丢了", "卡丢了", "改了主意")]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert [m["client_id"] for m in customer.log() if m["role"] == "customer"] == ["same"]
    again = customer.post("handoff", client_id="same", text="x")
    assert again.json() == answers[0].json()


@pytest.mark.asyncio
async def test_a_button_is_resolved_here(customer: Customer, standin: StandIn) -> None:
    button = customer.messages[0]["blocks"][2]["buttons"][0]
    assert set(button) == {"id", "title"}
    sent = customer.post("messages", client_id="b", button_id=button["id"])
    assert sent.status_code == 202
    await answered(customer, sent.json()["seq"])
    assert standin.questions[-1]["payload"] == {"topic": "card.loss", "aspect": "how"}
    assert "text" not in standin.questions[-1]
    assert texts(customer.log()[1]) == button["title"]
    assert "card.loss" not in json.dumps([message["blocks"] for message in customer.log()][:2])


def test_buttons_of_others_invented_ones_and_both_at_once_are_refused(server: Running, customer: Customer) -> None:
    theirs = Customer.arrives(server.url).messages[0]["blocks"][2]["buttons"][0]["id"]
    for button_id in (theirs, "invented", ""):
        assert code(customer.post("messages", client_id="b", button_id=button_id)) == "unknown_button"
    mine = customer.messages[0]["blocks"][2]["buttons"][0]["id"]
    both = customer.post("messages", client_id="b", button_id=mine, text="和文字")
    assert (both.status_code, code(both)) == (422, "invalid_request")
    assert len(customer.log()) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("text", ["/restart", '/ask/card.loss{"x":1}', "EXTERNAL: x", "/"])
async def test_what_looks_like_a_command_is_text(customer: Customer, standin: StandIn, text: str) -> None:
    customer.say(text)
    await answered(customer, 2)
    assert [question["text"] for question in standin.questions] == [text]
    assert "payload" not in standin.questions[0]


BAD_MESSAGES = {
    "lone surrogate": ('{"client_id": "c", "text": "\\ud800"}', "invalid_characters"),
    "null": ('{"client_id": "c", "text": null}', "message_empty"),
    "neither": ('{"client_id": "c"}', "message_empty"),
    "empty": ('{"client_id": "c", "text": ""}', "message_empty"),
    "blank": ('{"client_id": "c", "text": " \\u3000\\n"}', "message_empty"),
    "control characters only": ('{"client_id": "c", "text": "\\u0000\\u0007\\u001b"}', "message_empty"),
    "number": ('{"client_id": "c", "text": 5}', "invalid_request"),
    "list": ('{"client_id": "c", "text": ["x"]}', "invalid_request"),
    "2,001 characters": (json.dumps({"client_id": "c", "text": "转" * 2001}), "message_too_long"),
    "20,000 characters": (json.dumps({"client_id": "c", "text": "转账" * 10_000}), "message_too_long"),
    "no client id": ('{"text": "x"}', "invalid_request"),
    "empty client id": ('{"client_id": "", "text": "x"}', "invalid_request"),
    "long client id": (json.dumps({"client_id": "c" * 65, "text": "x"}), "invalid_request"),
    "surrogate in client id": ('{"client_id": "\\ud800", "text": "x"}', "invalid_request"),
    "surrogate in button id": ('{"client_id": "c", "button_id": "\\ud800"}', "unknown_button"),
    "unknown key": ('{"client_id": "c", "text": "x", "payload": {"topic": "y"}}', "invalid_request"),
    "no object": ("[]", "invalid_request"),
    "no json": ("text=x", "invalid_request"),
    "half of it": ('{"client_id": "c"', "invalid_request"),
    "deep": ("[" * 50_000, "invalid_request"),
    "half a pair in bytes": (b'{"client_id": "c", "text": "\xed\xa0\x80"}', "invalid_characters"),
    "no UTF-8": (b'{"client_id": "c", "text": "\xff\xfe"}', "invalid_request"),
    "UTF-16 mark": (b"\xff\xfe{", "invalid_request"),
}


@pytest.mark.parametrize(("body", "expected"), BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
def test_what_is_no_message_is_refused_in_chinese(
    customer: Customer, standin: StandIn, body: str | bytes, expected: str
) -> None:
    response = raw(customer, body)
    assert 400 <= response.status_code < 500
    assert code(response) == expected
    assert len(customer.log()) == 1
    assert customer.post("messages", client_id="c", text="转账限额怎么调").status_code == 202, "goes on as before"


def test_control_characters_go_the_rest_stays(customer: Customer) -> None:
    assert customer.say("卡\u0000丢\u001b了\n怎么\t办\u202e").status_code == 202
    assert customer.say("👵" * 2000).status_code == 202
    assert [texts(message) for message in customer.log() if message["role"] == "customer"] == [
        "卡丢了\n怎么\t办",
        "👵" * 2000,
    ]


def test_strangers_and_wrong_tokens_are_answered_alike(server: Running, customer: Customer) -> None:
    other = Customer.arrives(server.url)
    attempts = [
        {"path": customer.path, "headers": {}},
        {"path": customer.path, "headers": other.headers},
        {"path": customer.path, "headers": {"Authorization": f"Bearer {customer.token[:-1]}"}},
        {"path": customer.path, "headers": {"Authorization": f"Bearer {customer.token}x"}},
        {"path": customer.path, "headers": {"Authorization": f"Basic {customer.token}"}},
        {"path": customer.path, "headers": {"Authorization": "Bearer"}},
        {"path": customer.path[:-1], "headers": customer.headers},
        {"path": f"{server.url}/api/conversations/unknown", "headers": customer.headers},
        {"path": f"{server.url}/api/conversations/%00%ED%A0%80", "headers": customer.headers},
        {"path": f"{server.url}/api/conversations/{'x' * 64}", "headers": customer.headers},
        {"path": f"{server.url}/api/conversations/%F0%9F%91%B5'--", "headers": customer.headers},
    ]
    seen = set()
    for attempt in attempts:
        for method, what, body in (
            ("GET", "messages", None),
            ("POST", "messages", {"client_id": "c", "text": "x"}),
            ("POST", "handoff", {"client_id": "c"}),
            ("POST", "feedback", {"seq": 1, "value": "up"}),
        ):
            answer = httpx.request(method, f"{attempt['path']}/{what}", json=body, headers=attempt["headers"])
            seen.add((answer.status_code, answer.text))
    assert len(seen) == 1
    status, body = seen.pop()
    assert (status, json.loads(body)["error"]["code"]) == (404, "conversation_not_found")
    assert len(customer.log()) == 1


def test_a_token_in_the_address_opens_nothing(customer: Customer) -> None:
    assert httpx.get(f"{customer.path}/messages?token={customer.token}").status_code == 404


def test_left_message_is_honest_and_final(server: Running, customer: Customer) -> None:
    bank = read_bank_values(server.settings.knowledge_dir)
    first = customer.post("handoff", client_id="h", text="请回电 卡号6222 0202 0011 2236")
    assert first.status_code == 202
    assert first.json()["masked"] != []
    assert customer.post("handoff", client_id="h", text="重发").json() == first.json()
    asked, told = customer.log(after=1)
    assert "6222" not in texts(asked)
    assert (told["role"], told["seq"]) == ("system", asked["seq"] + 1)
    handoff = next(block for block in told["blocks"] if block["type"] == "handoff")
    assert (handoff["state"], handoff["reason"]) == ("message", "customer_request")
    assert bank.agent_hours in handoff["text"]
    assert customer.post("handoff", client_id="h2").status_code == 202
    assert texts(customer.log(after=3)[0]) == "我要转人工"


def test_feedback_is_one_verdict_a_message(server: Running, customer: Customer) -> None:
    assert customer.post("feedback", seq=1, value="up").status_code == 204
    answer = customer.post("feedback", seq=1, value="down", reason="没说清,我的卡号6222020200112236")
    assert (answer.status_code, answer.content) == (204, b"")
    with server.services.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT value, reason, masked FROM feedback WHERE conversation_id = ?", (customer.conversation_id,)
        ).all()
    ((value, reason, masked),) = rows
    assert value == "down"
    assert "没说清" in reason
    assert "6222020200112236" not in reason
    assert json.loads(masked)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"seq": 2, "value": "up"}, "message_not_found"),
        ({"seq": 99, "value": "up"}, "message_not_found"),
        ({"seq": 0, "value": "up"}, "message_not_found"),
        ({"seq": 2**40, "value": "up"}, "invalid_request"),
        ({"seq": "1", "value": "up"}, "invalid_request"),
        ({"seq": True, "value": "up"}, "invalid_request"),
        ({"seq": 1, "value": "great"}, "invalid_request"),
        ({"seq": 1, "value": "down", "reason": "字" * 501}, "message_too_long"),
        ({"seq": 1}, "invalid_request"),
    ],
)
def test_feedback_on_nothing_or_without_sense(customer: Customer, body: dict[str, Any], expected: str) -> None:
    customer.say("客户自己的话")
    assert code(customer.post("feedback", **body)) == expected


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=99999999999", "limit=0", "limit=201"])
def test_reading_checks_its_bounds(customer: Customer, query: str) -> None:
    response = httpx.get(f"{customer.path}/messages?{query}", headers=customer.headers)
    assert (response.status_code, code(response)) == (422, "invalid_request")


def test_reading_gives_a_page_and_the_last_number(customer: Customer) -> None:
    for number in range(3):
        customer.post("handoff", client_id=f"h{number}")
    page = httpx.get(f"{customer.path}/messages?after=2&limit=2", headers=customer.headers).json()
    assert [message["seq"] for message in page["messages"]] == [3, 4]
    assert page["last_seq"] == 7


@pytest.mark.parametrize("body", [{"channel": "fax"}, {"elder": "yes"}, {"elder": None}, {"identity": "verified"}])
def test_a_conversation_opens_only_with_known_values(server: Running, body: dict[str, Any]) -> None:
    response = httpx.post(f"{server.url}/api/conversations", json=body)
    assert (response.status_code, code(response)) == (422, "invalid_request")


@pytest.mark.asyncio
async def test_elder_and_channel_reach_the_assistant(server: Running, standin: StandIn) -> None:
    elder = Customer.arrives(server.url, elder=True, channel="app")
    elder.say("密码是887766帮我看看")
    await answered(elder, 2)
    metadata = standin.questions[-1]["metadata"]
    assert (metadata["elder"], metadata["channel"], metadata["identity"]) == (True, "app", "anonymous")
    assert metadata["masked"] != []
    assert "887766" not in json.dumps(standin.questions, ensure_ascii=False)


@pytest.mark.parametrize(
    ("method", "path", "status", "expected"),
    [
        ("GET", "/api/nothing", 404, "page_not_found"),
        ("DELETE", "/api/conversations", 405, "method_not_allowed"),
        ("GET", "/docs", 404, "page_not_found"),
        ("GET", "/redoc", 404, "page_not_found"),
    ],
)
def test_other_addresses_answer_in_the_same_form(
    server: Running, method: str, path: str, status: int, expected: str
) -> None:
    response = httpx.request(method, server.url + path)
    assert (response.status_code, code(response)) == (status, expected)


@pytest.mark.asyncio
async def test_large_type_switched_in_mid_talk_reaches_the_assistant(customer: Customer, standin: StandIn) -> None:
    told = []
    for elder in (True, True, False):
        assert customer.post("elder", elder=elder).status_code == 204
        sent = customer.say("补卡要带什么")
        await answered(customer, sent.json()["seq"])
        told.append(standin.questions[-1]["metadata"]["elder"])
    assert told == [True, True, False]


@pytest.mark.parametrize("body", [{}, {"elder": "yes"}, {"elder": None}, {"elder": 1}, {"elder": True, "x": 1}])
def test_a_switch_of_large_type_is_checked(customer: Customer, body: dict[str, Any]) -> None:
    assert code(customer.post("elder", **body)) == "invalid_request"


def test_large_type_is_switched_by_its_own_customer_only(server: Running, customer: Customer) -> None:
    theirs = Customer.arrives(server.url)
    answer = httpx.post(f"{theirs.path}/elder", json={"elder": True}, headers=customer.headers)
    assert (answer.status_code, code(answer)) == (404, "conversation_not_found")
    assert server.services.conversations.get(theirs.conversation_id).elder is False
