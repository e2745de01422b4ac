"""Leave out of the serving process what Rasa does anew for every message although once is enough.

Rasa is pinned and frozen; each change replaces one function by another with the same result, and a test
holds the two against each other. Trainers' `rasa` command and the stock comparison are untouched.
"""

from __future__ import annotations

import atexit
from typing import Any

import rasa.core.processor
import rasa.shared.utils.common
from aiohttp import ClientSession
from jsonschema import exceptions, validators
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.utils.endpoints import EndpointConfig

from bot.processes.plain_runner import PlainGraphRunner

_new_session = EndpointConfig.session
_resolve_slowly = Event.resolve_by_type
_SESSION = "_kept_session"


def make_lean() -> None:
    """Change Rasa in this process. May be called again."""
    RemoteAction._validate_action_result = ActionReplyCheck()
    EndpointConfig.session = kept_session
    Event.resolve_by_type = staticmethod(event_class)
    rasa.core.processor.DaskGraphRunner = PlainGraphRunner


class ActionReplyCheck:
    """Checks what an action answered against Rasa's schema, compiled once.

    Rasa also validates the schema itself on each call: 30 ms, twice what understanding the message takes.
    """

    def __init__(self) -> None:
        schema = RemoteAction.action_response_format_spec()
        kind = validators.validator_for(schema)
        kind.check_schema(schema)
        self._validator = kind(schema)

    def __call__(self, result: dict[str, Any]) -> bool:
        """Return True, or raise ``jsonschema.ValidationError`` for what Rasa would not take either."""
        error = exceptions.best_match(self._validator.iter_errors(result))
        if error is not None:
            error.message += ". The action server answered against Rasa's format of custom actions."
            raise error
        return True


class _Kept:
    """A session that stays open when its ``async with`` ends."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> ClientSession:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        """Leave the session, and with it the connection, to the next call."""


def kept_session(endpoint: EndpointConfig) -> _Kept:
    """Return the endpoint's one session, so that calls of an action use one connection again and again."""
    session: ClientSession | None = endpoint.__dict__.get(_SESSION)
    if session is None or session.closed:
        session = _new_session(endpoint)
        endpoint.__dict__[_SESSION] = session
        if session.connector is not None:
            atexit.register(session.connector._close)
    return _Kept(session)


_classes: dict[str, type[Event]] = {}


def event_class(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """Return the class of events called ``type_name``; Rasa walks all subclasses for each event it reads.

    Raises:
        ValueError: there is no such class and no default.
    """
    if not _classes:
        for found in rasa.shared.utils.common.all_subclasses(Event):
            _classes.setdefault(found.type_name, found)
    known = _classes.get(type_name)
    resolved: type[Event] | None = known if known is not None else _resolve_slowly(type_name, default)
    return resolved
