"""Any mixture of sending, retrying, claiming, answering, dying, handing over and reading on.

Whatever happens, the log has no gaps, every message is there once, none is answered twice, answers stand
in order, and a client that reads on from any number ends up with the same log.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.blocks import Reply, TextBlock
from bot.chat.conversations import now
from bot.chat.records import Claim, CustomerText
from bot.chat.wording import failure
from bot.desk import agents
from bot.errors import ChatTaken, NotYourChat, TooManyPending
from bot.store import tables
from bot.store.migrate import upgrade
from tests.chat.conftest import AGENT, BANK, LEASE, Node


class LogMachine(RuleBasedStateMachine):
    """Two servers on one database; the clock moves only by ``time_passes``."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{self.folder.name}/log.db"
        upgrade(url)
        self.nodes = [Node.on(url), Node.on(url)]
        self.id = self.nodes[0].opened()
        with self.nodes[0].database.write() as connection:
            agents.sign_on(connection, AGENT, now())
        self.clock = now()
        self.sent: dict[str, int] = {}
        self.claims: list[tuple[int, Claim]] = []
        self.seen: list[int] = []

    def teardown(self) -> None:
        for node in self.nodes:
            node.database.close()
        self.folder.cleanup()

    @rule(server=st.integers(0, 1), name=st.integers(0, 15), to_desk=st.booleans())
    def send(self, server: int, name: int, to_desk: bool) -> None:
        client_id = f"c{name}"
        log = self.nodes[server].log
        said = CustomerText(client_id)
        try:
            ack = log.append_customer(self.id, client_id, said, wants_human=to_desk)
        except TooManyPending:
            assert client_id not in self.sent
            return
        assert ack.fresh == (client_id not in self.sent)
        assert self.sent.setdefault(client_id, ack.seq) == ack.seq

    @rule(server=st.integers(0, 1))
    def claim(self, server: int) -> None:
        claim = self.nodes[server].work.claim(self.id, self.clock)
        if claim is not None:
            self.claims.append((server, claim))

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), good=st.booleans(), parts=st.integers(1, 3))
    def settle(self, data: st.DataObject, good: bool, parts: int) -> None:
        server, claim = self.claims.pop(data.draw(st.integers(0, len(self.claims) - 1)))
        work = self.nodes[server].work
        if good:
            work.answer(claim, [Reply(blocks=[TextBlock(text=str(claim.seq))])] * parts)
        else:
            work.fail(claim, failure(BANK))

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        self.claims.pop(data.draw(st.integers(0, len(self.claims) - 1)))

    @rule()
    def time_passes(self) -> None:
        self.clock += LEASE + timedelta(seconds=1)

    @rule(staffed=st.booleans())
    def agents_come_and_go(self, staffed: bool) -> None:
        self.nodes[0].staffed("agents_online" if staffed else "no_agents")

    @rule(server=st.integers(0, 1))
    def an_agent_takes_it(self, server: int) -> None:
        node = self.nodes[server]
        waiting = node.conversations.get(self.id).owner == "queue"
        try:
            node.chats.claim(AGENT.id, self.id)
        except ChatTaken:
            assert not waiting
        else:
            assert waiting
            assert node.conversations.get(self.id).owner == "human"

    @rule(server=st.integers(0, 1))
    def the_agent_ends_it(self, server: int) -> None:
        node = self.nodes[server]
        talking = node.conversations.get(self.id).owner == "human"
        try:
            node.given_back(self.id)
        except NotYourChat:
            assert not talking
        else:
            assert talking
            assert node.conversations.get(self.id).owner == "bot"

    @rule(limit=st.integers(1, 5))
    def read_on(self, limit: int) -> None:
        after = self.seen[-1] if self.seen else 0
        self.seen += [message.seq for message in self.nodes[1].log.read(self.id, after, limit)[0]]

    @invariant()
    def the_log_is_whole(self) -> None:
        whole = self.nodes[0].everything(self.id)
        last_seq = self.nodes[0].conversations.get(self.id).last_seq
        assert [seq for seq, _role, _text in whole] == list(range(1, last_seq + 1))
        assert {text: seq for seq, role, text in whole if role == "customer"} == self.sent
        assert self.seen == list(range(1, len(self.seen) + 1))

    @invariant()
    def nothing_is_answered_twice_or_out_of_order(self) -> None:
        with self.nodes[0].database.read() as connection:
            rows = connection.execute(tables.messages.select().order_by(tables.messages.c.seq)).all()
        bot_answers = [row.reply_to for row in rows if row.role == "bot" and row.reply_to is not None]
        assert bot_answers == sorted(bot_answers)
        settled_by: dict[int, set[str]] = {}
        for row in rows:
            if row.reply_to is not None:
                settled_by.setdefault(row.reply_to, set()).add(row.role)
        assert all(len(roles) == 1 for roles in settled_by.values()), "an answer or a failure, not both"
        for row in rows:
            if row.role == "customer" and row.answer_state == "open":
                assert row.seq not in settled_by


LogMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLog = LogMachine.TestCase
