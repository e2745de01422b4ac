"""Everything a customer or an agent reads about a case, in one place."""

from __future__ import annotations

from datetime import date

from bot.cases.days import chinese_date
from bot.cases.model import (
    Case,
    CaseKind,
    CaseStatus,
    Deadline,
    DeadlineKind,
    DeadlineState,
    Outcome,
    Remedy,
)

KINDS = {
    CaseKind.COMPLAINT: "投诉",
    CaseKind.CONSULTATION: "咨询",
    CaseKind.APPLICATION: "业务申请",
    CaseKind.LOSS_REPORT: "挂失",
    CaseKind.SUGGESTION: "意见建议",
}
STATUSES = {
    CaseStatus.RECEIVED: "已登记",
    CaseStatus.IN_PROGRESS: "处理中",
    CaseStatus.WAITING_CUSTOMER: "待您补充",
    CaseStatus.DECIDED: "已作出处理决定",
    CaseStatus.IN_REVIEW: "核查中",
    CaseStatus.CLOSED: "已办结",
    CaseStatus.WITHDRAWN: "已撤回",
}
OUTCOMES = {
    Outcome.GRANTED: "支持您的请求",
    Outcome.PARTLY: "部分支持您的请求",
    Outcome.DECLINED: "未支持您的请求",
}
DEADLINES = {
    DeadlineKind.DECISION: "处理决定",
    DeadlineKind.RECHECK_REQUEST: "申请核查",
    DeadlineKind.RECHECK_DECISION: "核查决定",
    DeadlineKind.WRITTEN: "书面挂失",
    DeadlineKind.REPLY: "答复",
}

_DUE = {
    DeadlineKind.DECISION: "{day}（含当日）前作出处理决定并告知您",
    DeadlineKind.RECHECK_REQUEST: "对处理决定有异议的，可在{day}（含当日）前申请核查",
    DeadlineKind.RECHECK_DECISION: "{day}（含当日）前作出核查决定并告知您",
    DeadlineKind.WRITTEN: "请在{day}（含当日）前办理书面挂失",
    DeadlineKind.REPLY: "{day}（含当日）前答复您",
}
_NEXT = {
    CaseStatus.RECEIVED: "{unit}会先与您联系确认情况，再开始处理。",
    CaseStatus.IN_PROGRESS: "{unit}正在核实处理，有结果会告诉您。",
    CaseStatus.WAITING_CUSTOMER: "请按最近一条说明补充情况，补充后我们继续处理。",
    CaseStatus.DECIDED: "处理决定已告知您。",
    CaseStatus.IN_REVIEW: "上级机构正在核查，结果会告诉您。",
    CaseStatus.CLOSED: "本工单已办结。有新情况，可以再次提出。",
    CaseStatus.WITHDRAWN: "处理已按您的要求终止。有新情况，可以再次提出。",
}
_NEXT_LOSS = "请本人携带有效身份证件，尽快到网点办理书面挂失；需要解除挂失的，也请本人到网点办理。"

REMEDIES_TOLD = "对处理决定有异议的，您可以申请{remedies}。"


def kind_name(case: Case) -> str:
    """``投诉``."""
    return KINDS[case.kind]


def status_name(case: Case) -> str:
    """``处理中``."""
    return STATUSES[case.status]


def next_step(case: Case) -> str:
    """What happens next, or what the customer should do."""
    if case.kind is CaseKind.LOSS_REPORT and not case.ended:
        return _NEXT_LOSS
    return _NEXT[case.status].format(unit=case.unit)


def deadline_text(deadline: Deadline, today: date) -> str:
    """A promise with its date; once it is broken, the text says so."""
    text = _DUE[deadline.kind].format(day=chinese_date(deadline.due_on))
    if deadline.state is DeadlineState.OPEN and today > deadline.due_on:
        if deadline.kind is DeadlineKind.RECHECK_REQUEST:
            return f"申请核查的期限已于{chinese_date(deadline.due_on)}届满"
        if deadline.kind is DeadlineKind.WRITTEN:
            return f"书面挂失的期限已于{chinese_date(deadline.due_on)}届满，请立即联系我们"
        return f"原定{text}，现已超过期限，非常抱歉，我们正在加急处理"
    return text


def promised(case: Case, today: date) -> str:
    """The next deadline of a case as a sentence; empty when nothing is due."""
    deadline = case.next_deadline
    if deadline is None or (deadline.kind is DeadlineKind.RECHECK_REQUEST and today > deadline.due_on):
        return ""
    return deadline_text(deadline, today)


def remedies_told(remedies: tuple[Remedy, ...]) -> str:
    """How a customer who disagrees can go on; empty without remedies."""
    return REMEDIES_TOLD.format(remedies="、".join(one.value for one in remedies)) if remedies else ""


# -- entries of the timeline ---------------------------------------------------------------------------


def filed(kind: CaseKind, unit: str) -> str:
    """A case was received."""
    return f"您的{KINDS[kind]}已登记，由{unit}首问负责。"


def imported(unit: str) -> str:
    """A case came from a list of the bank."""
    return f"工单已转入本系统，由{unit}负责。"


def assigned(to: str) -> str:
    """Somebody is responsible now."""
    return f"已指定专人（工号 {to}）负责处理。"


def advanced(status: CaseStatus, note: str) -> str:
    """A new status, and what staff say about it."""
    return f"状态更新为「{STATUSES[status]}」。{note}".strip()


