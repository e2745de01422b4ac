"""Files of a case: typed by content, named harmlessly, kept where nothing is served."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.files import ENDINGS, MAX_BYTES, MAX_FILES, CaseFiles, shown_name
from bot.cases.model import Case
from bot.errors import CaseActionRefused, CaseNotFound, FileNotFound, FileRefused, FileTooLarge
from tests.cases.conftest import AGENT, CUSTOMER, Room
from tests.support.files import EXE, HTML, JPEG, PDF, PNG, SVG, ZIP


@pytest.fixture
def files(room: Room, tmp_path: Path) -> CaseFiles:
    return CaseFiles(room.database, room.service, tmp_path / "files")


@pytest.fixture
def case(room: Room) -> Case:
    return room.filed()


def test_that_a_file_is_kept_noted_and_given_back(files: CaseFiles, case: Case) -> None:
    changed, added = files.add(case.number, "对账单.pdf", PDF, CUSTOMER)
    assert changed.timeline[-1].text == "您上传了文件：对账单.pdf"
    found, path = files.get(case.number, added.id)
    assert (found.name, found.media_type, found.size, path.read_bytes()) == (
        "对账单.pdf",
        "application/pdf",
        len(PDF),
        PDF,
    )
    assert path.name == added.id and "对账单" not in str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.id for one in files.of_case(case.number)] == [added.id]


@pytest.mark.parametrize(("content", "ending"), [(PNG, ".png"), (JPEG, ".jpg"), (PDF, ".pdf")])
def test_that_the_ending_comes_from_the_content(files: CaseFiles, case: Case, content: bytes, ending: str) -> None:
    assert files.add(case.number, "evil.html", content, CUSTOMER)[1].name == "evil.html" + ending


@pytest.mark.parametrize("content", [HTML, SVG, EXE, ZIP, b"", b"plain text", b" " + PDF])
@pytest.mark.parametrize("name", ["a.pdf", "a.png"])
def test_that_other_types_are_refused_whatever_their_name(
    files: CaseFiles, case: Case, content: bytes, name: str, tmp_path: Path
) -> None:
    with pytest.raises(FileRefused):
        files.add(case.number, name, content, CUSTOMER)
    assert files.of_case(case.number) == []
    assert not (tmp_path / "files").exists()


def test_that_five_megabytes_are_the_limit(files: CaseFiles, case: Case) -> None:
    files.add(case.number, "a.pdf", PDF + b" " * (MAX_BYTES - len(PDF)), CUSTOMER)
    with pytest.raises(FileTooLarge):
        files.add(case.number, "a.pdf", PDF + b" " * (MAX_BYTES - len(PDF) + 1), CUSTOMER)


def test_that_there_is_a_limit_of_files(files: CaseFiles, case: Case) -> None:
    for _ in range(MAX_FILES):
        files.add(case.number, "a.pdf", PDF, AGENT)
    with pytest.raises(FileRefused, match=str(MAX_FILES)):
        files.add(case.number, "a.pdf", PDF, CUSTOMER)


def test_that_nothing_stays_when_the_case_takes_no_file(
    files: CaseFiles, case: Case, room: Room, tmp_path: Path
) -> None:
    room.service.withdraw(case.number, CUSTOMER)
    with pytest.raises(CaseActionRefused):
        files.add(case.number, "a.pdf", PDF, CUSTOMER)
    assert files.of_case(case.number) == []
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_that_a_file_belongs_to_its_case(files: CaseFiles, case: Case, room: Room) -> None:
    other = room.filed()
    _, added = files.add(case.number, "a.pdf", PDF, CUSTOMER)
    for number, file_id in ((other.number, added.id), (case.number, "0" * 32), (case.number, "../../etc/passwd")):
        with pytest.raises(FileNotFound):
            files.get(number, file_id)
    with pytest.raises((CaseNotFound, Exception)):
        files.add("NY000000-AAAAAA-A", "a.pdf", PDF, CUSTOMER)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\secret\\账单.PDF", "账单.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("<img src=x onerror=1>.pdf", "_img src=x onerror=1_.pdf"),
        ("", "文件.pdf"),
        ("..", "文件.pdf"),
        ("卡6222020200112236.pdf", "卡〔卡号尾号2236〕.pdf"),
    ],
)
def test_that_names_are_harmless(name: str, shown: str) -> None:
    assert shown_name(name, "application/pdf") == shown


@given(st.text(max_size=300), st.sampled_from(sorted(ENDINGS)))
def test_that_no_name_leads_elsewhere(name: str, media_type: str) -> None:
    shown = shown_name(name, media_type)
    assert shown.endswith(ENDINGS[media_type]) and len(shown) <= 120
    assert not set(shown) & set('/\\<>:"|?*\r\n\x00') and not shown.startswith(".")
