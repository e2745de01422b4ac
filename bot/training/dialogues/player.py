"""Run conversations one after the other, each in a conversation of its own, and judge every turn."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from bot.training.dialogues.bench import Bench, NotYetAvailable
from bot.training.dialogues.checks import (
    NOT_YET,
    PROBE,
    Evidence,
    Failure,
    check,
    check_probe,
    same_refusals,
)
from bot.training.dialogues.client import CustomerClient, Opened, ServerUnusable
from bot.training.dialogues.observed import Observed
from bot.training.dialogues.schema import PLACEHOLDER, Dialogue, Expect, Turn
from bot.training.dialogues.secrets import secrets_of
from bot.training.dialogues.stores import Stores

REFUSAL_TAGS = ("same_refusal_anon", "same_refusal_verified")


@dataclass(frozen=True)
class TurnFailure:
    """One failure with its place; turn 0 is the conversation as a whole."""

    turn: int
    said: str
    failure: Failure


@dataclass
class Result:
    """What came of one conversation."""

    dialogue: Dialogue
    failures: list[TurnFailure] = field(default_factory=list)
    turns: int = 0
    seconds: float = 0.0
    refusal: str | None = None


class Player:
    """Talks to a server and judges its replies.

    Args:
        client: the customer.
        bench: what conversations need beside the chat.
        stores: where secrets must not stand.
        internal: ids that must not be shown.
    """

    def __init__(
        self,
        client: CustomerClient,
        bench: Bench,
        stores: Stores | None = None,
        internal: Collection[str] = (),
    ) -> None:
        self._client = client
        self._stores = stores or Stores()
        self._bench = bench
        self._internal = internal

    async def run(self, dialogues: list[Dialogue], done: Callable[[Result], None] | None = None) -> list[Result]:
        """Run all conversations; ``done`` is called with each result as it comes."""
        results = []
        for dialogue in dialogues:
            result = await self._run_one(dialogue)
            results.append(result)
            if done is not None:
                done(result)
        _compare_refusals(results)
        return results

    async def _run_one(self, dialogue: Dialogue) -> Result:
        result = Result(dialogue)
        started = time.monotonic()
        try:
            token = await self._bench.token(dialogue)
            opened = await self._client.open(elder=dialogue.channel.elder, identity_token=token)
            values = await self._bench.prepare(dialogue, opened)
            await _Conversation(self, opened, result, values).play(dialogue.turns)
        except ServerUnusable as error:
            result.failures.append(TurnFailure(0, dialogue.title, Failure("服务端", "可以使用", str(error))))
        except NotYetAvailable as error:
            result.failures.append(TurnFailure(0, dialogue.title, Failure("测试条件", str(error), NOT_YET)))
        result.seconds = time.monotonic() - started
        return result


class _Conversation:
    """One conversation while it lasts."""

    def __init__(self, player: Player, opened: Opened, result: Result, values: dict[str, str]) -> None:
        self._client, self._stores, self._bench = player._client, player._stores, player._bench
        self._internal = player._internal
        self._opened, self._result, self._values = opened, result, values
        self._last = Observed(messages=opened.welcome)

    async def play(self, turns: list[Turn]) -> None:
        """Send all turns and collect the failures."""
        for number, turn in enumerate(turns, 1):
            following = turns[number] if number < len(turns) else None
            for step in turn.before:
                await self._bench.step(self._opened, step)
            rounds = turn.max if turn.when_asks is not None else 1
            for left in range(rounds - 1, -1, -1):
                if turn.when_asks is not None and self._last.asks_for.isdisjoint(turn.when_asks):
                    break
                text = self._filled(turn)
                observed = await self._send(json.dumps(text) if turn.user_json is None else turn.user_json)
                asked = observed.asks_for
                if "otp" in asked:
                    self._values["otp"] = await self._bench.code(self._opened)
                    if following is None or "otp" not in following.placeholders:
                        observed = await self._send(json.dumps(self._values["otp"]))
                again = left > 0 and not observed.asks_for.isdisjoint(turn.when_asks or ())
                await self._judge(number, turn, text, observed, asked, last=not again)

    async def _judge(
        self, number: int, turn: Turn, text: str, observed: Observed, asked: frozenset[str], last: bool
    ) -> None:
        """Check one reply; of a turn that is about to be sent again only the secrets count."""
        if turn.expect is None:
            return
        expect = turn.expect if last else Expect(masked=True) if turn.expect.masked else Expect()
        evidence = None
        if expect.masked:
            secrets = secrets_of(text)
            evidence = Evidence(secrets, await asyncio.to_thread(self._stores.holding, secrets))
        failures = check(expect, observed, self._values, evidence, self._internal, asked)
        if expect.ok:
            failures += check_probe(await self._send(json.dumps(PROBE)))
        self._result.failures += [TurnFailure(number, text, failure) for failure in failures]

    def _filled(self, turn: Turn) -> str:
        """The text with its placeholders filled in.

        Raises:
            NotYetAvailable: a value is not there, for example the number of a case that was not made.
        """

        def value(name: str) -> str:
            if name not in self._values:
                raise NotYetAvailable(f"{{{name}}} 的值")
            return self._values[name]

        return PLACEHOLDER.sub(lambda match: value(match[1]), turn.text) if turn.user else turn.text

    async def _send(self, literal: str) -> Observed:
        observed = await self._client.say(self._opened, literal)
        self._last = observed
        self._result.turns += 1
        if observed.case_number is not None:
            self._values["case_number"] = observed.case_number
        if observed.case == "status_refused" and self._result.refusal is None:
            self._result.refusal = observed.text
        return observed


def _compare_refusals(results: list[Result]) -> None:
    for tag in REFUSAL_TAGS:
        tagged = {str(result.dialogue.id): result for result in results if tag in result.dialogue.tags}
        refusals = {name: result.refusal for name, result in tagged.items() if result.refusal is not None}
        for name, failure in same_refusals(refusals).items():
            tagged[name].failures.append(TurnFailure(0, tag, failure))
