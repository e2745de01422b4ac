"""Searching and reading the knowledge over HTTP: public, bounded, and without the assistant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks import Reply
from bot.knowledge.search import LONGEST_QUERY
from tests.server.test_api import code
from tests.support.running import Customer, Running, running, settings_for
from tests.support.standin import StandIn, replies, reply


@pytest.fixture(scope="module")
def web(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30.0) as client:
        yield client


def found(web: httpx.Client, query: str | None = None, **more: Any) -> list[dict[str, Any]]:
    params = {**({} if query is None else {"q": query}), **more}
    answer = web.get("/api/knowledge/search", params=params)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_that_a_search_leads_to_answers_with_their_sources(web: httpx.Client) -> None:
    first = found(web, "guashi")[0]
    assert set(first) == {"topic", "title", "aspect", "short"}
    assert (first["topic"], first["title"]) == ("card.loss", "挂失与解挂")
    topic = web.get(f"/api/knowledge/topics/{first['topic']}").json()
    told = {answer["aspect"]: answer for answer in topic["answers"]}
    assert next(iter(told)) == "overview" and {"how", "materials", "time", "fee"} <= set(told)
    assert told["how"]["title"] == "办理步骤" and told["how"]["question"] == "挂失与解挂怎么办理"
    for answer in topic["answers"]:
        Reply.parse_obj({"blocks": answer["blocks"]})
        assert answer["blocks"][0]["type"] == "text" and answer["blocks"][-1]["type"] == "citation"
    assert first["short"] == told[first["aspect"]]["blocks"][0]["text"]
    assert {"topic": "card.replace", "title": "补卡与换卡"} in topic["related"]


def test_that_a_section_of_the_standard_can_be_read_too(web: httpx.Client) -> None:
    topic = web.get("/api/knowledge/topics/std.6.2").json()
    assert [answer["title"] for answer in topic["answers"]] == [topic["title"]]
    assert topic["answers"][0]["question"].startswith(topic["title"])


def test_that_nothing_found_is_an_empty_list(web: httpx.Client) -> None:
    assert found(web, "🙂") == []


@pytest.mark.parametrize("name", ["card.swap", "..", "card.loss%00", "%2e%2e%2fsources", "卡"])
def test_that_an_unknown_topic_is_not_found(web: httpx.Client, name: str) -> None:
    answer = web.get(f"/api/knowledge/topics/{name}")
    assert answer.status_code == 404
    assert code(answer) in {"topic_not_found", "page_not_found"}


@pytest.mark.parametrize("params", [{"q": "长" * (LONGEST_QUERY + 1)}, {"limit": 0}, {"limit": 10_000}, {"limit": "x"}])
def test_that_what_is_too_long_or_too_much_is_refused(web: httpx.Client, params: dict[str, Any]) -> None:
    answer = web.get("/api/knowledge/search", params=params)
    assert (answer.status_code, code(answer)) == (422, "invalid_request")
    assert web.get("/api/knowledge/topics/" + "x" * 65).status_code == 422


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(query=st.text(max_size=LONGEST_QUERY, alphabet=st.characters(blacklist_categories=("Cs",))))
def test_that_any_text_is_answered(web: httpx.Client, query: str) -> None:
    found(web, query)


@pytest.mark.parametrize("raw", ["q=%ff%fe", "q=%00", "q=%ED%A0%80", "q", "q=a&q=b", "limit=3&x=1"])
def test_that_bytes_which_are_no_text_do_no_harm(web: httpx.Client, raw: str) -> None:
    assert web.get(f"/api/knowledge/search?{raw}").status_code == 200


INJECTIONS = ["<script>alert(1)</script>", "' OR 1=1 --", "/restart", "挂失<img src=x onerror=alert(1)>", "{{7*7}}"]


@pytest.mark.parametrize("query", INJECTIONS)
def test_that_what_is_typed_is_searched_for_and_never_repeated(web: httpx.Client, query: str) -> None:
    answer = web.get("/api/knowledge/search", params={"q": query})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not any(piece in answer.text for piece in ("<", "OR 1=1", "restart", "7*7", "49"))


def test_that_reading_needs_no_assistant(web: httpx.Client, standin: StandIn) -> None:
    standin.gate()  # nobody answers from now on
    assert found(web, "挂失")[0]["topic"] == "card.loss"
    assert web.get("/api/knowledge/topics/card.loss").status_code == 200
    assert standin.questions == []


def test_that_what_customers_ask_most_comes_first(standin: StandIn, tmp_path: Path) -> None:
    async def routed(question: dict[str, Any]) -> Any:
        routing = {"act": "ask", "topic": question["text"], "aspect": "how", "confidence": 0.9}
        return replies(reply("好的", routing=routing))

    standin.answer = routed
    with running(settings_for(tmp_path, standin.url)) as other, httpx.Client(base_url=other.url) as client:
        customer = Customer.arrives(other.url)
        for asked in ("fx.quota", "wealth.risk", "fx.quota", "no.such.topic"):
            customer.say(asked)
        while len(customer.log()) < 9:
            pass
        listed = [hit["topic"] for hit in found(client)]
        assert listed[:3] == ["fx.quota", "wealth.risk", "card.loss"]
        assert "no.such.topic" not in listed and len(listed) == 12


def test_that_an_address_cannot_ask_without_end(standin: StandIn, tmp_path: Path) -> None:
    with running(settings_for(tmp_path, standin.url, rate_per_minute=1)) as other:
        codes = [httpx.get(f"{other.url}/api/knowledge/search?q=a").status_code for _ in range(21)]
        assert codes == [200] * 20 + [429]
        refused = httpx.get(f"{other.url}/api/knowledge/topics/card.loss")
        assert code(refused) == "rate_limited" and int(refused.headers["retry-after"]) > 0


def test_that_only_the_banks_own_pages_may_read_it(web: httpx.Client) -> None:
    for origin, allowed in (("https://bank.example", "https://bank.example"), ("https://evil.example", None)):
        answer = web.get("/api/knowledge/search", headers={"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert answer.headers["cache-control"] == "no-store"


def test_that_rules_are_read_as_of_the_banks_day(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fees() -> str:
        topic = web.get("/api/knowledge/topics/credit.report").json()
        return json.dumps([a["blocks"] for a in topic["answers"] if a["aspect"] == "fee"], ensure_ascii=False)

    monkeypatch.setattr("bot.chat.knowledge_routes.Reading.today", lambda _self: date(2026, 6, 30))
    assert "上半年额外免费" in fees()
    monkeypatch.setattr("bot.chat.knowledge_routes.Reading.today", lambda _self: date(2026, 7, 1))
    assert "上半年额外免费" not in fees() and "已经结束" in fees()
