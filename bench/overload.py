"""What becomes of payments when more come than can be carried: `python -m bench.overload [PART …]`.

Open-model arrivals, which come whoever waits, at 1.3 and 2 times what the engine carries; 512 connections at once;
captures at once; one account's flood beside another account's payments. Whether anybody was charged who was told 429 or
503, the gateway's own book says: its file, of which the API and its records know nothing. Nothing else should run.
Each part ends with a line that says whether it held, and what did not; the exit status is 1 if one did not.
"""

import argparse
import asyncio
import base64
import contextlib
import itertools
import random  # noqa: TID251
import sqlite3
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import aiohttp

from bench.client import KEY
from bench.load import closed
from bench.systems import CARDS, System, engine
from bench.verdicts import Verdict
from embedded.postgres import EmbeddedPostgres
from records.accounts import ensure_account, ensure_key
from records.database import Database

SECONDS = 120.0
CARRIED_AT_ONCE, CARRIED_PAYMENTS = 8, 500
"""How it is measured what is carried, before and after a load: a machine changes its pace."""

WARM_PAYMENTS = 300
CONNECTIONS = 512
CAPTURES = 5_000
TRIES_MAX = 40
REPEAT_SECONDS_MAX = 4.0
"""Between tries: half a second, then twice as long each time, as Stripe's libraries do it."""

PART_SECONDS = 10.0
GOOD_IN_A_ROW, CALM_SECONDS = 10, 0.3
NEIGHBOUR_SHARE, FLOOD = 0.2, 2.0
"""The other account's payments, and the flood's, by what the engine carries."""

GOODPUT_LEAST, RATIO_MAX = 0.9, 2.0
"""What is to hold: payments by what is carried, at any time; by how much the other's slowest hundredth may grow."""

NEIGHBOUR = ("acct_1Neighbour000000", "sk_test_neighbour")
PAYMENT = {"amount": "1099", "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa", **CARDS}
HOLD = {**PAYMENT, "capture_method": "manual"}


@dataclass
class Seen:
    """Answers, as (when, seconds since the request was due, status, the order that it was about)."""

    answers: list[tuple[float, float, int, str]] = field(default_factory=list)

    def told(self, *statuses: int) -> set[str]:
        """Orders that got one of these."""
        return {order for _, _, status, order in self.answers if status in statuses}

    def p99(self, status: int = 200) -> float:
        """Milliseconds, of those that got this status."""
        taken = [seconds for _, seconds, got, _ in self.answers if got == status]
        return statistics.quantiles(taken, n=100)[98] * 1_000 if len(taken) > 1 else 0.0

    def rate(self, began: float, ended: float) -> float:
        """Payments a second that were answered 200 in between."""
        done = [1 for when, _, status, _ in self.answers if status == 200 and began <= when < ended]
        return len(done) / (ended - began)

    def said(self) -> str:
        """Of each status how many, and the slowest hundredth."""
        counted = self.statuses().items()
        return ", ".join(f"{many} x {status or 'none'} (p99 {self.p99(status):.0f} ms)" for status, many in counted)

    def statuses(self) -> dict[int, int]:
        """How many of each."""
        return dict(sorted(Counter(status for _, _, status, _ in self.answers).items()))


class Buyers:
    """Buyers of one account, who pay and do not repeat."""

    numbers = itertools.count()
    told: ClassVar[set[str]] = set()
    """Charges that any of them was told of."""

    def __init__(self, http: aiohttp.ClientSession, key: str = KEY) -> None:
        """With this secret key."""
        self.http, self.seen = http, Seen()
        self._headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}

    async def send(self, path: str, form: dict[str, str], key: str = "") -> tuple[int, dict[str, Any]]:
        """One request; 0 if there was no answer."""
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        try:
            async with self.http.post(path, data=form, headers=headers) as response:
                return response.status, await response.json()
        except (aiohttp.ClientError, TimeoutError):
            return 0, {}

    async def pay(self, due: float | None = None, order: str = "") -> int:
        """One payment, under a key."""
        order = order or f"order_{next(self.numbers)}"
        began = due or time.perf_counter()
        status, body = await self.send("/v1/payment_intents", PAYMENT, order)
        self.seen.answers.append((time.perf_counter(), time.perf_counter() - began, status, order))
        if status == 200:
            self.told.add(body["latest_charge"])
        return status

    async def capture(self, id_: str) -> int:
        """One capture, under a key."""
        began = time.perf_counter()
        status, _ = await self.send(f"/v1/payment_intents/{id_}/capture", {}, f"capture_{id_}")
        self.seen.answers.append((time.perf_counter(), time.perf_counter() - began, status, id_))
        return status

    async def pay_until_taken(self) -> int:
        """As a client library does it, and does not give up; how many tries it took."""
        order = f"order_{next(self.numbers)}"
        return await self._until_taken(lambda: self.pay(order=order))

    async def capture_until_taken(self, id_: str) -> int:
        """Likewise."""
        return await self._until_taken(lambda: self.capture(id_))

    async def _until_taken(self, act: Callable[[], Awaitable[int]]) -> int:
        for tries in range(TRIES_MAX):
            if await act() == 200:
                return tries + 1
            pause = min(0.5 * 2**tries, REPEAT_SECONDS_MAX)
            await asyncio.sleep(pause * (0.5 + 0.5 * random.random()))
        return TRIES_MAX

    async def arrive(self, a_second: float, seconds: float) -> None:
        """Payments at a steady rate, however long those before them take."""
        started = time.perf_counter()

        async def one(due: float) -> None:
            await asyncio.sleep(due - time.perf_counter())
            await self.pay(due)

        await asyncio.gather(*(one(started + number / a_second) for number in range(int(a_second * seconds))))


