"""``nuoyan cases import`` and ``nuoyan audit verify``, as a person types them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cases.model import CaseStatus, DeadlineState, Priority
from bot.cases.service import CaseService
from bot.cli import app
from bot.settings import get_settings
from bot.store.database import Database

HEADER = "原编号,种类,主题,详情,诉求,客户号,客户姓名,联系电话,受理时间,状态,经办工号,业务类别,投诉原因"
GOOD = (
    "A-1,投诉,多扣年费,10月扣了两次,退还,c-1,王小明,13800005678,2026-11-01 09:30,处理中,1001,借记卡,定价收费",
    "A-2,suggestion,多开窗口,,,,,,2026/11/20 10:00,,,,",
    "A-3,咨询,历史咨询,,,,,,2026-10-01,已办结,,,",
)
BAD = (
    "B-1,投诉,,没有主题,,,,,2026-11-01,,,,",
    "B-2,表扬,谢谢,,,,,,2026-11-01,,,,",
    "B-3,投诉,将来,,,,,,2999-01-01,,,,",
    "B-4,投诉,时间,,,,,,昨天,,,,",
    "B-5,投诉,状态,,,,,,2026-11-01,已作出处理决定,,,",
    "B-6,投诉,电话,,,,,打我手机,2026-11-01,,,,",
    "B-7,投诉,分类,,,,,,2026-11-01,,,股票,",
    "A-1,投诉,重复,,,,,,2026-11-01,,,,",
    "B-9,投诉,多一列,,,,,,2026-11-01,,,,,多",
)

WRONG = (
    "主题没有填写",
    "种类「表扬」",
    "在将来",
    "2026-11-26 10:30",
    "处理决定",
    "电话号码",
    "业务类别",
    "与第 2 行重复",
    "列数",
)

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("NUOYAN_DATABASE_URL", database_url)
    get_settings.cache_clear()

    def runs(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(one) for one in arguments])

    yield runs
    get_settings.cache_clear()


@pytest.fixture
def service(run: Run, database_url: str) -> Iterator[CaseService]:
    database = Database(database_url)
    yield CaseService.from_settings(get_settings(), database)
    database.close()


def listed(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "cases.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_that_a_list_comes_in_once(run: Run, service: CaseService, tmp_path: Path, encoding: str) -> None:
    file = listed(tmp_path, *GOOD, encoding=encoding)
    dry = run("cases", "import", file, "--dry-run")
    assert (dry.exit_code, "3 行可以导入" in dry.output) == (0, True)
    assert service.search().total == 0
    assert "新建 3 张,已有 0 张" in run("cases", "import", file).output
    assert "新建 0 张,已有 3 张" in run("cases", "import", file).output
    (case,) = service.of_customer("c-1")
    assert (case.status, case.responsible, case.holder) == (CaseStatus.IN_PROGRESS, "1001", "王**")
    assert (case.category.business, case.category.reason) == ("debit_card", "pricing")
    assert case.deadlines[0].due_on == date(2026, 11, 16) and case.number.startswith("NY261101-")
    assert service.contact(case.number) == "13800005678"
    assert case.timeline[0].text == "工单已转入本系统，由消费者权益保护部负责。"
    closed = next(one for one in service.search().cases if one.status is CaseStatus.CLOSED)
    assert closed.ended_at is not None and closed.deadlines[0].state is DeadlineState.ENDED
    service.local.warn()
    found = service.find(case.number)
    assert found is not None and found.priority is Priority.URGENT
    assert run("audit", "verify").exit_code == 0


def test_that_every_wrong_line_is_named_and_nothing_comes_in(run: Run, service: CaseService, tmp_path: Path) -> None:
    result = run("cases", "import", listed(tmp_path, GOOD[0], *BAD))
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert [line.split("：")[0] for line in lines[:-1]] == [f"第 {number} 行" for number in range(3, 12)]
    for line, words in zip(lines, WRONG, strict=False):
        assert words in line
    assert service.search().total == 0
    assert (
        "新建 1 张,已有 0 张,跳过 9 行"
        in run("cases", "import", listed(tmp_path, GOOD[0], *BAD), "--skip-errors").output
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n", "缺少列"),
        ("种类,主题,受理时间,密码\n".encode(), "不认识的列"),
        ('种类,主题,受理时间\n"投诉,x,2026-11-01\n'.encode(), "不是有效的 CSV"),
        (b"\xff\xfe\x00\x81\x20\xff", "编码"),
        (b"", "缺少列"),
    ],
)
def test_that_an_unusable_file_is_refused(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    result = run("cases", "import", path)
    assert result.exit_code == 1 and words in result.output
    assert run("cases", "import", tmp_path / "none.csv").exit_code == 1


def test_that_verify_notes_the_head_and_finds_changes(
    run: Run, service: CaseService, tmp_path: Path, database_url: str
) -> None:
    run("cases", "import", listed(tmp_path, *GOOD))
    anchor = tmp_path / "anchor.json"
    first = run("audit", "verify", "--anchor", anchor)
    assert first.exit_code == 0 and "3 条记录" in first.output and anchor.exists()
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(text("UPDATE case_events SET text = '改了' WHERE position = 2"))
    database.close()
    noted = anchor.read_text(encoding="utf-8")
    broken = run("audit", "verify", "--anchor", anchor)
    assert broken.exit_code == 1 and "第 2 条" in broken.output and "被改动过" in broken.output
    assert anchor.read_text(encoding="utf-8") == noted
    anchor.write_text("{}", encoding="utf-8")
    assert run("audit", "verify", "--anchor", anchor).exit_code == 1
