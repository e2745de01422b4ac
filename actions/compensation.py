"""Demands for refunds, compensation and discounts: recorded as a case, decided by a person (GB/T 47746—2026)."""

from __future__ import annotations

from actions.services import Services, ServiceSilent
from actions.turn import Turn
from bot.cases.model import Actor, Case, CaseDraft, CaseKind
from bot.cases.views import case_block
from bot.errors import NuoyanError
from bot.knowledge.compose import Block

SUBJECT = 28


async def recorded(turn: Turn, services: Services, blocks: list[Block]) -> list[Block]:
    """Return ``blocks`` with the case that now holds the demand; without one when it could not be recorded.

    A further demand in the same conversation is added to the same case.
    """
    try:
        case, fresh = await services.call(_record, turn, services)
    except (ServiceSilent, NuoyanError):
        return blocks
    return [blocks[0], case_block(case, "created" if fresh else None), *blocks[1:]]


def _record(turn: Turn, services: Services) -> tuple[Case, bool]:
    customer = turn.metadata.get("customer")
    for case in services.cases.of_conversation(turn.conversation):
        if case.kind is CaseKind.CONSULTATION and not case.ended and case.demand:
            key = f"demand:{turn.conversation}:{turn.message}" if turn.message else None
            by = Actor.customer(customer or turn.conversation)
            return services.cases.remark(case.number, turn.text, by, key=key), False
    first = turn.text.strip()
    draft = CaseDraft(
        kind=CaseKind.CONSULTATION,
        subject=first if len(first) <= SUBJECT else f"{first[: SUBJECT - 1]}…",
        details=turn.text,
        demand=turn.text,
        customer_ref=customer,
        conversation_id=turn.conversation,
        channel=str(turn.metadata.get("channel") or "web"),
    )
    return services.cases.file(draft, f"demand:{turn.conversation}"), True
