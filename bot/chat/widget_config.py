"""What the widget's frame needs to know of the bank before a conversation begins."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from bot.chat.bank_values import BankValues
from bot.http.handlers import documented

LANGUAGES = ["zh-CN", "zh-TW", "en"]


class WidgetConfig(BaseModel):
    """Name, phone and hours as a customer reads them; languages of the frame."""

    bank_name: str
    hotline: str
    agent_hours: str
    languages: list[str]


def widget_router(bank: BankValues) -> APIRouter:
    """Return ``GET /api/widget/config``; public, the same for everybody."""
    router = APIRouter(tags=["页面"])
    config = WidgetConfig(bank_name=bank.name, hotline=bank.hotline, agent_hours=bank.agent_hours, languages=LANGUAGES)

    @router.get("/api/widget/config", summary="小窗的名称、热线与服务时间", responses=documented())
    async def widget_config() -> WidgetConfig:
        return config

    return router
