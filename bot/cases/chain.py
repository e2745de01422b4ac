"""The audit chain: one numbered sequence over all cases in which nothing can be changed unnoticed.

Each entry's digest signs its content and the digest before it; the head signs the last position, so that
entries can't be cut off at the end either. Without the installation's secret nobody can make a digest that fits.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import structlog
from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import Connection

from bot.cases.secrecy import Signer
from bot.store.case_tables import case_deadlines, case_events, cases, chain_heads
from bot.store.database import Database
from bot.store.upsert import insert_missing

CASES = "cases"
GENESIS = "0" * 64
#: In an entry's data: where the chain had been broken when the entry was written.
BREAK = "chain_broken_at"
_SIGNED = ("position", "case_number", "seq", "kind", "actor_kind", "actor", "actor_name", "text", "public", "key")
#: What of ``cases`` belongs to its state. The newest entry of every case carries a hash of just these: a new column
#: must not join them without a new entry for every case.
_STATE = tuple(
    cases.c[name]
    for name in (
        "number", "kind", "status", "subject", "details", "demand", "customer_ref", "conversation_id", "channel",
        "holder", "contact", "phone_tail", "unit", "responsible", "responsible_name", "category_channel",
        "category_business", "category_reason", "priority", "version", "urged_on", "decision", "rechecked",
        "idempotency_key", "received_at", "updated_at", "ended_at",
    )
)  # fmt: skip

log = structlog.get_logger(__name__)


def canonical(value: Any) -> str:
    """One spelling for a value, whichever database it comes from."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="microseconds")
    return str(value.isoformat())


def state_digest(connection: Connection, number: str) -> str:
    """What a case's row and deadlines look like, as a hash that its newest entry carries."""
    row = connection.execute(select(*_STATE).where(cases.c.number == number)).one()
    table = case_deadlines
    deadlines = connection.execute(select(table).where(table.c.case_number == number).order_by(table.c.kind)).all()
    return _digest_of(row, deadlines)


def _digest_of(row: Any, deadlines: Any) -> str:
    content = canonical([list(row), [list(deadline) for deadline in deadlines]])
    return hashlib.sha256(content.encode()).hexdigest()


def _content(row: dict[str, Any]) -> str:
    return canonical([CASES, *(row[name] for name in _SIGNED), row["at"], row["data"], row["previous"]])


def _head_content(position: int, digest: str) -> str:
    return canonical(["head", CASES, position, digest])


class Chain:
    """Appends to the chain and proves it."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def append(self, connection: Connection, row: dict[str, Any]) -> None:
        """Write the next entry within the caller's write transaction.

        When the head doesn't fit (tampered with, or its key is unknown) the entry is written all the same, since
        a customer's wish must not be lost; it carries a signed note of the break, which every check will report.

        Args:
            row: columns of ``case_events`` without position, digests and key id.
        """
        position, digest, whole = self._locked_head(connection)
        entry = {**row, "position": position + 1, "previous": digest, "key_id": self._signer.key_id}
        if not whole:
            log.error("audit_chain_broken", position=position)
            entry["data"] = {**row["data"], BREAK: position}
        entry["digest"] = self._signer.sign(_content(entry))
        connection.execute(insert(case_events).values(**entry))
        connection.execute(
            update(chain_heads)
            .where(chain_heads.c.name == CASES)
            .values(
                position=entry["position"],
                digest=entry["digest"],
                seal=self._signer.sign(_head_content(entry["position"], entry["digest"])),
                key_id=self._signer.key_id,
            )
        )

    def _locked_head(self, connection: Connection) -> tuple[int, str, bool]:
        """Where the chain ends and whether that can be believed; locked to the end of the transaction."""
        wanted = select(chain_heads).where(chain_heads.c.name == CASES).with_for_update()
        head = connection.execute(wanted).one_or_none()
        if head is None:
            first = {"name": CASES, "position": 0, "digest": GENESIS, "seal": "", "key_id": ""}
            insert_missing(connection, chain_heads, [first])
            head = connection.execute(wanted).one()
        last = connection.execute(
            select(case_events.c.position, case_events.c.digest).order_by(case_events.c.position.desc()).limit(1)
        ).one_or_none()
        position, digest = (0, GENESIS) if last is None else (last.position, last.digest)
        sealed = head.position == 0 or self._signer.fits(
            _head_content(head.position, head.digest), head.seal, head.key_id
        )
        whole = sealed and (head.position, head.digest) == (position, digest)
        return max(position, head.position), digest, whole


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found; ``problems`` are sentences for an auditor."""

    entries: int
    head: str
    problems: tuple[str, ...]


