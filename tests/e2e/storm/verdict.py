"""When everything is healed and quiet: the books are read and compared, and what was found is counted."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.service import RPCError

from tests.e2e.conftest import Running
from tests.e2e.storm import books
from tests.e2e.storm.check import check
from tests.e2e.storm.faults import KINDS, Fault
from tests.e2e.storm.order import Order
from tests.e2e.storm.parts import Parts
from tests.e2e.storm.shop import Shop
from tests.e2e.storm.trace import report

QUIET_SECONDS_MAX = 480
"""Many times the engine's longest pause between two questions, and between two rounds of its housekeeping: a
minute."""

STABLE_SECONDS = 130
"""Two rounds of housekeeping."""

PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, how it reads, and the one line that sums it up."""

    faults: list[Fault]
    story: str
    line: str


def judge(running: Running, shop: Shop, parts: Parts, orders: Sequence[Order]) -> Verdict:
    """Heal, wait until nothing moves, and compare."""
    running.wait_for(running.ready)
    running.faults()
    found, faults = settled(running, shop, orders)
    faults += [Fault("", "stuck", f"never answered: {one}") for one in shop.unanswered]
    kinds = Counter(fault.kind for fault in faults)
    kills, freezes = parts.count("kill"), parts.count("freeze")
    line = (
        f"payments {len(orders)}, kills {sum(kills.values())} {kills}, double kills {parts.doubles()}, "
        f"freezes {sum(freezes.values())} {freezes}, charges {sum(len(c) for c in found.charges.values())}, "
        + ", ".join(f"{kind} {kinds[kind]}" for kind in KINDS)
        + f"; payments with a fault {len({fault.intent for fault in faults})}"
    )
    return Verdict(faults, report(faults, orders, found, shop.deeds, parts.broken), line)


def settled(running: Running, shop: Shop, orders: Sequence[Order]) -> tuple[books.Books, list[Fault]]:
    """The books once nothing waits for an outcome, and what is wrong with them.

    Compared again while anything is: a payment that nobody repeats is woken by housekeeping, which comes by every
    minute, or, if it has ended, every hour. Here it comes whenever somebody looks: what has been left alone for half a
    minute is found then, and not up to a minute later. What stays the same for two minutes is so for good.
    """
    end = time.monotonic() + QUIET_SECONDS_MAX
    while asyncio.run(books.unsettled(running)) and time.monotonic() < end:
        _sweep(running)
        time.sleep(PAUSE_SECONDS)
    asyncio.run(books.keep_house(running))
    found = asyncio.run(books.read(running))
    asyncio.run(books.remind(running, [id_ for id_, workflow in found.workflows.items() if workflow.failing]))
    faults, since = check(found, orders, shop.deeds), time.monotonic()
    while faults and time.monotonic() - since < STABLE_SECONDS:
        _sweep(running)
        time.sleep(PAUSE_SECONDS)
        found = asyncio.run(books.read(running))
        again = check(found, orders, shop.deeds)
        if set(again) != set(faults):
            faults, since = again, time.monotonic()
    return found, faults


def _sweep(running: Running) -> None:
    """Temporal may have been killed just now, and not take it yet: it comes again in a moment."""
    with contextlib.suppress(RPCError, RuntimeError):
        asyncio.run(books.keep_house(running, "sweep"))
