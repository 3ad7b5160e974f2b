"""`python -m bench.patient`: a gateway that takes seconds beside one that answers at once, with 256 buyers each.

Three whole engines, in turns, as the machine changes its pace meanwhile. The slow gateway takes 1.2 s for half of its
authorizations, and 4 s for one in a hundred. Waiting must cost nothing: as many payments a second as if the same
gateway answered at once, none `processing` that it has answered within a caller's patience, each effect once by its own
file, and a worker that stays as small. The third engine's gateway is declared prompt: it is asked within the workflow's
task, which is fewer tasks for Temporal, and is shown beside the others. Ends with a line that says whether it held; the
exit status is 1 if it did not.
"""

import argparse
import asyncio
import contextlib
import itertools
import math
import sqlite3
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.client import REPEATED
from bench.systems import CARDS, System, engine
from bench.verdicts import Verdict

BUYERS = 256
PATIENCE = 30
AT_ONCE = f"slow=simulator?latency=patient&patience={PATIENCE}"
SLOW = f"{AT_ONCE}&p50_ms=1200&p99_ms=4000"
PROMPT = "simulator"
NUMBERS = itertools.count()

PAYMENT = {"amount": 1099, "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa", **CARDS}

ROUNDS, ROUND_SECONDS, SETTLING_SECONDS, WARMING_SECONDS = 3, 30.0, 10.0, 20.0
"""Of each round, what comes before its load is even is not counted."""

SHARE_LEAST = 0.9
WORKER_MIB_MAX = 200.0
"""By how much a worker may be larger with a hundred calls under way."""

MEBIBYTE = 2**20
MEMORY_PAUSE_SECONDS = 1.0


