"""Payments: how many a second, how long one takes, what it leaves on disk; beside the bare skeleton (bare.py)."""

import os
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import text

from bench.client import Client
from bench.figures import Figure, Figures
from bench.load import Load, arriving, closed, middle
from bench.systems import CARDS, System, bare, engine
from embedded.postgres import EmbeddedPostgres
from records.database import Database

PAYMENTS = {1: 60, 32: 300}
"""Payments of one round, by how many are made at once."""

OPEN_SHARE, OPEN_SECONDS = 0.6, 20
"""The open load: this share of what the closed one carried, for so long."""

FLUSHES = 50
"""What a payment waits for are six commits (ADR 0054); the skeleton's server never waits for its disk."""

READS, READ_TURNS = 400, 3
"""A round of reads takes a second, and the machine moves by more than that: so many for one of payments."""


async def three_requests(http: Client) -> str:
    """create → confirm → capture."""
    held = {"amount": 1099, "currency": "usd", "capture_method": "manual", "payment_method": "pm_card_visa", **CARDS}
    id_ = str((await http.post("/v1/payment_intents", **held))["id"])
    for step in ("confirm", "capture"):
        await http.post(f"/v1/payment_intents/{id_}/{step}")
    return id_


async def one_request(http: Client) -> str:
    """create and confirm in one, captured at once."""
    paid = {"amount": 1099, "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa", **CARDS}
    return str((await http.post("/v1/payment_intents", **paid))["id"])


def _of(flow: Callable[[Client], Awaitable[str]], system: System) -> Callable[[], Awaitable[str]]:
    return lambda: flow(system.http)


async def measure(figures: Figures, rounds: int) -> None:
    """Both systems, in turns."""
    async with engine() as product, bare() as skeleton, bare(tuned=True) as tuned:
        three, skeletons, one = _of(three_requests, product), _of(three_requests, skeleton), _of(one_request, product)
        alike = _of(three_requests, tuned)
        for at_once, times in PAYMENTS.items():
            taken = {act: list[Load]() for act in (three, skeletons, one, alike)}
            for act in taken:
                await closed(act, times, at_once)
            for _ in range(rounds):
                for act, loads in taken.items():
                    loads.append(await closed(act, times, at_once))
            a, b, c, d = (middle(loads) for loads in taken.values())
            rate = "payments/s"
            name = f"create, confirm, capture; {at_once} at once"
            figures.add(name, Figure(a.rate, rate, b.rate, "bare skeleton", at_least=0.75))
            figures.add(f"{name}; server tuned in both", Figure(a.rate, rate, d.rate, "bare skeleton, tuned"))
            figures.add(f"{name}: p99 by p50", Figure(a.p99, "ms", a.p50, "p50", at_most=2.5))
            paid = Figure(c.rate, rate, a.rate, "three requests", at_least=1.7)
            figures.add(f"create+confirm in one; {at_once} at once", paid)
            figures.add(f"create+confirm in one; {at_once} at once: p99 by p50", Figure(c.p99, "ms", c.p50, "p50"))
        await _processor_time(figures, product, tuned, rounds)
        flushes = [_flush(product.directory) for _ in range(FLUSHES)]
        figures.add(
            "this disk, a page of a log; a payment waits for six", Figure(statistics.median(flushes) * 1_000, "ms")
        )
        await _open_load(figures, product, a.rate)
        await _storage(figures, product, skeleton)
        await _open_reads(figures, product, skeleton, rounds)


async def _open_load(figures: Figures, product: System, carried: float) -> None:
    a_second = carried * OPEN_SHARE
    load = await arriving(_of(three_requests, product), int(a_second * OPEN_SECONDS), a_second)
    name = f"open load, {OPEN_SHARE:.0%} of the closed"
    figures.add(f"{name}: p50", Figure(load.p50, "ms"))
    figures.add(f"{name}: p99 by p50", Figure(load.p99, "ms", load.p50, "p50"))