class Book:
    """What the gateway has taken, from its own file."""

    def __init__(self, system: System) -> None:
        """Of this engine's gateway."""
        self._file = system.directory / "simulator.db"

    def captured(self) -> dict[str, int]:
        """Minor units by charge; of what is held, 0."""
        with contextlib.closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as ledger:
            return dict(ledger.execute("SELECT charge, captured FROM authorizations"))


@dataclass
class Stage:
    """The engine, two accounts' buyers, and what it carries."""

    system: System
    http: aiohttp.ClientSession
    book: Book
    seconds: float
    captures: int
    carried: float = 0.0
    verdicts: list[Verdict] = field(default_factory=list)

    def judge(self, part: str) -> Verdict:
        """A part's, which is said in the end."""
        self.verdicts.append(Verdict(part))
        return self.verdicts[-1]

    async def carries(self) -> float:
        """Payments a second, of few at once: what is held against it next is measured right afterwards."""
        buyers = Buyers(self.http)
        load = await closed(buyers.pay, CARRIED_PAYMENTS, CARRIED_AT_ONCE)
        assert buyers.seen.statuses().keys() == {200}, buyers.seen.statuses()
        self.carried = load.rate
        return load.rate

    def charged_unsaid(self, before: dict[str, int]) -> int:
        """Charges since `before` that nobody was told of: of whoever got another answer than 200."""
        return len(self.book.captured().keys() - before.keys() - Buyers.told)

    async def well_again(self) -> float:
        """Seconds until ten payments in a row, ten a second, take less than twice the median of calm ones."""
        began, good = time.perf_counter(), 0
        buyers = Buyers(self.http)
        while good < GOOD_IN_A_ROW:
            started = time.perf_counter()
            taken = await buyers.pay()
            seconds = time.perf_counter() - started
            good = good + 1 if taken == 200 and seconds < CALM_SECONDS else 0
            await asyncio.sleep(max(0.0, 0.1 - seconds))
        return max(0.0, time.perf_counter() - began - GOOD_IN_A_ROW * 0.1)