@dataclass(slots=True)
class Seen:
    """Of one engine: each answer as (when, seconds, status), its rates by round, and its worker's bytes."""

    answers: list[tuple[float, float, str]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Milliseconds of a core for each payment, by round."""
    before: int = 0
    most: int = 0

    def statuses(self) -> Counter[str]:
        """How many of each."""
        return Counter(status for *_, status in self.answers)

    def milliseconds(self, part: float) -> float:
        """How long this part of the answers took at most."""
        taken = sorted(seconds for _, seconds, _ in self.answers)
        return taken[int((len(taken) - 1) * part)] * 1_000 if taken else math.nan


@dataclass(frozen=True, slots=True)
class Book:
    """The gateway's own file: how many payments it was paid, and how many of their effects are there twice."""

    paid: int
    repeated: int


def read_book(file: Path) -> Book:
    """Each payment is one authorization and one capture, all of it."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as ledger:
        entries: list[tuple[str, str, int]] = ledger.execute(
            "SELECT substr(key, 1, instr(key, '/') - 1), operation, count(*) FROM entries GROUP BY 1, 2"
        ).fetchall()
    return Book(
        paid=len({intent for intent, operation, _ in entries if operation == "capture"}),
        repeated=sum(times - 1 for *_, times in entries),
    )


async def load(system: System, seen: Seen, seconds: float, settling: float) -> None:
    """So many buyers, each of whom pays again once they have paid."""
    began = time.perf_counter()
    until, counted = began + seconds, began + settling
    first = len(seen.answers)

    async def buyer() -> None:
        while (came := time.perf_counter()) < until:
            with contextlib.suppress(aiohttp.ClientResponseError):
                # Who is told to come again for twenty seconds begins anew, like everybody else.
                answer = await system.http.post("/v1/payment_intents", f"order_{next(NUMBERS)}", **PAYMENT)
                now = time.perf_counter()
                seen.answers.append((now, now - came, str(answer["status"])))

    used = sum(system.processor_seconds().values())
    watching = asyncio.create_task(_watch(system, seen))
    await asyncio.gather(*(buyer() for _ in range(BUYERS)))
    watching.cancel()
    mine = seen.answers[first:]
    seen.processor.append((sum(system.processor_seconds().values()) - used) / len(mine) * 1_000)
    seen.rates.append(sum(counted <= when < until for when, *_ in mine) / (seconds - settling))


async def _watch(system: System, seen: Seen) -> None:
    """How large its worker becomes."""
    worker = system.processes()["worker"]
    while True:
        seen.most = max(seen.most, worker.memory_info().rss)
        await asyncio.sleep(MEMORY_PAUSE_SECONDS)


def judge(at_once: Seen, patient: Seen, book: Book) -> Verdict:
    """What is to hold."""
    verdict = Verdict(f"{BUYERS} at once at a gateway that takes seconds")
    paid = patient.statuses()["succeeded"]
    shares = [slow / fast for slow, fast in zip(patient.rates, at_once.rates, strict=True)]
    verdict.hold("payments a second, by those if it answered at once", statistics.median(shares), least=SHARE_LEAST)
    verdict.hold(
        "told processing, though the gateway answers within the patience", patient.statuses()["processing"], most=0
    )
    verdict.hold(
        "neither succeeded nor processing", len(patient.answers) - paid - patient.statuses()["processing"], most=0
    )
    verdict.hold("effects done twice", book.repeated, most=0)
    verdict.hold("paid by the book and not told, or told and not paid", abs(book.paid - paid), most=0)
    larger = (patient.most - at_once.most) / MEBIBYTE
    verdict.hold("the worker is larger by, MiB", max(larger, 0.0), most=WORKER_MIB_MAX)
    return verdict


def show(name: str, seen: Seen) -> None:
    """One engine's figures."""
    print(f"{name}:")
    print(f"    {dict(seen.statuses())}; a second: {', '.join(f'{rate:.1f}' for rate in seen.rates)}")
    print(f"    p50 {seen.milliseconds(0.5):.0f} ms, p99 {seen.milliseconds(0.99):.0f} ms")
    print(f"    of a core {', '.join(f'{used:.1f}' for used in seen.processor)} ms for each")
    print(f"    worker {seen.before / MEBIBYTE:.0f} MiB before, {seen.most / MEBIBYTE:.0f} at most", flush=True)


async def measure(rounds: int, seconds: float) -> bool:
    """All engines, in turns; whether all of it held."""
    prompt, at_once, patient = Seen(), Seen(), Seen()
    async with (
        engine(PERDURE_GATEWAYS=PROMPT) as one,
        engine(PERDURE_GATEWAYS=AT_ONCE) as other,
        engine(PERDURE_GATEWAYS=SLOW) as slow,
    ):
        turns = ((one, prompt), (other, at_once), (slow, patient))
        for system, seen in turns:
            await load(system, Seen(), WARMING_SECONDS, 0.0)
            seen.before = system.processes()["worker"].memory_info().rss
        warmed = read_book(slow.directory / "simulator-slow.db").paid
        for _ in range(rounds):
            for system, seen in turns:
                await load(system, seen, seconds, SETTLING_SECONDS)
        book = read_book(slow.directory / "simulator-slow.db")
    for name, seen in (("prompt", prompt), ("patient, answers at once", at_once), ("patient, takes seconds", patient)):
        show(name, seen)
    shares = [slow_ / fast for slow_, fast in zip(patient.rates, prompt.rates, strict=True)]
    print(f"by those of the prompt one: {statistics.median(shares):.2f}; told to come again: {dict(REPEATED)}")
    verdict = judge(at_once, patient, Book(book.paid - warmed, book.repeated))
    print(verdict.said(), flush=True)
    return not verdict.failed


def main() -> None:
    """Measure, and say whether it held."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.patient", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"the median of so many ({ROUNDS})")
    parser.add_argument("--seconds", type=float, default=ROUND_SECONDS, help=f"of each round ({ROUND_SECONDS:g})")
    given = parser.parse_args()
    sys.exit(not asyncio.run(measure(given.rounds, given.seconds)))


if __name__ == "__main__":
    main()