async def _processor_time(figures: Figures, product: System, skeleton: System, rounds: int) -> None:
    """What bench/capacity.py computes with: milliseconds of a core for each payment, by part, in turns."""
    for at_once, times in PAYMENTS.items():
        taken = [list[dict[str, float]](), list[dict[str, float]]()]
        for _ in range(rounds):
            for system, spent in zip((product, skeleton), taken, strict=True):
                spent.append(await _spent(system, times, at_once))
        ours, theirs = ({part: statistics.median(each[part] for each in spent) for part in spent[0]} for spent in taken)
        name = "CPU per payment" if at_once == max(PAYMENTS) else f"CPU per payment, {at_once} at once"
        for part, spent_by in ours.items():
            figures.add(f"{name}: {part}", Figure(spent_by, "ms", theirs.get(part), "bare skeleton, tuned"))
        figures.add(f"{name}: all", Figure(sum(ours.values()), "ms", sum(theirs.values()), "bare skeleton, tuned"))


async def _spent(system: System, times: int, at_once: int) -> dict[str, float]:
    before = system.processor_seconds()
    await closed(_of(three_requests, system), times, at_once)
    after = system.processor_seconds()
    return {part: (seconds - before.get(part, 0.0)) / times * 1_000 for part, seconds in after.items()}


def _flush(directory: Path) -> float:
    """Seconds that the disk takes for a page of a log."""
    with (directory / "flushed").open("wb", buffering=0) as log:
        log.write(bytes(8_192))
        os.fsync(log.fileno())
        log.seek(0)
        log.write(bytes(8_192))
        began = time.perf_counter()
        os.fdatasync(log.fileno())
        return time.perf_counter() - began


async def _storage(figures: Figures, product: System, skeleton: System) -> None:
    """What so many payments add."""
    times = PAYMENTS[32] * 2
    database = Database(EmbeddedPostgres(product.directory).url)
    grown = dict[str, float]()
    for name, system in (("product", product), ("skeleton", skeleton)):
        # As if autovacuum had just been there: what is dead is used again.
        await database.execute(text("VACUUM"))
        before = system.temporal_bytes()
        records = await _bytes(database)
        await closed(_of(three_requests, system), times, 8)
        grown[name] = (system.temporal_bytes() - before) / times / 1024
        if system is product:
            grown["records"] = (await _bytes(database) - records) / times / 1024
    await database.close()
    figures.add("PostgreSQL per payment", Figure(grown["records"], "KiB", at_most=12))
    stored = Figure(grown["product"], "KiB", grown["skeleton"], "bare skeleton", at_most=1.3)
    figures.add("Temporal's storage per payment", stored)


async def _bytes(database: Database) -> int:
    return int((await database.execute(text("SELECT pg_database_size(current_database())")))[0][0])


async def _open_reads(figures: Figures, product: System, skeleton: System, rounds: int) -> None:
    """Retrieving an open intent is a query of its workflow; the baseline is a query of the skeleton's."""
    form = {"amount": 1099, "currency": "usd", "payment_method": "pm_card_visa", "capture_method": "manual", **CARDS}
    acts = []
    for system in (product, skeleton):
        id_ = (await system.http.post("/v1/payment_intents", **form))["id"]
        await system.http.post(f"/v1/payment_intents/{id_}/confirm")
        acts.append(lambda http=system.http, id_=id_: http.get(f"/v1/payment_intents/{id_}"))
    taken: list[list[Load]] = [[], []]
    for _ in range(rounds * READ_TURNS):
        for act, loads in zip(acts, taken, strict=True):
            loads.append(await closed(act, READS, 16))
    ours, theirs = middle(taken[0]), middle(taken[1])
    figures.add("retrieve, open; 16 at once", Figure(ours.rate, "reads/s", theirs.rate, "bare query", at_least=0.9))