async def arrivals(stage: Stage, times: float) -> None:
    """So many times what is carried, for so long."""
    carried, before, buyers = await stage.carries(), stage.book.captured(), Buyers(stage.http)
    started = time.perf_counter()
    await buyers.arrive(carried * times, stage.seconds)
    again = await stage.well_again()
    after = await stage.carries()
    middle = (carried + after) / 2
    seen = buyers.seen
    rate, parts = seen.rate(started + 2, started + stage.seconds), int(stage.seconds // PART_SECONDS)
    worst = min(seen.rate(started + n * PART_SECONDS, started + (n + 1) * PART_SECONDS) for n in range(1, parts))
    unsaid, verdict = stage.charged_unsaid(before), stage.judge(f"{times:g} times what is carried")
    verdict.hold("goodput by what is carried", rate / middle, least=GOODPUT_LEAST)
    verdict.hold(f"and in the worst {PART_SECONDS:g} s", worst / middle, least=GOODPUT_LEAST)
    verdict.common(seen.p99(), unsaid, again)
    show(
        verdict.part,
        f"carries {carried:.1f}/s before, {after:.1f} after",
        f"goodput {rate:.1f}/s ({rate / middle:.2f}), of the worst {PART_SECONDS:g} s {worst:.1f}",
        seen.said(),
        f"charged unsaid {unsaid}",
        f"well again after {again:.1f} s",
    )


async def connections(stage: Stage) -> None:
    """One payment on each of 512 connections, at the same moment, repeated until it is taken."""
    before, buyers = stage.book.captured(), Buyers(stage.http)
    started = time.perf_counter()
    tries = await asyncio.gather(*(buyers.pay_until_taken() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - started
    unsaid, again = stage.charged_unsaid(before), await stage.well_again()
    verdict = stage.judge(f"{CONNECTIONS} connections at once")
    verdict.hold("goodput by what is carried", CONNECTIONS / seconds / stage.carried, least=GOODPUT_LEAST)
    verdict.common(buyers.seen.p99(), unsaid, again)
    verdict.hold("not paid in the end", sum(each == TRIES_MAX for each in tries), most=0)
    show(
        verdict.part,
        f"all paid after {seconds:.1f} s: {CONNECTIONS / seconds:.1f}/s ({CONNECTIONS / seconds / stage.carried:.2f})",
        buyers.seen.said(),
        f"{sum(tries) / CONNECTIONS:.1f} tries each",
        f"charged unsaid {unsaid}",
        f"well again after {again:.1f} s",
    )


async def captures(stage: Stage) -> None:
    """Holds, and then all captures at the same moment: first nobody repeats, then everybody does until it is taken."""
    buyers = Buyers(stage.http)
    held = dict[str, str]()

    async def hold() -> None:
        status, body = await buyers.send("/v1/payment_intents", HOLD)
        assert status == 200, status
        held[body["id"]] = body["latest_charge"]

    await closed(hold, stage.captures, CARRIED_AT_ONCE)
    started = time.perf_counter()
    await asyncio.gather(*(buyers.capture(id_) for id_ in held))
    first, once = time.perf_counter() - started, buyers.seen.said()
    sent_away = buyers.seen.told(429, 503, 0)
    again = await stage.well_again()
    captured = stage.book.captured()
    wrong = [id_ for id_ in sent_away if captured[held[id_]]]
    verdict = stage.judge(f"{stage.captures} captures at once")
    verdict.common(buyers.seen.p99(), len(wrong), again)
    show(verdict.part, f"answered within {first:.1f} s", once, f"charged unsaid {len(wrong)}",
         f"well again after {again:.1f} s")  # fmt: skip
    started, buyers.seen = time.perf_counter(), Seen()
    await asyncio.gather(*(buyers.capture_until_taken(id_) for id_ in sent_away))
    seconds = time.perf_counter() - started
    captured = stage.book.captured()
    missing = [id_ for id_, charge in held.items() if captured[charge] != int(PAYMENT["amount"])]
    verdict.hold("not captured once and whole", len(missing), most=0)
    show(f"{len(sent_away)} of them repeated", f"all taken after {seconds:.1f} s: {len(sent_away) / seconds:.1f}/s",
         buyers.seen.said(), f"not captured once and whole: {len(missing)}")  # fmt: skip


async def flood(stage: Stage) -> None:
    """One account pays steadily, alone; then the same beside another's flood."""
    carried = await stage.carries()
    share = carried * NEIGHBOUR_SHARE
    before = stage.book.captured()
    alone, beside, flooding = Buyers(stage.http, NEIGHBOUR[1]), Buyers(stage.http, NEIGHBOUR[1]), Buyers(stage.http)
    await alone.arrive(share, stage.seconds)
    await asyncio.gather(beside.arrive(share, stage.seconds), flooding.arrive(carried * FLOOD, stage.seconds))
    ratio, unsaid = beside.seen.p99() / alone.seen.p99(), stage.charged_unsaid(before)
    verdict = stage.judge("one account's flood beside another")
    verdict.hold("the other's p99, by what it is alone", ratio, most=RATIO_MAX)
    verdict.hold("of the other's sent away", len(beside.seen.told(0, 429, 503)), most=0)
    verdict.hold("charged and told otherwise", unsaid, most=0)
    show(verdict.part, f"carries {carried:.1f}/s, the other pays {share:.1f}/s",
         f"alone {alone.seen.said()}", f"beside {beside.seen.said()} ({ratio:.2f})",
         f"the flood {flooding.seen.said()}", f"charged unsaid {unsaid}")  # fmt: skip


def show(name: str, *figures: str) -> None:
    """One part."""
    print(f"{name}:", *figures, sep="\n    ", flush=True)


PARTS: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "1.3": partial(arrivals, times=1.3),
    "2": partial(arrivals, times=2.0),
    "connections": connections,
    "captures": captures,
    "flood": flood,
}


async def measure(parts: list[str], seconds: float, captures: int) -> bool:
    """Everything that was asked for, on an engine of our own; whether all of it held."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=60)
    async with (
        engine() as system,
        aiohttp.ClientSession(f"http://127.0.0.1:{system.http.port}", connector=connector, timeout=timeout) as http,
    ):
        await open_neighbour(system)
        stage = Stage(system, http, Book(system), seconds, captures)
        await closed(Buyers(http).pay, WARM_PAYMENTS, CARRIED_AT_ONCE)
        await stage.carries()
        for part in parts:
            await PARTS[part](stage)
    for verdict in stage.verdicts:
        print(verdict.said(), flush=True)
    return not any(verdict.failed for verdict in stage.verdicts)


async def open_neighbour(system: System) -> None:
    """Let there be the other account, with its key."""
    database = Database(EmbeddedPostgres(system.directory).url)
    account, key = NEIGHBOUR
    await ensure_account(database, account, account, 0)
    await ensure_key(database, account, key, "secret", livemode=False, now=0)
    await database.close()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all of them by default")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each load ({SECONDS:g})")
    parser.add_argument("--captures", type=int, default=CAPTURES, help=f"at once ({CAPTURES})")
    given = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(given.parts or list(PARTS), given.seconds, given.captures)) else 1)


if __name__ == "__main__":
    main()
