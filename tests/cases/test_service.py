"""Filing, finding, urging, withdrawing, remarking: on both kinds of database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import text

from bot.cases.model import CaseDraft, CaseKind, CaseStatus, Category, EventKind, Priority
from bot.cases.number import new_number
from bot.cases.repository import CaseFilter
from bot.cases.views import case_block
from bot.errors import CaseActionRefused, CaseNotFound, CaseUrgedToday
from tests.cases.conftest import AGENT, CUSTOMER, Room

PHONE, CARD, DOCUMENT = "13800005678", "6222020200112236", "11010519491231002X"


def test_that_a_complaint_gets_number_unit_and_deadline(room: Room) -> None:
    case = room.filed()
    assert case.status is CaseStatus.RECEIVED and case.version == 1
    assert case.unit == "消费者权益保护部"
    assert [(one.kind.value, one.due_on) for one in case.deadlines] == [("decision", date(2026, 12, 11))]
    assert room.service.find(case.number.lower().replace("-", "")) == case
    block = case_block(case, "created", room.clock())
    assert block["status"] == "已登记" and block["event"] == "created"
    assert block["deadline"] == "2026年12月11日（含当日）前作出处理决定并告知您"
    assert block["timeline"] == [{"at": "2026-11-26 10:00", "text": "您的投诉已登记，由消费者权益保护部首问负责。"}]


def test_that_only_tail_and_first_character_stay_readable(room: Room) -> None:
    case = room.filed(subject=f"卡{CARD}被盗刷", details=f"身份证{DOCUMENT},电话{PHONE}", demand=f"退到{CARD}")
    room.service.remark(case.number, f"我的另一张卡 {CARD}", CUSTOMER)
    assert (case.holder, case.contact, case.phone_tail) == ("王**", "手机尾号5678", "5678")
    assert room.service.contact(case.number) == PHONE
    with room.database.read() as connection:
        stored = "\n".join(
            str(tuple(row))
            for name in ("cases", "case_events", "case_notices")
            for row in connection.execute(text(f"SELECT * FROM {name}"))
        )
    for secret in (PHONE, CARD, DOCUMENT):
        assert secret not in stored
    assert "2236" in stored


def test_that_filing_twice_with_one_key_files_once(room: Room, other_room: Room) -> None:
    draft = CaseDraft(CaseKind.COMPLAINT, "多扣年费", contact=PHONE)
    with ThreadPoolExecutor(8) as pool:
        rooms = [room, other_room] * 8
        cases = list(pool.map(lambda one: one.service.file(draft, "conversation-1:7"), rooms))
    assert len({case.number for case in cases}) == 1
    assert room.service.search().total == 1


def test_that_unknown_numbers_find_nothing(room: Room) -> None:
    assert room.service.find(new_number(date(2026, 11, 26))) is None
    assert room.service.find("'; DROP TABLE cases; --") is None
    with pytest.raises(CaseNotFound):
        room.service.withdraw(new_number(date(2026, 11, 26)), CUSTOMER)


def test_that_a_list_is_searched_by_number_in_any_spelling(room: Room) -> None:
    case, _other = room.filed(), room.filed()
    for typed in (case.number, case.number.lower().replace("-", ""), case.number[:12]):
        assert case.number in [one.number for one in room.service.search(CaseFilter(text=typed)).cases]
    assert room.service.search(CaseFilter(text=case.number.replace("-", " "))).total == 1


def test_that_urging_works_once_a_chinese_day(room: Room) -> None:
    case = room.filed()
    room.service.assign(case.number, AGENT.id, AGENT)
    urged = room.service.urge(case.number, "等了很久", CUSTOMER)
    assert urged.timeline[-1].kind is EventKind.URGED and "等了很久" in urged.timeline[-1].text
    room.clock.forward(hours=13, minutes=59)  # 23:59 in China
    with pytest.raises(CaseUrgedToday):
        room.service.urge(case.number, "快点", CUSTOMER)
    room.clock.forward(minutes=1)
    assert len(room.service.urge(case.number, "快点", CUSTOMER).timeline) == 4


def test_that_withdrawal_ends_the_case_at_once(room: Room) -> None:
    case = room.filed()
    withdrawn = room.service.withdraw(case.number, CUSTOMER, "已经解决")
    assert withdrawn.status is CaseStatus.WITHDRAWN and withdrawn.ended_at == room.clock()
    assert withdrawn.next_deadline is None
    for again in (room.service.withdraw, lambda number, by: room.service.urge(number, "", by)):
        with pytest.raises(CaseActionRefused):
            again(case.number, CUSTOMER)


def test_that_a_reported_loss_is_urgent_and_not_withdrawn_online(room: Room) -> None:
    case = room.filed(CaseKind.LOSS_REPORT, subject="挂失借记卡")
    assert case.priority is Priority.URGENT
    assert [(one.kind.value, one.due_on) for one in case.deadlines] == [("written", date(2026, 12, 1))]
    with pytest.raises(CaseActionRefused, match="网点"):
        room.service.withdraw(case.number, CUSTOMER)


def test_that_a_retried_action_happens_once(room: Room) -> None:
    case = room.filed()
    for _ in range(3):
        again = room.service.remark(case.number, "还有一笔", CUSTOMER, key="message-9")
    assert len(again.timeline) == 2


def test_that_a_conversation_sees_its_own_its_unlocked_and_its_customers_cases(room: Room) -> None:
    with room.database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO conversations (id, token_hash, channel, elder, identity, owner, epoch, last_seq,"
                " failures, created_at, updated_at) VALUES ('talk', '', 'web', :no, 'code', 'bot', 0, 0, 0, :t, :t)"
            ),
            {"no": False, "t": "2026-11-26 00:00:00"},
        )
    own = room.filed(conversation_id="talk", customer_ref=None)
    unlocked = room.filed(customer_ref=None)
    verified = room.filed(customer_ref="customer-2")
    foreign = room.filed(customer_ref="customer-3")
    room.service.access.unlock("talk", unlocked.number)
    room.service.access.unlock("talk", unlocked.number)
    seen = {case.number for case in room.service.of_conversation("talk", "customer-2")}
    assert seen == {own.number, unlocked.number, verified.number}
    assert room.service.visible(unlocked.number, "talk").number == unlocked.number
    with pytest.raises(CaseNotFound):
        room.service.visible(foreign.number, "talk", "customer-2")
    with pytest.raises(CaseNotFound):
        room.service.visible(verified.number, "talk")


def test_that_unknown_categories_are_left_out(room: Room) -> None:
    case = room.filed(category=Category("online", "debit_card", "pricing"))
    assert case.category == Category("online", "debit_card", "pricing")
    assert room.filed(category=Category("online", "<b>", "")).category == Category()
