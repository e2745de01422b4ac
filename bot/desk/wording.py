"""What the desk says to customers: waiting, leaving a message, who is speaking, courtesies, return to the bot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.blocks import Block, Button, ButtonsBlock, CaseBlock, HandoffBlock, NoticeBlock, RatingBlock, Reply, TextBlock
from bot.cases.views import case_block
from bot.chat.bank_values import BankValues
from bot.desk.hours import Hours
from bot.desk.records import Arranged, Ask, Handoff, Unavailable, Waiting

YES_TO_BOT, NO_TO_BOT, CANCEL, LEAVE = "to_bot", "stay", "cancel", "leave"


@dataclass(frozen=True)
class Speaker:
    """The desk's words for this bank."""

    bank: BankValues
    hours: Hours

    def arranged(self, arranged: Arranged, at: datetime) -> list[Block]:
        """What became of a wish for a person: a place in the queue, or a message that is left."""
        if arranged.waiting is not None:
            opening = "您已在排队中，" if arranged.again else "正在为您转接人工客服，"
            return [
                _handoff(arranged.ask, "queued", f"{opening}之前的对话会一并交给坐席，您不用重复说明。"),
                NoticeBlock(kind="queue", text=place_told(arranged.waiting)),
                *([] if arranged.again else [waiting_choices()]),
            ]
        return self.left(arranged, at)

    def left(self, arranged: Arranged, at: datetime) -> list[Block]:
        """Nobody can come: why, when somebody will, and what to do in an emergency."""
        text = f"{self._why(arranged.unavailable or 'no_agents')}{self._when(at)}"
        blocks: list[Block] = [_handoff(arranged.ask, "message", text)]
        if arranged.ask.urgent:
            blocks.insert(0, NoticeBlock(kind="system", text=self.emergency()))
        return [*blocks, *_receipt(arranged, at)]

    def emergency(self) -> str:
        """The numbers that help at any hour (`GB/T 47746—2026 4.1`)."""
        return (
            f"情况紧急请不要等待：账户安全请立即拨打挂失电话 {self.bank.loss_line}；"
            "被骗或有人身危险请拨打 110，反诈咨询拨打 96110，需要急救拨打 120。"
        )

    def _why(self, unavailable: Unavailable) -> str:
        return {
            "off_hours": f"现在不是人工客服的服务时间（{self.bank.agent_hours}）。",
            "no_agents": "非常抱歉，人工客服暂时都不在线。",
            "queue_full": "非常抱歉，现在排队的客户较多，暂时排不上。",
        }[unavailable]

    def _when(self, at: datetime) -> str:
        opens = self.hours.opens_after(at)
        since = "服务时间内" if opens is None or opens <= at else f"{self.hours.told(opens, at)}起"
        return (
            "已为您登记留言，之前的对话会一并转给坐席，您不用重复说明。人工客服会在服务时间"
            f"（{self.bank.agent_hours}）内、{since}按先后顺序在本会话中答复您。您可以继续补充；"
            f"不想等候，可拨打客服热线 {self.bank.hotline}（{self.bank.hotline_hours}）。"
        )

    def long_wait(self, handoff: Handoff, waiting: Waiting) -> Reply:
        """Sorry for the wait, and other ways out."""
        text = "让您久等了，非常抱歉。您可以继续等候，也可以留言由坐席稍后答复您。"
        return Reply(
            blocks=[NoticeBlock(kind="wait", text=text + place_told(waiting)), waiting_choices(), _again(handoff)]
        )

    def chose_to_leave(self, arranged: Arranged, at: datetime) -> list[Block]:
        """Who waited prefers to leave a message."""
        text = f"好的，已为您改为留言。{self._when(at)}"
        return [_handoff(arranged.ask, "message", text), *_receipt(arranged, at)]

    def nobody_left(self, arranged: Arranged, at: datetime) -> Reply:
        """Who waits hears that nobody is at the desk any more."""
        return Reply(blocks=self.left(arranged, at))


def _receipt(arranged: Arranged, at: datetime) -> list[Block]:
    """The case that a left message has become: its number and its deadline."""
    return [] if arranged.case is None else [CaseBlock.parse_obj(case_block(arranged.case, "created", at))]


def place_told(waiting: Waiting) -> str:
    """Place and estimate in words (`GB/T 47746—2026 5.1.1`)."""
    minutes = math.ceil(waiting.wait_s / 60)
    estimate = "不到 1 分钟" if waiting.wait_s < 60 else f"约 {minutes} 分钟"
    if waiting.place <= 1:
        return f"您排在第 1 位，预计等候{estimate}。"
    return f"您前面还有 {waiting.place - 1} 位客户在等候，预计等候{estimate}。"


def waiting_choices() -> ButtonsBlock:
    """What a waiting customer can do."""
    return ButtonsBlock(
        buttons=[
            Button(title="改为留言", payload={"desk": LEAVE}),
            Button(title="不等了，先问智能客服", payload={"desk": CANCEL}),
        ]
    )


def heard_waiting(handoff: Handoff, waiting: Waiting, urgent_words: str | None = None) -> Reply:
    """A message of somebody who waits has arrived."""
    text = f"您的消息已收到，会一并交给坐席。{place_told(waiting)}"
    blocks: list[Block] = [_handoff(_ask_of(handoff), "queued", text)]
    if urgent_words is not None:
        blocks.insert(0, NoticeBlock(kind="system", text=urgent_words))
    return Reply(blocks=blocks)


def heard_by_agent(handoff: Handoff) -> Reply:
    """A message to an agent has arrived."""
    return Reply(blocks=[_handoff(_ask_of(handoff), "queued", f"消息已送达人工客服（工号 {handoff.agent_no}）。")])


