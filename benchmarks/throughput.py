"""How fast the whole of an assistant answers: `python -m benchmarks.throughput --ours-model A --stock-model B`.

Ours goes the whole way of a message (HTTP, message log, Rasa, actions, SQLite, the answer over the WebSocket);
stock Rasa answers at its REST channel with the same actions behind it. Both hear the same questions.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import aiohttp
import numpy as np

from benchmarks.customers import Customer, RestCustomer, WidgetCustomer
from benchmarks.process import PROJECT_ROOT
from benchmarks.stacks import Stack, our_stack, stock_stack
from bot.nlu.examples import CONTEXT_TOPIC, read_examples

AT_ONCE = 16
TURNS = 8
"""Turns of one conversation, except the long one."""
ROUNDS = 3
"""Conversations each of the customers at once has, one after the other."""
ALONE = 12
"""Conversations one customer has while nobody else is there."""
LONG = 500
EARLY, AROUND = 5, 5
"""Turn 5 is the median of turns 1 to 9 of conversations, turn 500 that of turns 491 to 500 of one."""


@dataclass(frozen=True)
class Flow:
    """How one assistant kept up; latencies in milliseconds.

    Attributes:
        ready_seconds: from the first process started to all answering.
        memory_mb: resident memory of the process that holds the model, after the last message.
        per_second: messages answered a second, 16 customers at once.
        crowded_ms: median reply then.
        p50_ms, p95_ms: replies to one customer alone.
        early_ms, late_ms: replies around turn 5, and up to turn 500 of one conversation.
        cpu_ms: processor time of all its processes a message, while 16 were at it.
        rasa_cpu_ms: the part of the process that holds the model.
        load_average: of the machine, before and after.
    """

    ready_seconds: float
    memory_mb: float
    per_second: float
    crowded_ms: float
    p50_ms: float
    p95_ms: float
    early_ms: float
    late_ms: float | None
    cpu_ms: float
    rasa_cpu_ms: float
    load_average: tuple[float, float]


Arrives = Callable[[aiohttp.ClientSession, str], Awaitable[Customer]]


def questions(data: Path, seed: int = 1) -> list[str]:
    """Return the example questions under ``data`` that name a topic, in an order that is always the same."""
    found = [
        example.text
        for example in read_examples(sorted(data.rglob("*.yml")))
        if example.topic is not None and example.topic != CONTEXT_TOPIC
    ]
    Random(seed).shuffle(found)
    return found


async def flow(
    stack: AbstractAsyncContextManager[Stack], arrives: Arrives, texts: Sequence[str], long: int = LONG
) -> Flow:
    """Start an assistant and measure it.

    In: the assistant, how a customer comes to it, questions (each is asked once while there are enough), the
    number of turns of the long conversation (0: none).
    """
    before = os.getloadavg()[0]
    left = _endless(texts)
    async with stack as running, aiohttp.ClientSession() as session:
        await _talk(await arrives(session, running.url), left, TURNS)  # nothing is read for the first time later
        alone = [await _talk(await arrives(session, running.url), left, TURNS + 1) for _ in range(ALONE)]
        everybody = [await arrives(session, running.url) for _ in range(ROUNDS * AT_ONCE)]
        crowd = [everybody[number::AT_ONCE] for number in range(AT_ONCE)]
        used, started = running.cpu_seconds(), time.perf_counter()
        answered = await asyncio.gather(*(_one_after_another(customers, left) for customers in crowd))
        seconds = time.perf_counter() - started
        spent = {name: now - used[name] for name, now in running.cpu_seconds().items()}
        late = (await _talk(await arrives(session, running.url), left, long))[-2 * AROUND :] if long else []
        memory = running.rasa_memory_mb()
        ready = running.ready_seconds
    crowded = [latency for latencies in answered for latency in latencies]
    single = [latency for latencies in alone for latency in latencies]
    early = [latency for latencies in alone for latency in latencies[EARLY - AROUND : EARLY + AROUND - 1]]
    return Flow(
        ready_seconds=round(ready, 1),
        memory_mb=memory,
        per_second=round(len(crowded) / seconds, 1),
        crowded_ms=_percentile(crowded, 50),
        p50_ms=_percentile(single, 50),
        p95_ms=_percentile(single, 95),
        early_ms=_percentile(early, 50),
        late_ms=_percentile(late, 50) if late else None,
        cpu_ms=round(sum(spent.values()) / len(crowded) * 1_000, 1),
        rasa_cpu_ms=round(
            sum(value for name, value in spent.items() if name.startswith("rasa")) / len(crowded) * 1_000, 1
        ),
        load_average=(round(before, 1), round(os.getloadavg()[0], 1)),
    )


async def ours(model: Path, texts: Sequence[str], long: int = LONG) -> Flow:
    """Measure ours with ``model``."""
    return await flow(our_stack(model), WidgetCustomer.arrives, texts, long)


async def stock(model: Path, texts: Sequence[str], log: Path, long: int = LONG) -> Flow:
    """Measure stock Rasa with ``model``; its output goes to ``log``."""
    return await flow(stock_stack(model, log), RestCustomer.arrives, texts, long)


async def _talk(customer: Customer, texts: Iterator[str], turns: int) -> list[float]:
    """Ask ``turns`` questions; return how long each answer took."""
    found = []
    for _ in range(turns):
        started = time.perf_counter()
        await customer.ask(next(texts))
        found.append((time.perf_counter() - started) * 1_000)
    await customer.leave()
    return found


async def _one_after_another(customers: Sequence[Customer], texts: Iterator[str]) -> list[float]:
    return [latency for customer in customers for latency in await _talk(customer, texts, TURNS)]


def _endless(texts: Sequence[str]) -> Iterator[str]:
    while True:
        yield from texts


def _percentile(latencies: Sequence[float], share: float) -> float:
    return round(float(np.percentile(latencies, share)), 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure both assistants with models trained earlier; print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=main.__doc__)
    parser.add_argument("--ours-model", type=Path, required=True)
    parser.add_argument("--stock-model", type=Path)
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT / "data" / "nlu", help="examples to ask")
    parser.add_argument("--long", type=int, default=LONG, help="turns of the long conversation; 0: none")
    parser.add_argument("--log", type=Path, default=PROJECT_ROOT / "benchmarks" / "out" / "stock.stack.log")
    given = parser.parse_args(arguments)
    given.log.parent.mkdir(parents=True, exist_ok=True)
    texts = questions(given.data)
    found = {"ours": asyncio.run(ours(given.ours_model.resolve(), texts, given.long))}
    print(json.dumps({"ours": asdict(found["ours"])}), flush=True)
    if given.stock_model is not None:
        found["stock"] = asyncio.run(stock(given.stock_model.resolve(), texts, given.log, given.long))
    print(json.dumps({name: asdict(flowed) for name, flowed in found.items()}, indent=2))


if __name__ == "__main__":
    main()
