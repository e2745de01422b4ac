"""A tracker store that stays as cheap at turn 500 as at turn 5.

The message log is the record of a conversation; the tracker only carries what the next
decision needs: the slots, the active form and the last few turns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import Column, DateTime, MetaData, String, Table, Text, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.pool import QueuePool

from bot.settings import get_settings

MAX_EVENTS = 24

_metadata = MetaData()
_trackers = Table(
    "rasa_trackers",
    _metadata,
    Column("sender_id", String(64), primary_key=True),
    Column("events", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)


def bounded(tracker: DialogueStateTracker, max_events: int = MAX_EVENTS) -> list[Event]:
    """Return at most about ``max_events`` events that restore the tracker's present state.

    Older turns give way to a snapshot: one `SlotSet` for every filled slot and the active loop.
    """
    events = list(tracker.events)
    if len(events) <= max_events:
        return events
    start = len(events) - max_events
    while start < len(events) and not _begins_turn(events[start]):
        start += 1
    snapshot: list[Event] = [
        SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value != slot.initial_value
    ]
    if tracker.active_loop_name:
        snapshot.append(ActiveLoop(tracker.active_loop_name))
    return snapshot + events[start:]


def _begins_turn(event_: Event) -> bool:
    return isinstance(event_, ActionExecuted) and event_.action_name == ACTION_LISTEN_NAME


class BoundedTrackerStore(TrackerStore):
    """One row a conversation in the project's own database (SQLite or PostgreSQL).

    Args:
        domain: the assistant's domain.
        event_broker: Rasa's event broker, if one is configured.
        max_events: events kept beside the snapshot.
        url: database; by default the one of the settings (a file of its own with SQLite).

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database is out of reach; nothing falls back to memory.
    """

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        max_events: int = MAX_EVENTS,
        url: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain or Domain.empty(), event_broker)
        self._max_events = max_events
        self._engine = _engine(url or _default_url())
        _metadata.create_all(self._engine)
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        new = insert(_trackers)
        self._upsert = new.on_conflict_do_update(
            index_elements=[_trackers.c.sender_id],
            set_={"events": new.excluded.events, "updated_at": func.now()},
        )

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the bounded state of ``tracker``."""
        await self.stream_events(tracker)
        events = json.dumps([item.as_dict() for item in bounded(tracker, self._max_events)], ensure_ascii=False)
        with self._engine.begin() as connection:
            connection.execute(self._upsert, {"sender_id": tracker.sender_id, "events": events})

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker of ``sender_id``; None when there is none."""
        query = select(_trackers.c.events).where(_trackers.c.sender_id == sender_id)
        with self._engine.connect() as connection:
            stored = connection.execute(query).scalar_one_or_none()
        if stored is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(stored), self.domain.slots)

    async def keys(self) -> Iterable[str]:
        """Return the ids of all stored conversations."""
        with self._engine.connect() as connection:
            rows: Sequence[str] = connection.execute(select(_trackers.c.sender_id)).scalars().all()
        return rows


def _default_url() -> str:
    settings = get_settings()
    if settings.database_url.startswith("sqlite"):
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{settings.var_dir / 'trackers.db'}"
    return settings.database_url


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, future=True, pool_pre_ping=True)
    engine = create_engine(
        url,
        future=True,
        poolclass=QueuePool,  # SQLAlchemy would open the file anew for every statement
        connect_args={"timeout": 5, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