def extended(due_on: date, reason: str, notice: str) -> str:
    """More time was granted."""
    return f"经批准，处理期限延长至{chinese_date(due_on)}（含当日）。原因：{reason}。{notice}"


def decided(outcome: Outcome, text: str, reason: str, remedies: tuple[Remedy, ...], recheck: bool) -> str:
    """A decision was made."""
    name = "核查决定" if recheck else "处理决定"
    return f"已作出{name}：{OUTCOMES[outcome]}。{text} 理由：{reason}。{remedies_told(remedies)}".strip()


def recheck_requested(reason: str) -> str:
    """The customer disagrees."""
    return f"您已申请核查。原因：{reason}"


def closed(note: str) -> str:
    """The case is closed."""
    return f"工单已办结。{note}".strip()


def withdrawn(reason: str) -> str:
    """The case was taken back (银保监会令2020年第3号: the procedure ends the same day)."""
    return f"您已撤回，处理自今日起终止。{f'原因：{reason}' if reason else ''}".strip()


def urged(reason: str) -> str:
    """The customer asked to hurry."""
    return f"您已催办，已通知经办人员。{f'原因：{reason}' if reason else ''}".strip()


def remarked(text: str, by_customer: bool) -> str:
    """A text was added."""
    return f"{'您补充' if by_customer else '工作人员说明'}：{text}"


def file_added(name: str, by_customer: bool) -> str:
    """A file was added."""
    return f"{'您上传了' if by_customer else '工作人员上传了'}文件：{name}"


def classified() -> str:
    """Statistics codes or priority changed."""
    return "已更新分类。"


def warned(deadline: DeadlineKind, percent: int, due_on: date) -> str:
    """The clock warns."""
    return f"「{DEADLINES[deadline]}」时限已用 {percent}%，{chinese_date(due_on)}到期。"


def escalated(deadline: DeadlineKind, due_on: date) -> str:
    """The clock escalates."""
    return f"「{DEADLINES[deadline]}」已于{chinese_date(due_on)}到期仍未完成，已升级至主管。"


def forwarded() -> str:
    """A case kept here went to the bank's case system."""
    return "工单已转入本行工单系统。"


def contact_viewed() -> str:
    """Somebody looked at the contact in full."""
    return "查看了客户的完整联系方式。"


# -- notices for staff ------------------------------------------------------------------------------------


def filed_notice(number: str, kind: CaseKind, urgent: bool) -> str:
    """For supervisors: somebody has to take it."""
    return f"{'紧急：' if urgent else ''}新的{KINDS[kind]}工单 {number} 待分派"


def urged_notice(number: str, reason: str) -> str:
    """For the responsible person."""
    return f"客户催办工单 {number}{f'：{reason}' if reason else ''}"


def deadline_notice(number: str, text: str) -> str:
    """For the responsible person or a supervisor."""
    return f"工单 {number}：{text}"


def forward_refused_notice(number: str, reason: str) -> str:
    """For supervisors: the bank's own system does not take something."""
    return f"工单 {number} 未能转入本行工单系统，请人工处理：{reason}"


def customer_added_notice(number: str) -> str:
    """For the responsible person."""
    return f"客户补充了工单 {number}"


def withdrawn_notice(number: str) -> str:
    """For the responsible person."""
    return f"客户撤回了工单 {number}"


def recheck_notice(number: str) -> str:
    """For supervisors: another person than the one who decided has to look."""
    return f"客户对工单 {number} 的处理决定申请核查，请安排上级机构核查"


# -- why something can't be done -------------------------------------------------------------------------

ALREADY_ENDED = "工单{status}，不能再进行这项操作。"
NOT_ALLOWED = "「{kind}」工单现在是「{status}」，不能改为「{target}」。"
LOSS_NOT_WITHDRAWN = "为了账户安全，挂失不能在线撤回：请本人携带有效身份证件到网点办理解除挂失。"
NOT_WITHDRAWABLE = "工单现在是「{status}」，不能再撤回。"
NO_RECHECK = "只有投诉在作出处理决定后，才能申请核查。"
RECHECK_USED = "这件投诉已经核查过一次。对核查决定仍有异议的，可以通过调解、仲裁或者诉讼解决。"
RECHECK_LATE = "申请核查的期限（{day}）已过。您仍可以通过调解、仲裁或者诉讼解决。"
NOTHING_TO_EXTEND = "没有正在计算、可以延长的处理时限。"
NO_MORE_EXTENSION = "处理时限已经延长到规定的最长期限，不能再延长。"
TOO_LATE_TO_EXTEND = "处理时限已过，不能再延长，请立即作出处理决定。"
OWN_APPROVAL = "延期须由经办人以外有权限的人员批准。"
REMEDIES_MISSING = "处理决定必须告知全部救济途径：{missing}。"
OWN_RECHECK = "核查决定须由原处理人以外的人员作出。"
UNKNOWN_CATEGORY = "分类代码不正确：{part}。"
SAME_ASSIGNEE = "工单已经由工号 {to} 负责。"
FILE_EMPTY = "文件是空的，请重新选择。"
FILE_TYPE = "只能上传图片（JPG、PNG、GIF、WebP）或 PDF 文件，请重新选择。"
FILE_COUNT = "一张工单最多上传 {limit} 个文件。"
FILE_UNNAMED = "文件"
NOT_ASSIGNABLE = "只能指定在职的坐席或主管负责工单。"
STILL_WAITING = "工单还没有全部转入本行工单系统。"
NOT_DUE = "这项时限提醒已经发出，或已不需要。"
