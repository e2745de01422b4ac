"""Candidate examples: proposed by one person, approved or rejected by another, never trained unreviewed.

Every step stands in the history: who, when, what, why. Undoing takes an approved candidate back to
proposed; one that is trained already is taken out of the data by the same way it came in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from bot.chat.conversations import now
from bot.errors import CandidateSettled, PersonalDataFound, SamePerson, UnknownExample
from bot.privacy import mask
from bot.store.database import Database
from bot.store.training_tables import (
    APPROVED,
    PROPOSED,
    REJECTED,
    TRAINED,
    training_candidates,
    training_history,
)
from bot.training.inbox import settle
from bot.training.labels import Label, Taxonomy

MAX_CHARS = 300
_KINDS: dict[str, str] = {
    "card": "卡号",
    "id_number": "证件号",
    "phone": "手机号",
    "password": "密码",
    "code": "验证码",
    "cvv": "安全码",
}
_TABLE = training_candidates


@dataclass(frozen=True)
class Candidate:
    """One sentence with the label somebody proposes for it.

    Attributes:
        answer: an agent's good answer, for the knowledge's owner; None mostly.
        origin: ``{"conversation_id", "seq"}`` of the masked chat it came from; None when typed in.
    """

    id: str
    text: str
    label: Label
    state: str
    proposed_by: str
    proposed_at: datetime
    note: str = ""
    answer: str | None = None
    origin: dict[str, Any] | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the candidate for the pages."""
        return {
            "id": self.id,
            "text": self.text,
            "act": self.label.act,
            "topic": self.label.topic,
            "aspect": self.label.aspect,
            "state": self.state,
            "note": self.note,
            "answer": self.answer,
            "origin": self.origin,
            "proposed_by": self.proposed_by,
            "proposed_at": self.proposed_at.isoformat(),
            "reviewed_by": self.reviewed_by,
            "reviewed_at": self.reviewed_at.isoformat() if self.reviewed_at else None,
        }


