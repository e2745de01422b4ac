"""What the assistant has collected in a conversation: read from its tracker, so that an agent need not ask again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreUnavailable
from bot.privacy import mask
from bot.store.database import Database

_INTERNAL = frozenset(
    {"requested_slot", "session_started_metadata", "topic", "aspect", "choices", "misunderstood", "routing"}
)


class TrackerSlots:
    """Filled slots of the assistant's forms, by the assistant's own names.

    Args:
        database: where the trackers are; the file beside the main one with SQLite.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def beside(cls, database_url: str, var_dir: Path, database: Database) -> TrackerSlots:
        """The trackers of this installation."""
        if database_url.startswith("sqlite"):
            return cls(Database(f"sqlite:///{var_dir / 'trackers.db'}"))
        return cls(database)

    def of(self, conversation_id: str) -> dict[str, str]:
        """What is filled at present; empty when nothing is known or the trackers are out of reach."""
        query = text("SELECT events FROM rasa_trackers WHERE sender_id = :id")
        try:
            with self._database.read() as connection:
                stored = connection.execute(query, {"id": conversation_id}).scalar_one_or_none()
        except (StoreUnavailable, SQLAlchemyError):
            return {}
        found: dict[str, Any] = {}
        for event in json.loads(stored or "[]"):
            if event.get("event") == "slot" and event.get("name") not in _INTERNAL:
                found[str(event["name"])] = event.get("value")
        return {name: mask(str(value)).text for name, value in found.items() if isinstance(value, (str, int, float))}
