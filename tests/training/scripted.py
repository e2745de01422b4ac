"""A small bank server in memory: it answers each text as scripted, through the customer API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Union

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.training.dialogues.client import CustomerClient

Json = dict[str, Any]
Answer = Union[Json, JSONResponse, None]
Script = Mapping[str, Union[Answer, list[Any]]]


def reply(*texts: str, blocks: tuple[Json, ...] = (), role: str = "bot", **routing: Any) -> Json:
    """A message with text blocks, further blocks and a routing."""
    message: Json = {
        "role": role,
        "blocks": [{"type": "text", "text": text} for text in texts] + list(blocks),
    }
    return {**message, "routing": routing} if routing else message


PROBED = reply("在手机银行里调。", act="ask", topic="transfer.limit", aspect="how", decision="answer")


class ScriptedServer:
    """Keeps conversations; a text that is not scripted gets ``otherwise``, None means no reply at all."""

    def __init__(self, script: Script, otherwise: Answer = None, store: Callable[[str], str] = str) -> None:
        self.script = {"转账限额怎么调": PROBED, **script}
        self.otherwise = otherwise
        self.store = store
        self.opened: list[Json] = []
        self.sent: list[bytes] = []
        self.addresses: list[str] = []
        self.logs: dict[str, list[Json]] = {}
        self.app = Starlette(
            routes=[
                Route("/api/conversations", self._open, methods=["POST"]),
                Route("/api/conversations/{name}/messages", self._send, methods=["POST"]),
                Route("/api/conversations/{name}/messages", self._read, methods=["GET"]),
            ]
        )

    def client(self, reply_within_s: float = 0.3) -> CustomerClient:
        return CustomerClient("http://bank.test", httpx.ASGITransport(self.app), reply_within_s)

    async def _open(self, request: Request) -> JSONResponse:
        self.opened.append(await request.json())
        self.addresses.append(request.headers["x-forwarded-for"])
        name = f"c{len(self.opened)}"
        self.logs[name] = []
        welcome = self._append(name, reply("您好，我是机器人。"))
        return JSONResponse({"conversation_id": name, "token": f"t-{name}", "messages": [welcome]}, status_code=201)

    async def _send(self, request: Request) -> JSONResponse:
        name = request.path_params["name"]
        assert request.headers["authorization"] == f"Bearer t-{name}"
        self.sent.append(await request.body())
        body = await request.json()
        scripted = self.script.get(body["text"], self.otherwise)
        if isinstance(scripted, list):
            scripted = scripted.pop(0)
        if isinstance(scripted, JSONResponse):
            return scripted
        own = self._append(name, reply(self.store(body["text"]), role="customer"))
        if scripted is not None:
            for message in scripted.get("all", [scripted]):
                self._append(name, message)
        return JSONResponse({"seq": own["seq"], "client_id": body["client_id"], "masked": []}, status_code=202)

    async def _read(self, request: Request) -> JSONResponse:
        log = self.logs[request.path_params["name"]]
        after = int(request.query_params["after"])
        return JSONResponse({"messages": [one for one in log if one["seq"] > after], "last_seq": len(log)})

    def _append(self, name: str, message: Json) -> Json:
        numbered = {"seq": len(self.logs[name]) + 1, **message}
        self.logs[name].append(numbered)
        return numbered