def agent_joined(handoff: Handoff) -> Reply:
    """Who is speaking now (`GB/T 47746—2026 5.2.1`)."""
    text = f"人工客服（工号 {handoff.agent_no}）为您服务，已看到您之前的对话，不用重复说明。"
    return Reply(blocks=[NoticeBlock(kind="human", text=text)])


def agent_changed(agent_no: str) -> Reply:
    """Another agent goes on."""
    text = f"现由人工客服（工号 {agent_no}）继续为您服务，前面的情况已经交接，不用重复说明。"
    return Reply(blocks=[NoticeBlock(kind="human", text=text)])


def back_in_queue(handoff: Handoff, waiting: Waiting) -> Reply:
    """The agent is gone or hands on to another team: the customer waits at the front."""
    text = f"非常抱歉，正在为您安排另一位人工客服，已优先排队。{place_told(waiting)}"
    return Reply(blocks=[NoticeBlock(kind="queue", text=text), _again(handoff)])


def still_there(step: int, last: bool) -> Reply:
    """Two courteous steps before a silent talk ends (`GB/T 47746—2026 7.1`)."""
    text = "请问您还在吗？还有需要，随时告诉我。" if step == 1 else "暂时没有收到您的消息。"
    if last:
        text += "如果没有其他需要，稍后将为您结束本次人工服务，您随时可以再来。"
    return Reply(blocks=[NoticeBlock(kind="human", text=text)])


def ended(silent: bool, rate: bool) -> Reply:
    """The talk with a person is over; a rating is invited once (`GB/T 47746—2026 7.2`)."""
    why = "由于较长时间没有收到您的消息，" if silent else ""
    text = (
        f"{why}本次人工服务已结束，感谢您的咨询。之后的消息将先由智能客服（机器人）为您解答，"
        "需要人工时随时点「转人工」。"
    )
    blocks: list[Block] = [NoticeBlock(kind="system", text=text)]
    if rate:
        blocks.append(RatingBlock(title="请为本次人工服务评分"))
    return Reply(blocks=blocks)


def may_bot_go_on(agent_no: str) -> Reply:
    """Ask whether the bot may go on (`GB/T 47746—2026 5.2.3`)."""
    return Reply(
        blocks=[
            TextBlock(
                text="您的问题如果已经处理好，后面的咨询可以转回智能客服（机器人）继续为您解答。"
                f"您同意转回吗？不同意的话，人工客服（工号 {agent_no}）会继续为您服务。"
            ),
            ButtonsBlock(
                buttons=[
                    Button(title="好的", payload={"desk": YES_TO_BOT}),
                    Button(title="不用", payload={"desk": NO_TO_BOT}),
                ]
            ),
        ]
    )


def bot_goes_on(rate: bool) -> Reply:
    """The customer agreed: the bot is back."""
    text = "好的，已转回智能客服（机器人），请直接说您的问题。需要人工时，随时点「转人工」。"
    blocks: list[Block] = [NoticeBlock(kind="bot", text=text)]
    if rate:
        blocks.append(RatingBlock(title="请为刚才的人工服务评分"))
    return Reply(blocks=blocks)


def agent_goes_on(handoff: Handoff) -> Reply:
    """The customer did not agree."""
    text = f"好的，人工客服（工号 {handoff.agent_no}）继续为您服务。"
    return Reply(blocks=[NoticeBlock(kind="human", text=text), _again(handoff)])


def not_waiting_any_more() -> Reply:
    """The customer left the queue."""
    text = "好的，已为您取消排队，由智能客服（机器人）继续为您解答。需要人工时，随时点「转人工」。"
    return Reply(blocks=[NoticeBlock(kind="bot", text=text)])


def nothing_to_choose() -> Reply:
    """A button of the desk whose time is over."""
    text = "这个选项已经失效。您可以直接说出您的问题，需要人工时随时点「转人工」。"
    return Reply(blocks=[NoticeBlock(kind="bot", text=text)])


def with_agent_already(handoff: Handoff) -> Reply:
    """Asked for a person while one is there."""
    text = f"人工客服（工号 {handoff.agent_no}）正在为您服务，请直接说您的问题。"
    return Reply(blocks=[_handoff(_ask_of(handoff), "queued", text)])


def secret_masked() -> NoticeBlock:
    """What was sent and should not have been (`GB/T 47746—2026 5.2.2.6 c`)."""
    return NoticeBlock(
        kind="system",
        text="为了您的资金安全，您刚才发送的卡号、证件号、密码或验证码等内容已经遮蔽，没有保存原文。"
        "请不要在对话中发送这类信息，本行工作人员也不会向您索要密码和验证码。",
    )


def stepped_in(ask: Ask) -> list[Block]:
    """A supervisor saw that the bot does not help: a person is offered, the customer decides."""
    text = "看起来智能客服没能很好地帮到您，非常抱歉。如果您愿意，可以由人工客服继续为您处理。"
    return [NoticeBlock(kind="system", text=text), offered(ask)]


def offered(ask: Ask) -> HandoffBlock:
    """A person is offered; the customer decides."""
    return _handoff(ask, "offered", "需要的话，可以点「转人工」，由工作人员为您处理。")


def _ask_of(handoff: Handoff) -> Ask:
    return Ask(handoff.reason, handoff.clause, handoff.skill, handoff.urgent)


def _again(handoff: Handoff) -> HandoffBlock:
    return HandoffBlock(state="queued", reason=handoff.reason, priority=handoff.priority, skill=handoff.skill)


def _handoff(ask: Ask, state: Literal["offered", "queued", "message"], text: str) -> HandoffBlock:
    return HandoffBlock(
        state=state, reason=ask.reason, priority="urgent" if ask.urgent else "normal", skill=ask.skill, text=text
    )
