"""Forms from the first word to the receipt, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from bot.cases.model import CaseDraft, CaseKind, CaseStatus
from bot.errors import StoreUnavailable
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrate import upgrade
from tests.actions.talks import Talk, means_on

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder: Path = tmp_path_factory.mktemp("forms")
    found = Settings(var_dir=folder, database_url=f"sqlite:///{folder / 'forms.db'}")
    upgrade(found.database_url)
    return found


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.database_url)
    yield opened
    opened.close()


@pytest.fixture
def talk(settings: Settings, database: Database) -> Talk:
    return Talk(means_on(database, settings), database)


@pytest.fixture
def known(settings: Settings, database: Database) -> Talk:
    """A conversation with a customer whom the bank knows."""
    talk = Talk(means_on(database, settings), database)
    talk.customer = f"customer-{talk.id}"
    return talk


def filed(
    talk: Talk, subject: str = "排队太久", kind: CaseKind = CaseKind.COMPLAINT, phone: str = "13800135678"
) -> str:
    draft = CaseDraft(kind=kind, subject=subject, customer_ref=talk.customer, contact=phone)
    return talk.means.services.cases.file(draft, f"{talk.id}:{subject}").number


# -- complaints -----------------------------------------------------------------------------------------------


async def test_that_a_complaint_told_at_once_takes_one_question_and_a_yes(talk: Talk) -> None:
    first = await talk.say("我要投诉，昨天在城东支行柜员骂人，要求道歉")
    assert (first.asks_for, first.case, first.acts) == ("details", None, ["complain"])
    assert first.handoff == ("offered", "normal")
    back = await talk.say("在这里答复")
    assert back.asks_for == "confirm" and "城东支行" in back.text
    done = await talk.say("确认")
    assert done.case == "created" and talk.form is None
    case = talk.means.services.cases.find(done.number)
    assert case is not None and case.kind is CaseKind.COMPLAINT and case.demand == "要求道歉"
    assert case.conversation_id == talk.id


async def test_that_nothing_is_asked_more_than_four_times(talk: Talk) -> None:
    reply = await talk.say("我要投诉")
    for count in range(1, 5):
        assert reply.case is None and reply.asks_for == ("confirm" if count == 4 else "details")
        reply = await talk.say("确认" if reply.asks_for == "confirm" else "说不清楚，你们看着办")
    assert reply.case == "created"


async def test_that_plain_agreement_is_no_bad_answer_once_something_is_told(talk: Talk) -> None:
    reply = await talk.say("我要投诉你们柜员骂人")
    for _ in range(4):
        if reply.case == "created":
            break
        reply = await talk.say("确认")
    assert reply.case == "created"
    case = talk.means.services.cases.find(reply.number)
    assert case is not None and case.details == "我要投诉你们柜员骂人"


async def test_that_another_clear_wish_opens_its_own_form(talk: Talk) -> None:
    await talk.say("查进度")
    assert (await talk.say("我要投诉")).acts == ["complain"] and talk.form == "complaint_form"
    assert (await talk.say("先查一下投诉进度")).acts == ["case_status"]
    assert talk.form == "case_status_form"


async def test_that_a_case_number_by_itself_asks_for_its_case(talk: Talk) -> None:
    number = filed(talk)
    assert (await talk.say(number)).asks_for == "phone_tail"


async def test_that_a_known_customer_is_not_asked_for_a_phone(known: Talk) -> None:
    assert (await known.say("我要投诉，今天在网点被骂，希望道歉")).asks_for == "confirm"
    done = await known.say("确认")
    case = known.means.services.cases.find(done.number)
    assert case is not None and case.customer_ref == known.customer


async def test_that_a_phone_number_reaches_the_case_sealed(talk: Talk, database: Database) -> None:
    await talk.say("我要投诉，今天在网点被骂，希望道歉")
    with database.write() as connection:
        token, tail = talk.means.services.identity.contacts.keep(connection, talk.id, "13912344321")
    back = await talk.say("〔手机号尾号4321〕", contact={"token": token, "tail": tail})
    assert back.asks_for == "confirm" and "4321" in back.text
    done = await talk.say("确认")
    assert talk.means.services.cases.contact(done.number) == "13912344321"
    assert "13912344321" not in done.text
    with database.read() as connection:
        rows = connection.execute(sql("select * from cases")).mappings().all()
    assert not any("13912344321" in str(dict(row)) for row in rows)


async def test_that_a_correction_before_filing_changes_what_is_filed(talk: Talk) -> None:
    await talk.say("我要投诉，昨天在城东支行柜员骂人，要求道歉")
    await talk.say("在这里答复")
    changed = await talk.say("不是城东支行，是城西支行")
    assert changed.asks_for == "confirm" and "城西支行" in changed.text and "城东支行" not in changed.text
    assert (await talk.say("不对")).asks_for == "details"
    assert "三次" in (await talk.say("一共骂了三次")).text
    case = talk.means.services.cases.find((await talk.say("确认")).number)
    assert case is not None and "城西支行" in case.details and "三次" in case.details


async def test_that_a_question_in_between_is_answered_and_the_form_goes_on(talk: Talk) -> None:
    await talk.say("我要投诉，昨天在城东支行柜员骂人，要求道歉")
    between = await talk.say("转账限额怎么调")
    assert between.acts == ["ask", "complain"] and between.asks_for == "details"
    assert (await talk.say("在这里答复")).asks_for == "confirm"


async def test_that_a_question_beside_a_complaint_is_answered_first(talk: Talk) -> None:
    reply = await talk.say("补卡要带什么？另外我要投诉你们柜员骂人")
    assert reply.acts == ["ask", "complain"] and reply.asks_for == "details"
    assert talk.slots["topic"] == "complaint.process"


@pytest.mark.parametrize("words", ["算了，不投诉了", "取消", "我不投诉了"])
async def test_that_giving_up_files_nothing(talk: Talk, words: str) -> None:
    await talk.say("我要投诉，昨天在城东支行柜员骂人，要求道歉")
    assert (await talk.say(words)).case is None
    assert talk.form is None and talk.slots["draft"] is None
    assert talk.means.services.cases.of_conversation(talk.id) == []


@pytest.mark.parametrize(
    ("words", "act", "priority"),
    [
        ("转人工", "request_human", "normal"),
        ("我不想活了", "crisis", "urgent"),
        ("我刚被骗了钱", "report_fraud", "urgent"),
    ],
)
async def test_that_a_person_is_there_at_any_moment(talk: Talk, words: str, act: str, priority: str) -> None:
    await talk.say("我要投诉，昨天在城东支行柜员骂人，要求道歉")
    reply = await talk.say(words)
    assert (reply.acts, reply.handoff) == ([act], ("requested", priority))
    assert talk.form is None


async def test_that_two_bad_answers_are_explained_and_a_person_is_offered(talk: Talk) -> None:
    await talk.say("我要投诉")
    assert (await talk.say("嗯")).handoff is None
    second = await talk.say("哦")
    assert second.handoff == ("offered", "normal") and second.asks_for == "details"
    accepted = await talk.say("好的")
    assert accepted.handoff == ("requested", "normal") and talk.form is None


async def test_that_yes_to_the_first_question_is_no_wish_for_a_person(talk: Talk) -> None:
    await talk.say("我要投诉")
    assert (await talk.say("嗯嗯")).asks_for == "details"


async def test_that_a_secret_in_an_answer_is_warned_of_and_the_form_goes_on(talk: Talk) -> None:
    await talk.say("我要投诉，昨天在城东支行柜员骂人，要求道歉")
    reply = await talk.say("卡号〔卡号尾号2236〕，在这里答复", masked=["card"])
    assert "请不要" in reply.text and reply.asks_for == "confirm"


async def test_that_filing_twice_makes_one_case(talk: Talk) -> None:
    await talk.say("我要投诉，昨天在城东支行柜员骂人，要求道歉")
    await talk.say("在这里答复")
    slots, form = dict(talk.slots), talk.form
    first = await talk.say("确认")
    talk.slots, talk.form = slots, form  # the reply was lost: the same message is taken up again
    assert (await talk.say("确认")).number == first.number


async def test_that_a_silent_service_is_spoken_and_nothing_is_lost(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await talk.say("我要投诉，昨天在城东支行柜员骂人，要求道歉")
    await talk.say("在这里答复")

    def away(*_: object) -> None:
        raise StoreUnavailable()

    with monkeypatch.context() as patch:
        patch.setattr(talk.means.services.cases, "file", away)
        reply = await talk.say("确认")
        assert reply.case is None and reply.handoff == ("offered", "normal")
    assert (await talk.say("确认")).case == "created"


# -- status, urging, withdrawal -----------------------------------------------------------------------------


async def test_that_number_tail_and_code_show_a_case(talk: Talk) -> None:
    number = filed(talk)
    assert (await talk.say("查进度")).asks_for == "case_number"
    assert (await talk.say(number.lower().replace("-", " "))).asks_for == "phone_tail"
    assert (await talk.say("尾号5678")).asks_for == "otp"
    shown = await talk.type_code(talk.code())
    assert (shown.case, shown.number, shown.acts) == ("status_shown", number, ["case_status"])
    assert talk.slots["last_case"] == number


async def test_that_a_wrong_code_is_asked_again_and_shows_nothing(talk: Talk) -> None:
    number = filed(talk)
    assert (await talk.say(f"查进度 {number}，5678")).asks_for == "otp"
    right = talk.code()
    wrong = await talk.type_code("000000" if right != "000000" else "111111")
    assert wrong.asks_for == "otp" and wrong.case is None
    assert (await talk.type_code(right)).case == "status_shown"


async def test_that_every_wrong_answer_gets_the_same_refusal(talk: Talk, known: Talk) -> None:
    mine, theirs = filed(talk, "甲"), filed(known, "乙", phone="")
    replies = []
    for words in (f"查进度 {mine} 尾号1111", f"查进度 {theirs} 尾号5678", "查进度 NY261126-ABCDEF-2 尾号5678"):
        fresh = Talk(talk.means, talk.database)
        replies.append(await fresh.say(words))
    replies.append(await known.say(f"查进度 {mine}"))
    assert {reply.case for reply in replies} == {"status_refused"}
    assert len({reply.text for reply in replies}) == 1


async def test_that_five_wrong_tries_lock(talk: Talk) -> None:
    number = filed(talk)
    for _ in range(5):
        assert (await talk.say(f"查进度 {number} 尾号1111")).case == "status_refused"
    locked = await talk.say(f"查进度 {number} 尾号5678")
    assert "锁定" in locked.text and locked.asks_for is None


async def test_that_a_known_customer_sees_the_only_case_at_once_and_chooses_among_several(known: Talk) -> None:
    first = filed(known, "自助机故障")
    assert (await known.say("查进度")).number == first
    known.slots["last_case"] = None
    filed(known, "年费争议")
    asked = await known.say("查进度")
    assert asked.case is None and asked.asks_for == "case_number"
    assert "年费争议" in (await known.say("年费争议那个")).text
    known.slots["last_case"] = None
    await known.say("查进度")
    assert (await known.say("第二个")).number == first
    known.slots["last_case"] = None
    buttons = next(block for block in (await known.say("查进度")).blocks if block["type"] == "buttons")["buttons"]
    tapped = {key: buttons[1]["payload"][key] for key in ("act", "case")}
    assert (await known.say("", choice=tapped)).number == first


async def test_that_a_case_is_urged_once_a_day(known: Talk) -> None:
    number = filed(known)
    assert (await known.say("都半个月了，帮我催一下")).case == "urged"
    again = await known.say("再催一下")
    assert again.case == "status_shown" and "今天" in again.text
    case = known.means.services.cases.find(number)
    assert case is not None and any("都半个月了" in event.text for event in case.timeline)


async def test_that_a_case_is_taken_back_only_when_confirmed(known: Talk) -> None:
    number = filed(known)
    service = known.means.services.cases
    assert (await known.say("撤回我的投诉")).asks_for == "confirm"
    assert (await known.say("先不撤了")).case is None
    assert (await known.say("撤回投诉")).asks_for == "confirm"
    assert (await known.say("确认")).case == "withdrawn"
    case = service.find(number)
    assert case is not None and case.status is CaseStatus.WITHDRAWN
    assert (await known.say("撤回投诉")).case == "status_shown"


async def test_that_a_forgotten_number_is_helped_with(talk: Talk) -> None:
    await talk.say("查进度")
    reply = await talk.say("编号忘了")
    assert reply.handoff == ("offered", "normal") and reply.asks_for == "case_number"
    assert (await talk.say("好的")).handoff == ("requested", "normal")


# -- losses, compensation, praise -----------------------------------------------------------------------------


async def test_that_a_loss_is_told_what_to_do_first_and_then_filed_as_urgent(talk: Talk) -> None:
    first = await talk.say("我的储蓄卡丢了，赶紧挂失")
    assert first.handoff == ("offered", "urgent") and first.asks_for == "details"
    assert (await talk.say("尾号6789")).asks_for == "confirm"
    done = await talk.say("确认")
    case = talk.means.services.cases.find(done.number)
    assert case is not None and case.kind is CaseKind.LOSS_REPORT and case.priority.value == "urgent"
    assert "6789" in case.subject and "书面" in done.text


async def test_that_a_loss_goes_before_a_complaint(talk: Talk) -> None:
    await talk.say("我要投诉")
    reply = await talk.say("哎呀卡丢了快挂失")
    assert reply.acts == ["report_loss"] and talk.form == "loss_form"


async def test_that_a_demand_for_money_becomes_one_case_and_a_person(talk: Talk) -> None:
    first = await talk.say("你们得赔我五百块")
    assert first.case == "created" and first.handoff == ("requested", "normal")
    second = await talk.say("到底赔不赔")
    assert second.number == first.number and second.case == "shown"
    assert len(talk.means.services.cases.of_conversation(talk.id)) == 1


async def test_that_praise_is_passed_on_in_the_customers_words_if_wanted(talk: Talk) -> None:
    await talk.say("我要表扬城西支行的小王")
    assert "小王" in (await talk.say("好的")).text
    done = await talk.say("确认")
    case = talk.means.services.cases.find(done.number)
    assert case is not None and case.kind is CaseKind.SUGGESTION and "小王" in case.details
