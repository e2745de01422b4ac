"""What the server itself says: the welcome and honest words about failures; `bot.desk.wording` has the desk's."""

from __future__ import annotations

from bot.blocks import Button, ButtonsBlock, HandoffBlock, NoticeBlock, Reply, TextBlock
from bot.chat.bank_values import BankValues

HANDOFF_SKILL = "general"
HUMAN_PLEASE = "我要转人工"

_COMMON = (
    ("银行卡丢了怎么挂失", "card.loss", "how"),
    ("转账限额是多少", "transfer.limit", "limit"),
    ("补卡换卡怎么办", "card.replace", "how"),
    ("在哪里投诉", "complaint.channel", "where"),
    ("网点几点营业", "branch.hours", "time"),
)


def welcome(bank: BankValues) -> Reply:
    """The first message: says that it is a bot, that the talk is recorded, and what never to send."""
    return Reply(
        blocks=[
            TextBlock(
                text=f"您好，我是{bank.name}智能客服（机器人）。请直接用平常的话说出您的问题，"
                "我会告诉您答案和依据；需要人工时，随时点「转人工」。"
            ),
            NoticeBlock(
                kind="bot",
                text="为保障服务质量，本次会话会被记录。请不要发送密码、验证码、完整卡号或证件号码，"
                "我们的工作人员也不会向您索要密码和验证码。",
            ),
            ButtonsBlock(
                title="您可能想问",
                buttons=[
                    Button(title=title, payload={"topic": topic, "aspect": aspect}) for title, topic, aspect in _COMMON
                ],
            ),
        ]
    )


def _urgent(bank: BankValues) -> str:
    return f"如遇银行卡丢失、被盗或正在被骗等紧急情况，请立即拨打挂失电话 {bank.loss_line}。"


def failure(bank: BankValues) -> Reply:
    """The assistant did not answer: say so and offer a human."""
    return Reply(
        blocks=[
            NoticeBlock(
                kind="system",
                text="非常抱歉，系统暂时没能回答您刚才的问题。您可以稍后再发一次，也可以转人工服务。" + _urgent(bank),
            ),
            _human_offered("assistant_unavailable", bank),
        ]
    )


def stale(bank: BankValues) -> Reply:
    """A message that could not be answered in time because the service was interrupted."""
    return Reply(
        blocks=[
            NoticeBlock(
                kind="system",
                text="非常抱歉，服务刚才中断，您这条消息没能及时得到答复。如果还需要帮助，请再发一次，或转人工服务。"
                + _urgent(bank),
            ),
            _human_offered("service_interrupted", bank),
        ]
    )


def _human_offered(reason: str, bank: BankValues) -> HandoffBlock:
    text = f"可以为您转人工：点「转人工」，或拨打客服热线 {bank.hotline}（{bank.hotline_hours}）。"
    return HandoffBlock(state="offered", reason=reason, priority="normal", skill=HANDOFF_SKILL, text=text)
