"""What Rasa remembers of a conversation: as much at turn 500 as at turn 5, and never only in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.chat.tracker_store import MAX_EVENTS, BoundedTrackerStore, bounded
from bot.settings import PROJECT_ROOT, get_settings
from tests.support.databases import postgres_database

pytestmark = pytest.mark.asyncio

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [ask]
slots:
  topic: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  choices: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  misunderstood: {type: any, initial_value: 0, influence_conversation: false, mappings: [{type: custom}]}
  phone: {type: text, influence_conversation: false, mappings: [{type: custom}]}
forms:
  case_form: {required_slots: [phone]}
actions: [action_answer]
"""
)
ROUTING = {"act": [["ask", 0.9]], "topic": [["card.loss", 0.8]], "aspect": []}


def new_tracker(sender: str = "conversation-1") -> DialogueStateTracker:
    tracker = DialogueStateTracker(sender, DOMAIN.slots)
    tracker.update_with_events([ActionExecuted("action_session_start"), SessionStarted()], DOMAIN)
    tracker.update(ActionExecuted("action_listen"), DOMAIN)
    return tracker


def turn(tracker: DialogueStateTracker, number: int) -> None:
    """One question and its answer."""
    said = {"text": f"第{number}问", "intent": {"name": "ask", "confidence": 0.9}, "routing": ROUTING}
    for event in (
        UserUttered(f"第{number}问", said["intent"], [], said),
        ActionExecuted("action_answer"),
        BotUttered("答", data={"custom": {"blocks": [{"type": "text", "text": "答" * 50}]}}),
        SlotSet("topic", f"topic.{number}"),
        ActionExecuted("action_listen"),
    ):
        tracker.update(event, DOMAIN)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind, of its own; PostgreSQL where one can be reached."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'trackers.db'}"
        return
    with postgres_database() as address:
        yield address


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[BoundedTrackerStore]:
    made = BoundedTrackerStore(DOMAIN, url=url)
    yield made
    with made._engine.begin() as connection:
        connection.execute(text("DELETE FROM rasa_trackers"))
    made._engine.dispose()


async def again(store: BoundedTrackerStore, tracker: DialogueStateTracker) -> DialogueStateTracker:
    """Save, and read back."""
    await store.save(tracker)
    found = await store.retrieve(tracker.sender_id)
    assert found is not None
    return found


def stored_bytes(store: BoundedTrackerStore) -> int:
    with store._engine.connect() as connection:
        return int(connection.execute(text("SELECT max(length(events)) FROM rasa_trackers")).scalar_one())


async def test_that_an_unknown_conversation_is_none(store: BoundedTrackerStore) -> None:
    assert await store.retrieve("nobody-here") is None
    assert list(await store.keys()) == []


async def test_that_a_short_conversation_is_kept_whole(store: BoundedTrackerStore) -> None:
    tracker = new_tracker()
    turn(tracker, 1)
    found = await again(store, tracker)
    assert [event.as_dict() for event in found.events] == [event.as_dict() for event in tracker.events]
    assert found.latest_message is not None
    assert found.latest_message.parse_data["routing"] == ROUTING
    assert list(await store.keys()) == ["conversation-1"]


async def test_that_five_hundred_turns_cost_no_more_than_twenty(store: BoundedTrackerStore) -> None:
    tracker, sizes = new_tracker(), {}
    for number in range(1, 501):
        turn(tracker, number)
        if number in (20, 499, 500):
            tracker = await again(store, tracker)
            sizes[number] = stored_bytes(store)
            assert len(tracker.events) <= MAX_EVENTS + len(DOMAIN.slots) + 1
    assert sizes[500] <= 1.1 * sizes[20]


async def test_that_every_turn_read_back_goes_on_where_it_stopped(store: BoundedTrackerStore) -> None:
    tracker = new_tracker()
    for number in range(1, 41):
        turn(tracker, number)
        tracker = await again(store, tracker)
        assert tracker.get_slot("topic") == f"topic.{number}"
        assert tracker.latest_message is not None and tracker.latest_message.text == f"第{number}问"
        assert tracker.latest_action_name == "action_listen"


async def test_that_slots_survive_the_turns_that_set_them(store: BoundedTrackerStore) -> None:
    tracker = new_tracker()
    for name, value in (("choices", [{"topic": "card.loss", "aspect": None}]), ("misunderstood", 1), ("phone", "略")):
        tracker.update(SlotSet(name, value), DOMAIN)
    for number in range(30):
        turn(tracker, number)
    found = await again(store, tracker)
    assert found.current_slot_values() == tracker.current_slot_values()
    assert found.get_slot("choices") == [{"topic": "card.loss", "aspect": None}]


