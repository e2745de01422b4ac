"""Accounts to try the desk with, in development only; production neither creates nor admits them."""

from __future__ import annotations

from sqlalchemy import select

from bot.identity.clock import utc_now
from bot.identity.passwords import hash_password
from bot.store.database import Database
from bot.store.identity_tables import staff
from bot.store.upsert import insert_missing

DEMO_PASSWORD = "nuoyan-demo-2026"  # noqa: S105 - development only, printed on start
DEMO_STAFF: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("1001", "王晓梅", "agent", ("general", "card", "complaint", "elder", "urgent")),
    ("1002", "李建国", "agent", ("general", "loan", "wealth", "urgent")),
    ("1003", "张敏", "agent", ("general", "card", "complaint")),
    ("2001", "陈志强", "supervisor", ("general", "complaint", "urgent")),
    ("3001", "赵一凡", "trainer", ()),
    ("4001", "周静", "auditor", ()),
    ("9001", "吴刚", "admin", ()),
)


def seed_demo_staff(database: Database) -> int:
    """Add the demo accounts that are missing; returns how many. All share one password."""
    with database.read() as connection:
        known = set(connection.execute(select(staff.c.id)).scalars())
    missing = [one for one in DEMO_STAFF if one[0] not in known]
    if not missing:
        return 0
    time, hashed = utc_now(), hash_password(DEMO_PASSWORD)
    rows = [
        {
            "id": account,
            "name": name,
            "password_hash": hashed,
            "roles": [role],
            "skills": list(skills),
            "max_chats": 3,
            "active": True,
            "demo": True,
            "must_change_password": False,
            "created_at": time,
            "updated_at": time,
        }
        for account, name, role, skills in missing
    ]
    with database.write() as connection:
        return insert_missing(connection, staff, rows)
