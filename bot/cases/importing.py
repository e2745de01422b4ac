"""Bring cases in from a CSV list of the bank: every line checked first, and the same line never twice."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TypeVar

from bot.cases.days import SHANGHAI, now
from bot.cases.model import IMPORTABLE, Actor, CaseDraft, CaseStatus, Category
from bot.cases.rules import Categories
from bot.cases.service import MAX_SUBJECT, CaseService
from bot.cases.wording import KINDS, STATUSES

COLUMNS = (
    "原编号", "种类", "主题", "详情", "诉求", "客户号", "客户姓名", "联系电话", "受理时间", "状态", "经办工号",
    "业务类别", "投诉原因",
)  # fmt: skip
REQUIRED = ("种类", "主题", "受理时间")
MAX_LINES = 100_000
MAX_FIELD = 2000
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")

V = TypeVar("V", bound=Enum)


@dataclass
class Report:
    """What a run found: how many lines could be taken, were new, were known, and what is wrong in which line."""

    valid: int = 0
    filed: int = 0
    known: int = 0
    errors: list[str] = field(default_factory=list)


class Unreadable(Exception):
    """The whole file can't be read; the argument says why, in Chinese."""


def import_cases(service: CaseService, path: Path, dry_run: bool, skip_errors: bool = False) -> Report:
    """Check a list and, unless ``dry_run``, file its cases.

    Args:
        skip_errors: file the good lines although others are wrong; else any error keeps everything out.

    Raises:
        Unreadable: no CSV, unknown encoding, missing columns.
    """
    report = Report()
    drafts: list[tuple[str, CaseDraft]] = []
    seen: dict[str, int] = {}
    for number, row in _rows(path):
        try:
            key, draft = _draft(row, service.rules.categories)
            if key in seen:
                raise ValueError(f"与第 {seen[key]} 行重复")
        except ValueError as error:
            report.errors.append(f"第 {number} 行：{error}")
            continue
        seen[key] = number
        drafts.append((key, draft))
    report.valid = len(drafts)
    if dry_run or (report.errors and not skip_errors):
        return report
    started = now()
    for key, draft in drafts:
        case = service.file(draft, key, Actor.system("import"), imported=True)
        if case.timeline and case.timeline[0].at >= started:
            report.filed += 1
        else:
            report.known += 1
    return report


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"无法读取文件：{error.strerror or error}") from error
    reader = csv.DictReader(io.StringIO(_decoded(raw), newline=""), strict=True)
    try:
        names = [(name or "").strip() for name in reader.fieldnames or []]
        missing = [name for name in REQUIRED if name not in names]
        unknown = [name for name in names if name not in COLUMNS]
        if missing:
            raise Unreadable(f"缺少列：{'、'.join(missing)}。可用的列：{'、'.join(COLUMNS)}")
        if unknown:
            raise Unreadable(
                f"不认识的列：{'、'.join(name or '（空）' for name in unknown)}。可用的列：{'、'.join(COLUMNS)}"
            )
        reader.fieldnames = names
        for index, row in enumerate(reader):
            if index >= MAX_LINES:
                raise Unreadable(f"超过 {MAX_LINES} 行，请分成几个文件")
            yield reader.line_num, _cleaned(row)
    except csv.Error as error:
        raise Unreadable(f"第 {reader.line_num} 行不是有效的 CSV：{error}") from error


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文件编码不是 UTF-8 或 GB18030，请另存为 UTF-8")


def _cleaned(row: dict[str, str | list[str]]) -> dict[str, str]:
    if None in row:
        return {"": "多出的列"}
    return {name: (value or "").strip() if isinstance(value, str) else "" for name, value in row.items()}


def _draft(row: dict[str, str], categories: Categories) -> tuple[str, CaseDraft]:
    if "" in row:
        raise ValueError("列数比表头多，内容里有逗号时请加引号")
    missing = [name for name in REQUIRED if not row.get(name)]
    if missing:
        raise ValueError(f"{'、'.join(missing)}没有填写")
    for name, value in row.items():
        if len(value) > (MAX_SUBJECT if name == "主题" else MAX_FIELD) or "\x00" in value:
            raise ValueError(f"「{name}」太长或含有无法识别的字符")
    status = _value(row.get("状态") or STATUSES[CaseStatus.RECEIVED], STATUSES, "状态")
    if status not in IMPORTABLE:
        raise ValueError(f"状态「{STATUSES[status]}」不能导入：处理决定须在系统中作出")
    ref = row.get("客户号") or None
    if ref is not None and len(ref) > 64:
        raise ValueError("「客户号」太长")
    return _key(row), CaseDraft(
        kind=_value(row["种类"], KINDS, "种类"),
        subject=row["主题"],
        details=row.get("详情", ""),
        demand=row.get("诉求", ""),
        customer_ref=ref,
        holder=row.get("客户姓名", ""),
        contact=_phone(row.get("联系电话", "")),
        channel="import",
        category=Category(
            business=_category(row.get("业务类别", ""), categories, "business", "业务类别"),
            reason=_category(row.get("投诉原因", ""), categories, "reason", "投诉原因"),
        ),
        received_at=_time(row["受理时间"]),
        status=status,
        responsible=_staff(row.get("经办工号", "")),
    )


def _key(row: dict[str, str]) -> str:
    identity = row.get("原编号") or "\x1f".join(row.get(name, "") for name in COLUMNS)
    return "import:" + hashlib.sha256(identity.encode()).hexdigest()


def _value(text: str, names: Mapping[V, str], where: str) -> V:
    for value, name in names.items():
        if text in (str(value.value), name):
            return value
    raise ValueError(f"{where}「{text}」不正确，可用：{'、'.join(names.values())}")


def _category(text: str, categories: Categories, part: str, where: str) -> str:
    names = getattr(categories, part)
    for value, one in names.items():
        if text in (value, one.name, one.code) and text:
            return str(value)
    if text:
        raise ValueError(f"{where}「{text}」不正确，可用：{'、'.join(one.name for one in names.values())}")
    return ""


def _phone(text: str) -> str:
    digits = text.replace(" ", "").replace("-", "").removeprefix("+86")
    if digits and not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        raise ValueError("「联系电话」不是电话号码")
    return digits


def _staff(text: str) -> str | None:
    if len(text) > 32:
        raise ValueError("「经办工号」太长")
    return text or None


def _time(text: str) -> datetime:
    for form in _TIME_FORMATS:
        try:
            found = datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
        if found > now():
            raise ValueError(f"受理时间「{text}」在将来")
        return found
    raise ValueError(f"受理时间「{text}」应写成 2026-11-26 10:30")
