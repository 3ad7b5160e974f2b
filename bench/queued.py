"""`python -m bench.queued`: one merchant has 5,000 payments waiting, and another comes with ten.

All of the 5,000 are there at the same moment, each repeated until it is taken, as client libraries do it. Meanwhile the
other merchant pays ten at once, again and again; before that, it did so in an empty engine. Ends with a line that says
whether it held; the exit status is 1 if it did not.
"""

import argparse
import asyncio
import statistics
import sys
import time

import aiohttp

from bench.load import closed
from bench.overload import CARRIED_AT_ONCE, NEIGHBOUR, WARM_PAYMENTS, Book, Buyers, open_neighbour
from bench.systems import System, engine
from bench.verdicts import Verdict

QUEUED, TEN = 5_000, 10
TENS_ALONE = 20
PAUSE_SECONDS = 1.0
"""Between one ten and the next."""

RATIO_MAX = 2.0


async def tens(http: aiohttp.ClientSession, key: str, over: asyncio.Event, most: int) -> list[float]:
    """Ten at once, so many times or until it is over: milliseconds until the last of each ten was paid."""
    taken = list[float]()
    while not over.is_set() and len(taken) < most:
        buyers = Buyers(http, key)
        began = time.perf_counter()
        await asyncio.gather(*(buyers.pay_until_taken() for _ in range(TEN)))
        taken.append((time.perf_counter() - began) * 1_000)
        await asyncio.sleep(PAUSE_SECONDS)
    return taken


async def measure(queued: int) -> bool:
    """Empty, and beside so many; whether it held."""
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=120)
    async with (
        engine() as system,
        aiohttp.ClientSession(f"http://127.0.0.1:{system.http.port}", connector=connector, timeout=timeout) as http,
    ):
        await open_neighbour(system)
        await closed(Buyers(http).pay, WARM_PAYMENTS, CARRIED_AT_ONCE)
        return await _judge(system, http, queued)


async def _judge(system: System, http: aiohttp.ClientSession, queued: int) -> bool:
    over = asyncio.Event()
    alone = await tens(http, NEIGHBOUR[1], over, TENS_ALONE)
    before, batch = Book(system).captured(), Buyers(http)
    began = time.perf_counter()
    paying = asyncio.create_task(tens(http, NEIGHBOUR[1], over, queued))
    tries = await asyncio.gather(*(_persist(batch) for _ in range(queued)))
    seconds = time.perf_counter() - began
    over.set()
    beside = await paying
    charged = len(Book(system).captured().keys() - before.keys() - Buyers.told)
    verdict = Verdict(f"ten beside {queued:,}")
    verdict.hold("the ten's slowest, by what it is in an empty engine", _p99(beside) / _p99(alone), most=RATIO_MAX)
    verdict.hold("charged and told otherwise", charged, most=0)
    for name, taken in (("alone", alone), ("beside", beside)):
        middle, last = statistics.median(taken), _p99(taken)
        print(f"{name}: {len(taken)} tens, the last of each paid after {middle:.0f} ms, {last:.0f} (p99)")
    print(f"the {queued:,}: {seconds:.0f} s, {queued / seconds:.1f}/s, {sum(tries) / queued:.1f} tries each")
    print(verdict.said(), flush=True)
    return not verdict.failed


async def _persist(buyers: Buyers) -> int:
    """Until it is paid, however often the library gives up."""
    order, tries = f"queued_{next(Buyers.numbers)}", 0
    while True:
        tries += 1
        if await buyers.pay(order=order) == 200:
            return tries
        await asyncio.sleep(min(0.5 * 2**tries, 4.0))


def _p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def main() -> None:
    """Measure, and say whether it held."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.queued", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--queued", type=int, default=QUEUED, help=f"payments of the one merchant ({QUEUED})")
    sys.exit(not asyncio.run(measure(parser.parse_args().queued)))


if __name__ == "__main__":
    main()