async def test_that_a_slot_set_back_stays_back(store: BoundedTrackerStore) -> None:
    tracker = new_tracker()
    tracker.update(SlotSet("misunderstood", 2), DOMAIN)
    tracker.update(SlotSet("misunderstood", 0), DOMAIN)
    tracker.update(SlotSet("phone", "略"), DOMAIN)
    tracker.update(SlotSet("phone", None), DOMAIN)
    for number in range(30):
        turn(tracker, number)
    found = await again(store, tracker)
    assert (found.get_slot("misunderstood"), found.get_slot("phone")) == (0, None)


async def test_that_a_form_stays_active_however_long_it_takes(store: BoundedTrackerStore) -> None:
    tracker = new_tracker()
    tracker.update_with_events([ActiveLoop("case_form"), SlotSet("requested_slot", "phone")], DOMAIN)
    for number in range(30):
        turn(tracker, number)
        tracker = await again(store, tracker)
    assert tracker.active_loop_name == "case_form"
    tracker.update(ActiveLoop(None), DOMAIN)
    assert (await again(store, tracker)).active_loop_name is None


async def test_that_conversations_do_not_mix(store: BoundedTrackerStore) -> None:
    for sender in ("conversation-1", "conversation-2"):
        tracker = new_tracker(sender)
        turn(tracker, int(sender[-1]))
        await store.save(tracker)
    first, second = [await store.retrieve(f"conversation-{number}") for number in (1, 2)]
    assert first is not None and second is not None
    assert (first.get_slot("topic"), second.get_slot("topic")) == ("topic.1", "topic.2")
    assert sorted(await store.keys()) == ["conversation-1", "conversation-2"]


async def test_that_emoji_and_rare_characters_survive(store: BoundedTrackerStore) -> None:
    tracker = new_tracker()
    tracker.update(SlotSet("topic", "😀𠮷\u2060\"'"), DOMAIN)
    assert (await again(store, tracker)).get_slot("topic") == "😀𠮷\u2060\"'"


async def test_that_another_process_reads_what_this_one_wrote(store: BoundedTrackerStore, url: str) -> None:
    tracker = new_tracker()
    turn(tracker, 7)
    await store.save(tracker)
    found = await BoundedTrackerStore(DOMAIN, url=url).retrieve("conversation-1")
    assert found is not None and found.get_slot("topic") == "topic.7"


async def test_that_a_lost_database_is_an_error_at_once_and_later(tmp_path: Path) -> None:
    with pytest.raises(SQLAlchemyError):
        BoundedTrackerStore(DOMAIN, url=f"sqlite:///{tmp_path / 'missing' / 'trackers.db'}")
    with pytest.raises(SQLAlchemyError):
        BoundedTrackerStore(DOMAIN, url="postgresql://nobody@127.0.0.1:9/nothing")
    url = f"sqlite:///{tmp_path / 'trackers.db'}"
    store = BoundedTrackerStore(DOMAIN, url=url)
    with create_engine(url, future=True).begin() as connection:
        connection.execute(text("DROP TABLE rasa_trackers"))
    with pytest.raises(SQLAlchemyError):
        await store.save(new_tracker())
    with pytest.raises(SQLAlchemyError):
        await store.retrieve("conversation-1")


async def test_that_rasa_finds_the_store_by_the_endpoints_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUOYAN_VAR_DIR", str(tmp_path / "var"))
    get_settings.cache_clear()
    try:
        from rasa.core.utils import AvailableEndpoints

        endpoints = AvailableEndpoints.read_endpoints(str(PROJECT_ROOT / "endpoints.yml"))
        assert isinstance(endpoints.tracker_store, EndpointConfig)
        made: Any = TrackerStore.create(endpoints.tracker_store, DOMAIN)
    finally:
        get_settings.cache_clear()
    inner = getattr(made, "_tracker_store", made)
    assert isinstance(inner, BoundedTrackerStore)
    assert (tmp_path / "var" / "trackers.db").is_file()


async def test_that_a_bounded_history_begins_with_a_turn() -> None:
    tracker = new_tracker()
    for number in range(30):
        turn(tracker, number)
    kept = bounded(tracker, max_events=12)
    snapshot = next(event for event in kept if isinstance(event, SlotSet))
    assert (snapshot.key, snapshot.value) == ("topic", "topic.29")
    assert isinstance(kept[1], ActionExecuted) and kept[1].action_name == "action_listen"
    assert len(kept) <= 13
    assert json.dumps([event.as_dict() for event in kept])
