"""Cases that a conversation test finds already there, described as leniently as people write test files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from bot.cases.days import now
from bot.cases.model import DECIDED_KINDS, Actor, Case, CaseDraft, CaseKind, CaseStatus, Outcome
from bot.cases.service import CaseService
from bot.errors import CaseError

OWN_TAIL, OTHER_TAIL = "5678", "3906"
STAFF, CHIEF = Actor.staff("1001", "测试经办"), Actor.staff("2001", "测试主管")
_AGE, _TOO_OLD = timedelta(days=3), timedelta(days=20)

_KINDS = {
    CaseKind.COMPLAINT: ("complain", "投诉"),
    CaseKind.LOSS_REPORT: ("loss", "lost", "挂失"),
    CaseKind.APPLICATION: ("appl", "loan", "card_", "account", "credit", "申请", "贷款", "办卡", "开户"),
    CaseKind.SUGGESTION: ("suggest", "praise", "建议", "表扬", "意见"),
    CaseKind.CONSULTATION: ("consult", "inquir", "question", "咨询", "compensation"),
}
_STATUSES = {
    CaseStatus.WITHDRAWN: ("withdraw", "cancel", "revoke", "撤"),
    CaseStatus.WAITING_CUSTOMER: ("wait", "need", "supplement", "补充"),
    CaseStatus.IN_REVIEW: ("review", "recheck", "核查", "复核"),
    CaseStatus.CLOSED: ("clos", "done", "finish", "complete", "办结", "完成", "关闭", "结案"),
    CaseStatus.DECIDED: ("decid", "resolv", "repli", "answer", "approv", "reject", "处理决定", "答复", "通过"),
    CaseStatus.IN_PROGRESS: (
        *("progress", "process", "accept", "investigat", "handl", "assign", "open", "extend", "overdue"),
        *("处理中", "核实", "办理中", "受理", "调查", "延长", "超期", "逾期"),
    ),
}
_SUBJECTS = {
    CaseKind.COMPLAINT: "柜面服务态度",
    CaseKind.LOSS_REPORT: "银行卡口头挂失",
    CaseKind.APPLICATION: "信用卡申请",
    CaseKind.SUGGESTION: "网点服务建议",
    CaseKind.CONSULTATION: "费用咨询",
}


@dataclass(frozen=True)
class Fixture:
    """A case as a test file describes it; whatever is missing gets a sensible value."""

    own: bool
    phone_tail: str | None = None
    kind: str | None = None
    subject: str | None = None
    holder: str | None = None
    status: str | None = None


def kind_of(text: str | None) -> CaseKind:
    """The kind that ``text`` means; a complaint when it says nothing."""
    said = (text or "").lower()
    return next((kind for kind, words in _KINDS.items() if any(word in said for word in words)), CaseKind.COMPLAINT)


def status_of(text: str | None) -> CaseStatus:
    """The status that ``text`` means; just received when it says nothing."""
    said = (text or "").lower()
    found = (status for status, words in _STATUSES.items() if any(word in said for word in words))
    return next(found, CaseStatus.RECEIVED)


def plant(service: CaseService, fixture: Fixture, customer_ref: str | None) -> Case:
    """File the case and bring it to its status.

    Args:
        customer_ref: whose conversation it is; None: an anonymous customer, who knows the phone of an own case.

    A case of somebody else belongs to another customer and has no phone that this customer could get a code on.
    """
    kind, status = kind_of(fixture.kind), status_of(fixture.status)
    late = any(word in (fixture.status or "").lower() for word in ("overdue", "超期", "逾期"))
    tail = fixture.phone_tail or (OWN_TAIL if fixture.own else OTHER_TAIL)
    subject = fixture.subject or _SUBJECTS[kind]
    draft = CaseDraft(
        kind=kind,
        subject=subject,
        details=subject,
        demand="请核实处理",
        customer_ref=customer_ref if fixture.own else "bench-somebody-else",
        contact=f"1380013{tail}" if fixture.own else "",
        phone_tail=tail,
        holder=fixture.holder or "测试客户",
        received_at=now() - (_TOO_OLD if late else _AGE),
    )
    case = service.file(draft, f"bench:{uuid4().hex}")
    try:
        return _advanced(service, case, status)
    except CaseError:  # the kind knows no such status: it stands as far as it got
        return service.find(case.number) or case


def _advanced(service: CaseService, case: Case, status: CaseStatus) -> Case:
    number = case.number
    if status is CaseStatus.RECEIVED:
        return case
    if status is CaseStatus.WITHDRAWN:
        return service.withdraw(number, Actor.customer(case.customer_ref or "bench"))
    case = service.assign(number, STAFF.id, CHIEF, name=STAFF.name)
    case = service.advance(number, CaseStatus.IN_PROGRESS, STAFF, note="已联系网点核实情况。")
    if status is CaseStatus.WAITING_CUSTOMER:
        return service.advance(number, status, STAFF, note="请补充当时的凭证。")
    if status is CaseStatus.IN_PROGRESS:
        return case
    if case.kind in DECIDED_KINDS:
        case = service.decide(number, Outcome.GRANTED, "经核实，支持您的请求。", "情况属实。", STAFF)
    if status is CaseStatus.IN_REVIEW:
        return service.recheck(number, "对处理决定有异议", Actor.customer(case.customer_ref or "bench"))
    return service.close(number, STAFF) if status is CaseStatus.CLOSED or case.kind not in DECIDED_KINDS else case