class Candidates:
    """Repository of candidate examples.

    Args:
        clock: the present time in UTC.
    """

    def __init__(self, database: Database, taxonomy: Taxonomy, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._taxonomy = taxonomy
        self._clock = clock

    def propose(
        self,
        text: str,
        label: Label,
        who: str,
        note: str = "",
        places: Sequence[tuple[str, int]] = (),
        answer: str | None = None,
    ) -> Candidate:
        """Propose an example; the messages it came from leave the inbox.

        Raises:
            UnknownLabel: not in the taxonomy.
            PersonalDataFound: the sentence or the answer holds personal data.
            ValueError: the sentence is empty, has several lines or more than ``MAX_CHARS`` characters.
        """
        self._taxonomy.check(label)
        sentence = check_sentence(text)
        if answer:
            check_private(answer)
        at = self._clock()
        candidate = Candidate(
            id=uuid4().hex,
            text=sentence,
            label=label,
            state=PROPOSED,
            proposed_by=who,
            proposed_at=at,
            note=mask(note).text,
            answer=answer or None,
            origin={"conversation_id": places[0][0], "seq": places[0][1]} if places else None,
        )
        with self._database.write() as connection:
            connection.execute(insert(_TABLE).values(_columns(candidate)))
            settle(connection, places, who, at, candidate.id)
            _note(connection, candidate.id, who, at, "proposed", candidate.note)
        return candidate

    def review(self, candidate_id: str, who: str, approve: bool, comment: str = "") -> Candidate:
        """Approve or reject what somebody else proposed.

        Raises:
            SamePerson: the reviewer proposed it.
            CandidateSettled: reviewed already.
            UnknownExample: there is no such candidate.
        """
        state = APPROVED if approve else REJECTED
        return self._move(candidate_id, who, (PROPOSED,), state, comment, other_person=True)

    def undo(self, candidate_id: str, who: str, comment: str = "") -> Candidate:
        """Take a review back, as long as it is not trained yet; raises as :meth:`review`."""
        return self._move(candidate_id, who, (APPROVED, REJECTED), PROPOSED, comment, other_person=False)

    def trained(self, ids: Sequence[str], who: str, version: str) -> None:
        """Note that approved candidates stand in the data of the published model ``version``."""
        for candidate_id in ids:
            self._move(candidate_id, who, (APPROVED,), TRAINED, version, other_person=False)

    def untrained(self, ids: Sequence[str], who: str, version: str) -> None:
        """Note that the published model ``version`` was rolled back: its examples are approved, not trained."""
        for candidate_id in ids:
            self._move(candidate_id, who, (TRAINED,), APPROVED, version, other_person=False)

    def get(self, candidate_id: str) -> Candidate:
        """Return one candidate.

        Raises:
            UnknownExample: there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(select(_TABLE).where(_TABLE.c.id == candidate_id)).one_or_none()
        if row is None:
            raise UnknownExample()
        return _candidate(row)

    def all(self, state: str | None = None, limit: int = 500) -> list[Candidate]:
        """Return candidates, newest first; of one state, or all."""
        query = select(_TABLE).order_by(_TABLE.c.proposed_at.desc(), _TABLE.c.id).limit(limit)
        if state is not None:
            query = query.where(_TABLE.c.state == state)
        with self._database.read() as connection:
            return [_candidate(row) for row in connection.execute(query)]

    def history(self, candidate_id: str) -> list[dict[str, Any]]:
        """Return what was done to a candidate, oldest first."""
        table = training_history
        query = select(table).where(table.c.candidate_id == candidate_id).order_by(table.c.id)
        with self._database.read() as connection:
            return [
                {"at": row.at.isoformat(), "who": row.who, "what": row.what, "comment": row.comment}
                for row in connection.execute(query)
            ]

    def agreement(self) -> dict[str, dict[str, float]]:
        """Return for each intent how many proposals were reviewed and the share approved."""
        judged = {APPROVED: 1, TRAINED: 1, REJECTED: 0}
        query = select(_TABLE.c.act, _TABLE.c.topic, _TABLE.c.state, func.count().label("number")).where(
            _TABLE.c.state.in_(list(judged))
        )
        figures: dict[str, dict[str, float]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query.group_by(_TABLE.c.act, _TABLE.c.topic, _TABLE.c.state)):
                entry = figures.setdefault(row.topic or row.act, {"reviewed": 0, "approved": 0})
                entry["reviewed"] += row.number
                entry["approved"] += row.number * judged[row.state]
        return {name: {**entry, "agreement": entry["approved"] / entry["reviewed"]} for name, entry in figures.items()}

    def _move(
        self, candidate_id: str, who: str, sources: tuple[str, ...], state: str, comment: str, other_person: bool
    ) -> Candidate:
        at = self._clock()
        with self._database.write() as connection:
            row = connection.execute(select(_TABLE).where(_TABLE.c.id == candidate_id)).one_or_none()
            if row is None:
                raise UnknownExample()
            if other_person and row.proposed_by == who:
                raise SamePerson()
            reviewed: dict[str, Any] = {"reviewed_by": None, "reviewed_at": None}
            if state != PROPOSED:
                reviewed = {"reviewed_by": row.reviewed_by or who, "reviewed_at": row.reviewed_at or at}
            changed = connection.execute(
                update(_TABLE)
                .where(_TABLE.c.id == candidate_id, _TABLE.c.state.in_(sources))
                .values(state=state, **reviewed)
            ).rowcount
            if changed != 1:
                raise CandidateSettled()
            _note(connection, candidate_id, who, at, state, mask(comment).text)
            return _candidate(connection.execute(select(_TABLE).where(_TABLE.c.id == candidate_id)).one())


def check_sentence(text: str) -> str:
    """Return an example sentence without blanks around it.

    Raises:
        ValueError: empty, several lines, or too long.
        PersonalDataFound: it holds personal data.
    """
    sentence = text.strip()
    if not sentence or "\n" in sentence or "\r" in sentence or len(sentence) > MAX_CHARS:
        raise ValueError(f"例句应是一行，1 到 {MAX_CHARS} 个字。")
    check_private(sentence)
    return sentence


def check_private(text: str) -> None:
    """Raise unless ``text`` is free of personal data (what is masked already may stay).

    Raises:
        PersonalDataFound: names the kinds in Chinese.
    """
    if kinds := mask(text).kinds:
        raise PersonalDataFound(kinds="、".join(dict.fromkeys(_KINDS.get(kind, kind) for kind in kinds)))


def _columns(candidate: Candidate) -> dict[str, Any]:
    return {
        **{name: getattr(candidate, name) for name in ("id", "text", "state", "proposed_by", "proposed_at")},
        **{name: getattr(candidate, name) for name in ("note", "answer", "origin")},
        "act": candidate.label.act,
        "topic": candidate.label.topic,
        "aspect": candidate.label.aspect,
    }


def _candidate(row: Any) -> Candidate:
    return Candidate(
        label=Label(row.act, row.topic, row.aspect),
        **{name: getattr(row, name) for name in Candidate.__dataclass_fields__ if name != "label"},
    )


def _note(connection: Connection, candidate_id: str, who: str, at: datetime, what: str, comment: str) -> None:
    connection.execute(
        insert(training_history).values(candidate_id=candidate_id, at=at, who=who, what=what, comment=comment)
    )