def verify(database: Database, signer: Signer, known: tuple[int, str] | None = None) -> Verdict:
    """Check every entry, every case's sequence and state, and the head.

    Args:
        known: position and digest noted at an earlier check; they must still stand in the chain.
    """
    problems: list[str] = []
    position, previous = 0, GENESIS
    counts: dict[str, int] = defaultdict(int)
    states: dict[str, str] = {}
    met = known is None or known[0] == 0
    with database.read() as connection:
        if connection.dialect.name == "postgresql":  # one view for all that follows
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        for row in _entries(connection):
            position += 1
            where = f"第 {row['position']} 条(工单 {row['case_number']})"
            if row["position"] != position:
                problems.append(f"第 {position} 条缺失:下一条是{where}")
                position = row["position"]
            if row["previous"] != previous:
                problems.append(f"{where}与前一条不衔接")
            if not signer.fits(_content(row), row["digest"], row["key_id"]):
                problems.append(f"{where}的内容被改动过,或签名密钥未知")
            if BREAK in row["data"]:
                problems.append(f"{where}写入时,前面的链尾(第 {row['data'][BREAK]} 条)已被改动过,或签名密钥未知")
            counts[row["case_number"]] += 1
            if row["seq"] != counts[row["case_number"]]:
                problems.append(f"{where}在本工单中的序号不连续")
            states[row["case_number"]] = row["data"].get("state", "")
            met = met or (row["position"], row["digest"]) == known
            previous = row["digest"]
        problems += _check_head(connection, signer, position, previous)
        problems += _check_cases(connection, dict(counts), states)
    if not met and known is not None:
        problems.append(f"上次核验时的第 {known[0]} 条已不在链中")
    return Verdict(position, previous, tuple(problems))


def _entries(connection: Connection) -> Iterator[dict[str, Any]]:
    rows = connection.execution_options(yield_per=500).execute(select(case_events).order_by(case_events.c.position))
    for row in rows:
        yield dict(row._mapping)


def _check_head(connection: Connection, signer: Signer, position: int, digest: str) -> list[str]:
    head = connection.execute(select(chain_heads).where(chain_heads.c.name == CASES)).one_or_none()
    if head is None:
        return ["链尾记录缺失"] if position else []
    if head.position == 0 and position == 0:
        return []
    if not signer.fits(_head_content(head.position, head.digest), head.seal, head.key_id):
        return ["链尾记录被改动过,或签名密钥未知"]
    if (head.position, head.digest) != (position, digest):
        return [f"链尾应是第 {head.position} 条,实际是第 {position} 条"]
    return []


def _check_cases(connection: Connection, counts: dict[str, int], states: dict[str, str]) -> list[str]:
    problems = []
    deadlines: dict[str, list[Any]] = defaultdict(list)
    table = case_deadlines
    for deadline in connection.execute(select(table).order_by(table.c.case_number, table.c.kind)):
        deadlines[deadline.case_number].append(deadline)
    for row in connection.execute(select(cases.c.event_count, *_STATE).order_by(cases.c.number)):
        count, state = row[0], tuple(row)[1:]
        if count != counts.pop(row.number, 0):
            problems.append(f"工单 {row.number} 应有 {count} 条记录,数目不符")
        elif _digest_of(state, deadlines[row.number]) != states[row.number]:
            problems.append(f"工单 {row.number} 的当前状态与最后一条记录不符")
    return problems + [f"工单 {number} 的记录还在,工单已不在" for number in sorted(counts)]
