"""Developers read one-time codes in their terminal."""

from __future__ import annotations

import asyncio

import pytest

from bot.identity.build import build_identity
from bot.processes.shown_codes import show_codes
from bot.settings import Settings
from bot.store.database import Database
from tests.chat.conftest import Node


@pytest.mark.asyncio
async def test_that_each_code_is_said_once(sqlite_url: str) -> None:
    settings = Settings(database_url=sqlite_url)
    node = Node.on(sqlite_url)
    conversation_id = node.opened()
    said: asyncio.Queue[str] = asyncio.Queue()
    watching = asyncio.create_task(show_codes(settings, said.put_nowait, every_s=0.01))
    database = Database(sqlite_url)
    codes = build_identity(settings, database).codes
    code = await asyncio.to_thread(codes.issue, conversation_id, "NY261126-AAAAAA-A")
    assert code in await asyncio.wait_for(said.get(), 10)
    second = await asyncio.to_thread(codes.issue, conversation_id, "NY261126-BBBBBB-B")
    line = await asyncio.wait_for(said.get(), 10)
    assert second in line and "NY261126-BBBBBB-B" in line
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert said.empty()
    database.close()
    node.database.close()
