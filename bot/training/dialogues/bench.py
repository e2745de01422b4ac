"""What a conversation needs beside the chat itself: cases, codes, agents at the desk, time that passes."""

from __future__ import annotations

from typing import Protocol

from bot.training.dialogues.client import Opened
from bot.training.dialogues.schema import Before, Dialogue


class NotYetAvailable(Exception):
    """Something this installation cannot do so far; the argument says what, in Chinese."""


class Bench(Protocol):
    """Prepares the world around one conversation and acts in it."""

    def lacks(self, dialogue: Dialogue) -> list[str]:
        """Return what a conversation needs and this bench cannot give, in Chinese."""

    async def prepare(self, dialogue: Dialogue, opened: Opened) -> dict[str, str]:
        """Set up fixtures, desk and identity; return the values of the placeholders."""

    async def step(self, opened: Opened, step: Before) -> None:
        """Let happen what happens before a turn."""

    async def code(self, opened: Opened) -> str:
        """Return the one-time code that was issued to the customer.

        Raises:
            NotYetAvailable: codes are not issued.
        """


class ChatOnly:
    """The bench of an installation without cases, identity and desk: nobody is ever there but the bot."""

    def lacks(self, dialogue: Dialogue) -> list[str]:
        """Return what only cases, identity or the desk could give."""
        names = set().union(*(turn.placeholders for turn in dialogue.turns))
        steps = [step for turn in dialogue.turns for step in turn.before]
        needs = {
            "已核验的身份（identity: verified）": dialogue.channel.identity == "verified",
            f"坐席台（desk: {dialogue.channel.desk}）": dialogue.channel.desk not in (None, "no_agents"),
            "预置工单（fixtures.cases）": bool(dialogue.fixtures.cases),
            "来访记录（fixtures.visits_24h）": dialogue.fixtures.visits_24h > 0,
            "坐席的动作（before: agent_…）": any(step.silence_s is None for step in steps),
            "静默计时（before: silence_s）": any(step.silence_s is not None for step in steps),
            "工单编号": any(name.startswith("case") for name in names),
            "一次性验证码（{otp}）": "otp" in names,
        }
        return [name for name, needed in needs.items() if needed]

    async def prepare(self, dialogue: Dialogue, opened: Opened) -> dict[str, str]:
        """There is nothing to set up."""
        return {}

    async def step(self, opened: Opened, step: Before) -> None:
        """Refuse; `lacks` has said so before."""
        raise NotYetAvailable("坐席的动作和静默计时")

    async def code(self, opened: Opened) -> str:
        """Refuse: nobody issues codes."""
        raise NotYetAvailable("一次性验证码")
