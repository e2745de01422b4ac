"""Chats as the console and other desks see them: plain JSON, made for many chats with few queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection

from bot.desk.moods import acts_of, mood_of
from bot.desk.records import FIRST, SKILL_NAMES, Handoff
from bot.desk.rules import DeskFigures
from bot.store import desk_tables as desk
from bot.store import tables
from bot.store.desk_tables import HUMAN, QUEUED, RINGING, WRAP_UP

NEAR = 0.8
"""Share of the time after which a chat is coloured, before it is too late."""

REASON_NAMES = {
    "customer_request": "客户要求人工",
    "bot_refused": "客户拒绝智能客服",
    "not_understood": "多次未能识别",
    "secret_shared": "涉及敏感信息",
    "secret": "涉及敏感信息",
    "danger": "紧急风险",
    "fraud_emergency": "疑似诈骗或盗刷",
    "crisis": "人身安全风险",
    "report_loss": "紧急挂失",
    "bot_timeout": "智能客服未能响应",
    "negative_emotion": "情绪激动",
    "complaint": "投诉意向",
    "dissatisfied": "对答复不满意",
    "repeat_visit": "24 小时内多次来访且不满",
    "compensation": "退款、赔偿或价格确认",
    "case_status": "查询办理进度",
    "advice_request": "需要专业意见",
    "no_answer": "知识库暂无答案",
    "low_frequency": "低频问题",
    "elder": "老年客户优先",
    "step_in": "主动介入",
}


def reason_name(reason: str) -> str:
    """The reason as agents read it."""
    return REASON_NAMES.get(reason, "其他原因")


def told(at: datetime | None) -> str | None:
    """A time as JSON has it."""
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def chat_views(
    connection: Connection, handoffs: Sequence[Handoff], at: datetime, figures: DeskFigures
) -> list[dict[str, Any]]:
    """The chats of ``handoffs``, in the same order; see ``docs/desk-api.md``."""
    if not handoffs:
        return []
    ids = list({handoff.conversation_id for handoff in handoffs})
    conversations = _conversations(connection, ids)
    last = _last_messages(connection, ids)
    unanswered = _unanswered(connection, ids)
    acts = _acts(connection, ids)
    visits = _visit_starts(connection, ids)
    views = []
    for handoff in handoffs:
        conversation = conversations[handoff.conversation_id]
        open_since = unanswered.get(handoff.conversation_id)
        views.append(
            {
                **_plain(handoff),
                "identity": conversation.identity,
                "elder": conversation.elder,
                "channel": conversation.channel,
                "clocks": _clocks(handoff, visits.get(handoff.conversation_id), at),
                "sla": _sla(handoff, open_since[1] if open_since else None, at, figures),
                "last": _shown(last.get(handoff.conversation_id)),
                "unanswered": open_since[0] if open_since else 0,
                "mood": mood_of(acts.get(handoff.conversation_id, ()), handoff.urgent),
            }
        )
    return views


def brief(handoff: Handoff) -> dict[str, Any]:
    """An earlier visit in a few words."""
    plain = _plain(handoff)
    keys = ("conversation_id", "handoff_id", "state", "reason_name", "skill_name", "agent", "requested_at", "ended_at")
    return {**{key: plain[key] for key in keys}, "disposition": handoff.disposition, "settled": handoff.settled}


def _plain(handoff: Handoff) -> dict[str, Any]:
    return {
        "conversation_id": handoff.conversation_id,
        "handoff_id": handoff.id,
        "state": handoff.state,
        "outcome": handoff.outcome,
        "reason": handoff.reason,
        "reason_name": reason_name(handoff.reason),
        "clause": handoff.clause,
        "skill": handoff.skill,
        "skill_name": SKILL_NAMES.get(handoff.skill, handoff.skill),
        "priority": handoff.priority,
        "first": handoff.rank <= FIRST,
        "agent": handoff.agent_no,
        "target_agent": handoff.target_agent,
        "requested_at": told(handoff.requested_at),
        "waiting_since": told(handoff.waiting_since),
        "ring_until": told(handoff.ring_until),
        "accepted_at": told(handoff.accepted_at),
        "first_reply_at": told(handoff.first_reply_at),
        "ended_at": told(handoff.ended_at),
        "closed_at": told(handoff.closed_at),
        "asks_consent": handoff.proposal is not None,
        "case_number": handoff.case_number,
        "disposition": handoff.disposition,
    }


def _clocks(handoff: Handoff, visit: datetime | None, at: datetime) -> dict[str, Any]:
    """The clocks bot, queue, human, wrap-up, each on its own (time with the bot is nobody's work)."""
    began = min(visit or handoff.requested_at, handoff.requested_at)
    joined = handoff.accepted_at or handoff.ended_at
    left = handoff.ended_at
    running = {QUEUED: "queue", RINGING: "queue", HUMAN: "human", WRAP_UP: "wrap_up"}.get(handoff.state)
    human = (left or at) - handoff.accepted_at if handoff.accepted_at else timedelta()
    if handoff.state in (QUEUED, RINGING) and handoff.accepted_at:
        human = max(timedelta(), handoff.waiting_since - handoff.accepted_at)
    wrap_up = (handoff.closed_at or at) - left if left and handoff.accepted_at else timedelta()
    return {
        "bot_s": _seconds(handoff.requested_at - began),
        "queue_s": _seconds((joined or at) - handoff.requested_at),
        "human_s": _seconds(human),
        "wrap_up_s": _seconds(wrap_up),
        "running": running,
    }


def _sla(handoff: Handoff, open_since: datetime | None, at: datetime, figures: DeskFigures) -> dict[str, Any] | None:
    if handoff.state in (QUEUED, RINGING):
        kind, start, limit = "accept", handoff.waiting_since, figures.sla_accept_s
    elif handoff.state == HUMAN and handoff.first_reply_at is None:
        kind, start, limit = "first_reply", handoff.accepted_at or at, figures.sla_first_reply_s
    elif handoff.state == HUMAN and open_since is not None:
        kind, start, limit = "reply", max(open_since, handoff.accepted_at or open_since), figures.sla_reply_s
    else:
        return None
    share = (at - start).total_seconds() / limit
    state = "over" if share >= 1 else "near" if share >= NEAR else "ok"
    return {"kind": kind, "state": state, "due_at": told(start + timedelta(seconds=limit))}


def _seconds(span: timedelta) -> int:
    return max(0, round(span.total_seconds()))


def _shown(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    text = next((str(block["text"]) for block in row.blocks if block.get("text")), "")
    return {"seq": row.seq, "role": row.role, "text": text[:120], "at": told(row.created_at)}


def _conversations(connection: Connection, ids: list[str]) -> dict[str, Any]:
    table = tables.conversations
    return {row.id: row for row in connection.execute(select(table).where(table.c.id.in_(ids))).all()}


def _last_messages(connection: Connection, ids: list[str]) -> dict[str, Any]:
    """The newest message of a person in each conversation; the desk's own notices are none."""
    log = tables.messages
    newest = (
        select(log.c.conversation_id, func.max(log.c.seq).label("seq"))
        .where(log.c.conversation_id.in_(ids), log.c.role.in_(("customer", "agent", "bot")))
        .group_by(log.c.conversation_id)
        .subquery()
    )
    rows = connection.execute(
        select(log).join(newest, and_(log.c.conversation_id == newest.c.conversation_id, log.c.seq == newest.c.seq))
    ).all()
    return {row.conversation_id: row for row in rows}


def _unanswered(connection: Connection, ids: list[str]) -> dict[str, tuple[int, datetime]]:
    """How many messages of the customer no person has answered, and since when."""
    log = tables.messages
    answered = (
        select(log.c.conversation_id, func.max(log.c.seq).label("seq"))
        .where(log.c.conversation_id.in_(ids), log.c.role == "agent")
        .group_by(log.c.conversation_id)
        .subquery()
    )
    rows = connection.execute(
        select(log.c.conversation_id, func.count().label("many"), func.min(log.c.created_at).label("since"))
        .outerjoin(answered, log.c.conversation_id == answered.c.conversation_id)
        .where(
            log.c.conversation_id.in_(ids),
            log.c.role == "customer",
            log.c.answer_state == tables.DESK,
            log.c.seq > func.coalesce(answered.c.seq, 0),
        )
        .group_by(log.c.conversation_id)
    ).all()
    return {row.conversation_id: (int(row.many), row.since) for row in rows}


def _acts(connection: Connection, ids: list[str]) -> dict[str, list[str]]:
    log = tables.messages
    rows = connection.execute(
        select(log.c.conversation_id, log.c.routing).where(log.c.conversation_id.in_(ids), log.c.routing.is_not(None))
    ).all()
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.conversation_id, []).extend(acts_of([row]))
    return found


def _visit_starts(connection: Connection, ids: list[str]) -> dict[str, datetime]:
    table = desk.visits
    rows = connection.execute(
        select(table.c.conversation_id, func.max(table.c.at).label("at"))
        .where(table.c.conversation_id.in_(ids))
        .group_by(table.c.conversation_id)
    ).all()
    return {row.conversation_id: row.at for row in rows}
