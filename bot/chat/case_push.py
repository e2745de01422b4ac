"""Tell open windows that a case has changed: those in which the customer may see it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.cases.access import CaseAccess
from bot.cases.model import Case
from bot.cases.wording import status_name
from bot.chat.conversations import now
from bot.chat.threads import DatabaseThreads
from bot.store import tables
from bot.store.database import Database
from bot.store.pubsub import PubSub

#: A window that has been silent for longer than this is not told; it reads when it comes back.
RECENT = timedelta(days=1)
MAX_WINDOWS = 50


class CasePush:
    """Publishes ``{"type": "case", "number", "status"}``; a hint only, the window reads the case itself."""

    def __init__(self, database: Database, access: CaseAccess, pubsub: PubSub, threads: DatabaseThreads) -> None:
        self._database = database
        self._access = access
        self._pubsub = pubsub
        self._threads = threads

    async def changed(self, case: Case) -> None:
        """Tell every conversation that may see ``case``."""
        event = {"type": "case", "number": case.number, "status": status_name(case)}
        for conversation_id in await self._threads.run(self._audience, case):
            await self._pubsub.publish(conversation_id, event)

    def _audience(self, case: Case) -> list[str]:
        found = set(self._access.conversations(case.number))
        if case.conversation_id is not None:
            found.add(case.conversation_id)
        table = tables.conversations
        if case.customer_ref is not None:
            with self._database.read() as connection:
                found.update(
                    connection.execute(
                        select(table.c.id)
                        .where(
                            table.c.customer_ref == case.customer_ref,
                            table.c.identity_until > now(),
                            table.c.updated_at > now() - RECENT,
                        )
                        .order_by(table.c.updated_at.desc())
                        .limit(MAX_WINDOWS)
                    ).scalars()
                )
        return sorted(found)
