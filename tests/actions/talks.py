"""Talks with the actions on a database of their own: Rasa's part (active form, requested slot) is played here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import insert

from actions.acts import FORM_OF_ACT
from actions.conversation import ActionReply
from actions.forms import validation
from actions.forms.form import Means
from actions.responder import Responder
from actions.services import Services
from bot.blocks import Reply
from bot.cases.service import CaseService
from bot.chat.conversations import now
from bot.identity.build import build_identity
from bot.knowledge.loader import load_knowledge
from bot.knowledge.replies import load_replies
from bot.nlu.decision import Scores
from bot.settings import PROJECT_ROOT, Settings
from bot.store import tables
from bot.store.database import Database

KNOWLEDGE = load_knowledge(PROJECT_ROOT / "data" / "knowledge")
REPLIES = load_replies(PROJECT_ROOT / "data" / "knowledge", KNOWLEDGE)
FORMS = {
    kind.form.name: kind
    for kind in vars(validation).values()
    if isinstance(kind, type) and issubclass(kind, validation.FormValidationAction) and hasattr(kind, "form")
}
_WORDS = (
    ("转账限额", ("ask", "transfer.limit", "how")),
    ("补卡", ("ask", "card.replace", "materials")),
    ("投诉多久", ("ask", "complaint.process", "time")),
    ("转人工", ("request_human", "", "")),
    ("不想活", ("crisis", "", "")),
    ("被骗", ("report_fraud", "", "")),
    ("挂失", ("report_loss", "", "")),
    ("催", ("case_urge", "", "")),
    ("撤", ("case_withdraw", "", "")),
    ("进度", ("case_status", "", "")),
    ("再说一遍", ("repeat", "", "")),
    ("赔", ("compensation", "", "")),
    ("表扬", ("ask", "suggestion.praise", "overview")),
    ("再见", ("goodbye", "", "")),
    ("投诉", ("complain", "", "")),
)


def understood(text: str) -> Scores:
    """Scores as a trained pipeline would give them for the few things said in these tests."""
    if re.fullmatch(r"(?:嗯+|好的|对|是的|确认|行)", text):
        return Scores((("affirm", 0.95),), (), ())
    if "我要投诉" in text:
        return Scores((("complain", 0.95),), (), ())
    act, topic, aspect = next((labels for word, labels in _WORDS if word in text), ("out_of_scope", "", ""))
    ranked = ((topic, 0.95),) if topic else ()
    return Scores(((act, 0.95),), ranked, ((aspect, 0.95),) if aspect else ())


class _Reader:
    async def read(self, texts: Sequence[str]) -> list[Scores]:
        return [understood(text) for text in texts]


def means_on(database: Database, settings: Settings) -> Means:
    """What the actions work with, on one database."""
    services = Services(CaseService.from_settings(settings, database), build_identity(settings, database))
    return Means(Responder(KNOWLEDGE, REPLIES), _Reader(), services, date(2026, 11, 26))


@dataclass
class Talk:
    """One conversation; `say` returns the replies to one message."""

    means: Means
    database: Database
    customer: str | None = None
    id: str = field(default_factory=lambda: uuid4().hex)
    slots: dict[str, Any] = field(default_factory=dict)
    form: str | None = None
    said: int = 0

    def __post_init__(self) -> None:
        at = now()
        row = {
            "id": self.id, "token_hash": "x" * 64, "channel": "web", "elder": False, "identity": "anonymous",
            "owner": "bot", "epoch": 0, "last_seq": 0, "failures": 0, "created_at": at, "updated_at": at,
        }  # fmt: skip
        with self.database.write() as connection:
            connection.execute(insert(tables.conversations).values(**row))

    async def say(self, text: str, choice: dict[str, Any] | None = None, **facts: Any) -> Replies:
        """Send a message, as the server hands it on, and return what is replied."""
        self.said += 1
        latest = {
            "text": "" if choice else text,
            "intent": {"name": "x"},
            "routing": None if choice else understood(text).to_json(),
            "choice": choice,
            "entities": [],
            "metadata": {"customer": self.customer, "origin": self.id, **facts},
            "message_id": f"{self.id}-{self.said}",
        }
        action: Any = FORMS[self.form](self.means) if self.form else ActionReply(self.means)
        found: list[dict[str, Any]] = []
        while action is not None:
            action = await self._run(action, latest, found)
        return Replies([Reply.parse_obj(one).dict(exclude_none=True) for one in found])

    async def _run(self, action: Any, latest: dict[str, Any], found: list[dict[str, Any]]) -> Any:
        loop = {"name": self.form} if self.form else {}
        tracker = Tracker(self.id, dict(self.slots), latest, [], False, None, loop, "action_listen")
        dispatcher, following = CollectingDispatcher(), None
        for event in await action.run(dispatcher, tracker, {}):
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            elif event["event"] == "followup":
                following = event["name"]
        found += [message["custom"] for message in dispatcher.messages]
        if self.form and self.slots.get("requested_slot") is None:
            self.form = None
        if following is None:
            return None
        assert following in FORMS and following in {*FORM_OF_ACT.values(), "suggestion_form"}
        self.form, self.slots["requested_slot"] = following, None
        return FORMS[following](self.means)

    def code(self) -> str:
        """The code on the customer's phone."""
        return self.means.services.identity.codes.shown(self.id) or ""

    async def type_code(self, code: str) -> Replies:
        """Type a code: the server checks it before the assistant hears of it."""
        codes = self.means.services.identity.codes
        with self.database.write() as connection:
            challenge = codes.challenge(connection, self.id)
            assert challenge is not None
            outcome = codes.check(connection, challenge, code, self.id)
        return await self.say("〔验证码〕", otp=outcome)


class Replies:
    """All replies to one message."""

    def __init__(self, replies: list[dict[str, Any]]) -> None:
        self.replies = replies
        self.blocks = [block for reply in replies for block in reply["blocks"]]

    @property
    def asks_for(self) -> str | None:
        """What is asked for at last."""
        forms = [block["asks_for"] for block in self.blocks if block["type"] == "form"]
        return forms[-1] if forms else None

    @property
    def case(self) -> str | None:
        """What happened to a case."""
        return next((block.get("event", "shown") for block in self.blocks if block["type"] == "case"), None)

    @property
    def number(self) -> str:
        """The number of the case in the reply."""
        return str(next(block["number"] for block in self.blocks if block["type"] == "case"))

    @property
    def acts(self) -> list[str]:
        """How the message was understood."""
        return [reply["routing"]["act"] for reply in self.replies]

    @property
    def handoff(self) -> tuple[str, str] | None:
        """State and priority of the first handoff."""
        found = (block for block in self.blocks if block["type"] == "handoff")
        return next(((block["state"], block["priority"]) for block in found), None)

    @property
    def text(self) -> str:
        """Everything that is said."""
        return str(self.blocks)
