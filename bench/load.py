"""Loads: closed, where each of so many buyers waits for an answer, and open, where they come whoever waits."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Load:
    """One round: how many a second were done, and milliseconds each took."""

    rate: float
    p50: float
    p99: float


def summed_up(taken: list[float], seconds: float) -> Load:
    """`taken` in seconds each."""
    cuts = statistics.quantiles(taken, n=100)
    return Load(len(taken) / seconds, statistics.median(taken) * 1_000, cuts[98] * 1_000)


def middle(rounds: list[Load]) -> Load:
    """The median of each figure."""
    return Load(*(statistics.median(getattr(r, name) for r in rounds) for name in ("rate", "p50", "p99")))


async def closed(act: Act, times: int, at_once: int) -> Load:
    """So many times, so many at once; each next when one is done."""
    left, taken = iter(range(times)), list[float]()

    async def buyer() -> None:
        for _ in left:
            began = time.perf_counter()
            await act()
            taken.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(buyer() for _ in range(at_once)))
    return summed_up(taken, time.perf_counter() - began)


async def arriving(act: Act, times: int, a_second: float) -> Load:
    """So many times, so many a second, evenly. A buyer's time counts from when he came, however busy we were."""
    taken = list[float]()
    started = time.perf_counter()

    async def buyer(due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        await act()
        taken.append(time.perf_counter() - due)

    await asyncio.gather(*(buyer(started + number / a_second) for number in range(times)))
    return summed_up(taken, time.perf_counter() - started)
