"""The desk as the chat sees it: arranges a person when one is needed, and answers while the bot is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.engine import Connection

from bot.blocks import Block, HandoffBlock, Reply
from bot.chat.conversations import now
from bot.chat.desk_port import Arrangement
from bot.chat.records import Claim, CustomerText
from bot.desk import agents, policies, signals, topics, wording
from bot.desk.consent import consents
from bot.desk.ownership import live_handoff, move
from bot.desk.policies import Exchange, Finding
from bot.desk.rating import BAD_REASONS, GOOD_REASONS, Ratings
from bot.desk.records import Ask, Handoff
from bot.desk.requests import Requests
from bot.desk.settings import DeskSettings
from bot.desk.waiting import waiting_of
from bot.desk.webhooks import emit
from bot.store import desk_tables as desk
from bot.store.desk_tables import CANCELLED, HUMAN, WRAP_UP


class Desk:
    """Implements :class:`bot.chat.desk_port.DeskPort`.

    Attributes:
        asked: topics answered since the ticker last wrote them down.

    Args:
        settings: hours, figures and policies as they are at present.
        requests: puts customers into the queue or takes their message.
        ratings: knows what the customer is invited to rate.
        clock: the present time.
    """

    def __init__(
        self,
        settings: DeskSettings,
        requests: Requests,
        ratings: Ratings,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._settings = settings
        self._requests = requests
        self._ratings = ratings
        self.asked: Counter[str] = Counter()
        self._clock = clock

    def arrange(self, connection: Connection, claim: Claim, replies: list[Reply]) -> Arrangement:
        """Apply the policies to one exchange; a requested handoff never leaves the server as such."""
        at, rules = self._clock(), self._settings.rules
        conversation = claim.conversation
        routing = next((reply.routing for reply in replies if reply.routing is not None), None)
        before = signals.read(connection, conversation.id)
        after = signals.after_reply(before, routing.dict() if routing else None, claim.masked)
        after = replace(signals.alarmed(before, after, rules.desk, at), returned=None)
        signals.keep(connection, conversation.id, after, at)
        repeat = rules.policies.repeat_visit
        since = at - timedelta(seconds=repeat.seconds or 86_400)
        topic = routing.topic if routing is not None and routing.decision == "answer" else None
        if topic is not None:
            self.asked[topic] += 1
        exchange = Exchange(
            text=claim.text,
            masked=tuple(claim.masked),
            replies=tuple(replies),
            signals=after,
            elder=conversation.elder,
            visits=signals.visits_since(connection, conversation, since),
            seen=topics.seen(connection, topic, at, rules.policies.low_frequency),
        )
        finding = policies.decide(rules.policies, exchange)
        if finding is None:
            return Arrangement(replies, handed_over=False)
        if finding.effect == "offer":
            last = replies[-1]
            more = last.copy(update={"blocks": [*last.blocks, wording.offered(finding.ask)]})
            return Arrangement([*replies[:-1], more], handed_over=False)
        return self._hand_over(connection, claim, replies, finding, at)

    def _hand_over(
        self, connection: Connection, claim: Claim, replies: list[Reply], finding: Finding, at: datetime
    ) -> Arrangement:
        row = self._requests.lock(connection, claim.conversation.id)
        arranged = self._requests.request(connection, row, finding.ask, at)
        outcome = self._settings.speaker.arranged(arranged, at)
        if finding.policy == "secrets" and not any(
            isinstance(block, HandoffBlock) and block.reason == "secret_shared"
            for reply in replies
            for block in reply.blocks
        ):
            outcome.insert(0, wording.secret_masked())
        if finding.replaces:
            routing = next((reply.routing for reply in replies if reply.routing is not None), None)
            return Arrangement([Reply(blocks=outcome, routing=routing)], handed_over=True)
        kept = [_without_handoff(reply) for reply in replies]
        last = kept[-1]
        kept[-1] = last.copy(update={"blocks": [*last.blocks, *outcome]})
        return Arrangement([reply for reply in kept if reply.blocks], handed_over=True)

    def failed(self, connection: Connection, claim: Claim, told: Reply, failures: int) -> Arrangement:
        """After too many failures or too long a wait a person takes over; a typed wish is obeyed at once."""
        at, named = self._clock(), self._settings.rules.policies.named()
        ask = None
        keyword, timeout = named.get("keyword"), named.get("timeout")
        if keyword is not None and policies.says(claim.text, keyword.words):
            ask = Ask(keyword.reason, keyword.clause)
        elif timeout is not None and (
            failures >= (timeout.failures or 3) or at - claim.created_at > timedelta(seconds=timeout.seconds or 180)
        ):
            ask = Ask(timeout.reason, timeout.clause)
        if ask is None:
            return Arrangement([told], handed_over=False)
        row = self._requests.lock(connection, claim.conversation.id)
        arranged = self._requests.request(connection, row, self._settled(connection, row, ask), at)
        said = _without_handoff(told).blocks
        return Arrangement([Reply(blocks=[*said, *self._settings.speaker.arranged(arranged, at)])], handed_over=True)

    def wished(self, connection: Connection, conversation: Any) -> Reply:
        """The button: obeyed at once, nothing has to be filled in before (`GB/T 47746—2026 5.2.2.3`)."""
        at, keyword = self._clock(), self._settings.rules.policies.keyword
        live = live_handoff(connection, conversation.id)
        if live is not None and live.state == HUMAN:
            return wording.with_agent_already(live)
        ask = self._settled(connection, conversation, Ask(keyword.reason, keyword.clause))
        arranged = self._requests.request(connection, conversation, ask, at)
        return Reply(blocks=self._settings.speaker.arranged(arranged, at))

    def arrived(self, connection: Connection, conversation: Any) -> None:
        """Count the visit; the first message opens the conversation for whoever is told."""
        if conversation.last_seq <= 1:
            data = {"conversation_id": conversation.id, "channel": conversation.channel}
            emit(connection, "conversation.opened", data, self._clock())
        signals.note_visit(connection, conversation, self._clock(), self._settings.rules.desk.visit_gap_s)

    def heard(
        self, connection: Connection, conversation: Any, said: CustomerText, payload: dict[str, Any] | None
    ) -> Reply | None:
        """Consent, leaving the queue, or simply one more message for the agent."""
        at = self._clock()
        live = live_handoff(connection, conversation.id)
        chosen = (payload or {}).get("desk")
        if live is None:
            return self._without_handoff(connection, conversation, chosen, at)
        table = desk.handoffs
        connection.execute(
            update(table).where(table.c.id == live.id).values(last_customer_at=at, idle_step=0, idle_since=None)
        )
        emit(connection, "conversation.message", {"conversation_id": conversation.id, "text": said.text}, at)
        if live.state == HUMAN:
            return self._to_agent(connection, conversation, live, said, chosen, at)
        return self._waiting(connection, conversation, live, said, chosen, at)

    def _without_handoff(
        self, connection: Connection, conversation: Any, chosen: str | None, at: datetime
    ) -> Reply | None:
        if chosen != wording.LEAVE:
            return wording.nothing_to_choose() if chosen else None
        keyword = self._settings.rules.policies.keyword
        ask = self._settled(connection, conversation, Ask(keyword.reason, keyword.clause))
        arranged = self._requests.leave_message(connection, conversation, ask, "no_agents", at)
        return Reply(blocks=self._settings.speaker.chose_to_leave(arranged, at))

    def _to_agent(
        self,
        connection: Connection,
        conversation: Any,
        live: Handoff,
        said: CustomerText,
        chosen: str | None,
        at: datetime,
    ) -> Reply:
        agrees = {wording.YES_TO_BOT: True, wording.NO_TO_BOT: False}.get(chosen or "")
        if live.proposal is not None and agrees is None:
            agrees = consents(said.text)
        if live.proposal is None or agrees is None:
            return wording.nothing_to_choose() if chosen else wording.heard_by_agent(live)
        if not agrees:
            table = desk.handoffs
            connection.execute(update(table).where(table.c.id == live.id).values(proposal=None))
            return wording.agent_goes_on(live)
        rate = not live.rating_invited
        move(
            connection,
            conversation,
            live,
            WRAP_UP,
            at,
            outcome="returned",
            ended_at=at,
            proposal=None,
            rating_invited=True,
        )
        emit(connection, "conversation.closed", {"conversation_id": conversation.id, "outcome": "returned"}, at)
        known = signals.read(connection, conversation.id)
        returned = {"settled": live.settled, "agent": live.agent_no, "reason": live.reason}
        signals.keep(connection, conversation.id, replace(known, returned=returned, misses=0), at)
        return wording.bot_goes_on(rate)

    def _waiting(
        self,
        connection: Connection,
        conversation: Any,
        live: Handoff,
        said: CustomerText,
        chosen: str | None,
        at: datetime,
    ) -> Reply:
        if chosen == wording.CANCEL:
            move(connection, conversation, live, CANCELLED, at, outcome="cancelled", ended_at=at, agent_no=None)
            return wording.not_waiting_any_more()
        if chosen == wording.LEAVE:
            arranged = self._requests.leave(connection, conversation, live, "no_agents", at)
            return Reply(blocks=self._settings.speaker.chose_to_leave(arranged, at))
        danger = self._settings.rules.policies.danger
        urgent_words = None
        if danger.enabled and policies.mentions(said.text, danger.words):
            urgent_words = self._settings.speaker.emergency()
            if not live.urgent:
                again = self._requests.request(
                    connection, conversation, Ask(danger.reason, danger.clause, "urgent", urgent=True), at
                )
                live = replace(live, urgent=True, skill="urgent", reason=again.ask.reason, rank=again.ask.rank)
        there = agents.there(connection, at, self._settings.rules.desk.heartbeat_s)
        reply = wording.heard_waiting(
            live, waiting_of(connection, live, there, self._settings.rules.desk), urgent_words
        )
        if said.masked:
            reply = reply.copy(update={"blocks": [wording.secret_masked(), *reply.blocks]})
        return reply

    def briefing(self, connection: Connection, conversation_id: str) -> dict[str, Any] | None:
        """What an agent has settled, told to the bot once after the hand-back."""
        return signals.read(connection, conversation_id).returned

    def state(self, connection: Connection, conversation: Any) -> dict[str, Any]:
        """Who speaks now and what the customer's page shows beside the talk."""
        live = live_handoff(connection, conversation.id)
        shown: dict[str, Any] = {
            "owner": conversation.owner,
            "agent": None,
            "place": None,
            "wait_s": None,
            "asks_consent": False,
            "rating": None,
            "left": None,
        }
        if live is None:
            invited = self._ratings.invited(connection, conversation.id)
            left = self._requests.open_left(connection, conversation.id)
            if invited is not None:
                shown["rating"] = {"agent": invited.agent_no, "good": GOOD_REASONS, "bad": BAD_REASONS}
            return {**shown, "left": None if left is None else {"case_number": left}}
        if live.state == HUMAN:
            return {**shown, "agent": live.agent_no, "asks_consent": live.proposal is not None}
        at = self._clock()
        there = agents.there(connection, at, self._settings.rules.desk.heartbeat_s)
        waiting = waiting_of(connection, live, there, self._settings.rules.desk)
        return {**shown, "place": waiting.place, "wait_s": waiting.wait_s}

    def _settled(self, connection: Connection, conversation: Any, ask: Ask) -> Ask:
        rules = self._settings.rules.policies
        repeat = rules.repeat_visit
        since = self._clock() - timedelta(seconds=repeat.seconds or 86_400)
        often = signals.visits_since(connection, conversation, since) >= (repeat.threshold or 3)
        topic = signals.read(connection, conversation.id).topic
        return policies.settled(rules, ask, conversation.elder, topic, repeat.enabled and often)


def _without_handoff(reply: Reply) -> Reply:
    blocks: list[Block] = [block for block in reply.blocks if not isinstance(block, HandoffBlock)]
    return reply.copy(update={"blocks": blocks})
