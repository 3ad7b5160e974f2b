"""`make bench`: every figure beside its baseline in the same run. Results in bench/results.json, a picture in docs/."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable

from bench import growth, opened, payments, soak, starting
from bench.client import REPEATABLE, REPEATED
from bench.figures import Figure, Figures
from settings import ROOT

ROUNDS = 3
PARTS: dict[str, Callable[[Figures, int], Awaitable[None]]] = {
    "payments": payments.measure,
    "growth": growth.measure,
    "opened": opened.measure,
    "starting": starting.measure,
    "soak": soak.measure,
}


async def measure(parts: list[str], rounds: int) -> None:
    """One part after the other; what was measured is kept even if a later part fails."""
    figures = Figures()
    for part in parts:
        print(f"\n{part}: {(PARTS[part].__doc__ or '').strip()}", flush=True)
        REPEATED.clear()
        await PARTS[part](figures, rounds)
        for status in REPEATABLE:
            name = f"{part}: told {status}, and repeated"
            figures.add(name, Figure(REPEATED[status], "requests"))
        figures.save(ROOT / "bench" / "results.json", ROOT / "docs" / "bench.svg")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all of them by default")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"each figure is the median of so many ({ROUNDS})")
    given = parser.parse_args()
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}")
    asyncio.run(measure(given.parts or list(PARTS), given.rounds))


main()
