"""What a conversation needs beside the chat itself: cases, codes, agents at the desk, time that passes."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Protocol
from uuid import uuid4

import httpx

from bot.cases.days import day_of, now
from bot.cases.number import new_number
from bot.training.dialogues.client import Opened, ServerUnusable
from bot.training.dialogues.schema import NO_SUCH_CASE, Before, Dialogue

NO_CODE = "000000"
"""Typed by a customer who did not get a code."""


class NotYetAvailable(Exception):
    """Something this installation cannot do; the argument says what, in Chinese."""


class Bench(Protocol):
    """Prepares the world around one conversation and acts in it."""

    async def token(self, dialogue: Dialogue) -> str | None:
        """Return what the bank's page would sign the customer in with; None for an anonymous one."""

    async def prepare(self, dialogue: Dialogue, opened: Opened) -> dict[str, str]:
        """Set up fixtures and desk; return the values of the placeholders."""

    async def step(self, opened: Opened, step: Before) -> None:
        """Let happen what happens before a turn."""

    async def code(self, opened: Opened) -> str:
        """Return the one-time code that the customer gets."""


class ServerBench:
    """The bench of a running development server: its routes under ``/api/bench``, from this machine only.

    Args:
        server: address of the server.
        transport: how requests travel; default: the network.

    Every method may raise `NotYetAvailable` (no development server) or
    `bot.training.dialogues.client.ServerUnusable`.
    """

    def __init__(self, server: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=server.rstrip("/"), transport=transport, timeout=30.0, trust_env=False)

    async def __aenter__(self) -> ServerBench:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def token(self, dialogue: Dialogue) -> str | None:
        """Sign a customer in who has never been here before."""
        if dialogue.channel.identity != "verified":
            return None
        found = await self._call("GET", "token", "已核验的身份", params={"customer": f"bench-{uuid4().hex}"})
        return str(found["token"])

    async def prepare(self, dialogue: Dialogue, opened: Opened) -> dict[str, str]:
        """Staff the desk, note earlier visits, file the cases."""
        state = dialogue.channel.desk or "agents_online"
        await self._call("POST", "desk", "坐席台", json={"state": state, "conversation_id": opened.id})
        values = {NO_SUCH_CASE: new_number(day_of(now()))}
        if dialogue.fixtures.visits_24h:
            count = {"count": dialogue.fixtures.visits_24h}
            await self._call("POST", f"conversations/{opened.id}/visits", "来访记录", json=count)
        for name, case in dialogue.fixtures.cases.items():
            given = case.dict(exclude_none=True)
            found = await self._call("POST", f"conversations/{opened.id}/cases", "预置工单", json=given)
            values[f"case:{name}"] = str(found["number"])
        return values

    async def step(self, opened: Opened, step: Before) -> None:
        """Let an agent act, or nobody for a while."""
        place = f"conversations/{opened.id}"
        if step.silence_s is not None:
            await self._call("POST", f"{place}/silence", "静默计时", json={"seconds": step.silence_s})
        elif step.agent_says is not None:
            await self._call("POST", f"{place}/agent-says", "坐席的话", json={"text": step.agent_says})
        elif step.agent_joins:
            await self._call("POST", f"{place}/agent-joins", "坐席接入")
        else:
            await self._call("POST", f"{place}/agent-proposes-bot", "坐席提议转回")

    async def code(self, opened: Opened) -> str:
        """Return the live code; a wrong one when none was sent to this customer."""
        try:
            found = await self._call("GET", f"conversations/{opened.id}/code", "一次性验证码")
        except NotYetAvailable:
            return NO_CODE
        return str(found["code"])

    async def _call(self, method: str, path: str, what: str, **options: Any) -> Any:
        try:
            response = await self._http.request(method, f"/api/bench/{path}", **options)
        except httpx.HTTPError as error:
            raise ServerUnusable(f"连不上服务端 {self._http.base_url}（{type(error).__name__}）") from error
        if response.is_success:
            return response.json() if response.content else None
        raise NotYetAvailable(f"{what}（测试台答复 {response.status_code}，只有本机的开发环境才有测试台）")
