"""What a customer tells of a matter, gathered from any number of messages in any order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.corrections import correction_in
from actions.forms.fields import says_demand, says_when, says_where, tells
from actions.turn import Turn

_CLAUSES = re.compile(r"[,，。.;；!！\n]+")
_ANNOUNCED = re.compile(r"^.{0,6}?我?(?:要|想)?(?:投诉|反映|举报)[,，。:：!！\s]+(?=.{4})")
LONGEST = 1500
SHOWN = 300
MOST = 12
SUBJECT = 28


def hear(draft: dict[str, Any], turn: Turn) -> None:
    """Take up what a message adds to ``draft``: words, contact, and which of the needed things they name."""
    hear_contact(draft, turn)
    if tells(turn.text):
        keep(draft, turn.text)


def hear_contact(draft: dict[str, Any], turn: Turn) -> None:
    """Take up a phone number (kept sealed by the server) or a way of answering."""
    contact = turn.metadata.get("contact")
    if contact:
        draft["contact"] = {"token": contact.get("token"), "tail": contact.get("tail")}


def keep(draft: dict[str, Any], words: str) -> None:
    """Keep the customer's words and note whether they name time, place and demand."""
    text = words.strip()
    draft["story"] = [*draft.get("story", []), text][-MOST:]
    for name, says in (("when", says_when), ("where", says_where), ("demand", says_demand)):
        draft[name] = bool(draft.get(name)) or says(text)


def put_right(draft: dict[str, Any], text: str) -> bool:
    """Replace what a correction calls wrong in the words kept so far; False when it corrects nothing in them."""
    correction = correction_in(text)
    story: list[str] = draft.get("story") or []
    if correction is None or not correction.wrong or not any(correction.wrong in part for part in story):
        return False
    draft["story"] = [part.replace(correction.wrong, correction.right) for part in story]
    return True


def whole(draft: Mapping[str, Any]) -> str:
    """Return all that was told, one message a line."""
    return "\n".join(draft.get("story") or [])[:LONGEST]


def shown(draft: Mapping[str, Any]) -> str:
    """Return what was told, short enough to be read back."""
    text = "；".join(part.strip("。；;.!！ ") for part in draft.get("story") or [])
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def demanded(draft: Mapping[str, Any]) -> str:
    """Return the clauses that demand something, in the customer's words; empty when none does."""
    clauses = [clause.strip() for part in draft.get("story") or [] for clause in _CLAUSES.split(part)]
    found = [clause for clause in clauses if says_demand(clause)]
    return "；".join(dict.fromkeys([*found, *([draft["demand_said"]] if draft.get("demand_said") else [])]))[:SHOWN]


def subject(draft: Mapping[str, Any]) -> str:
    """Return a title in the customer's own first words."""
    first = next(iter(draft.get("story") or []), "").strip().replace("\n", " ")
    clause = _ANNOUNCED.sub("", first) or first
    return clause if len(clause) <= SUBJECT else f"{clause[: SUBJECT - 1]}…"


def answered_by(draft: Mapping[str, Any], known: bool) -> str:
    """Return how the customer will be answered; ``known``: the bank has a phone number of a verified customer."""
    contact = draft.get("contact") or {}
    if contact.get("tail"):
        return f"联系您的手机（尾号 {contact['tail']}），并在本会话中答复"
    return "按您在本行预留的联系方式，并在本会话中答复" if known else "在本会话中答复"
