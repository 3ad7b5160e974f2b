"""Whether memory grows with the number of payments: API's and worker's, after a tenth of them and after all."""

from functools import partial

import psutil

from bench.figures import Figure, Figures
from bench.load import closed
from bench.payments import one_request
from bench.systems import engine

PAYMENTS, AT_ONCE, TENTH = 100_000, 32, 10
MEBIBYTE = 2**20


async def measure(figures: Figures, _: int, payments: int = PAYMENTS) -> None:
    """Pay, and look at the processes in between."""
    async with engine() as system:
        seen: list[dict[str, float]] = []
        for part in range(1, TENTH + 1):
            load = await closed(partial(one_request, system.http), payments // TENTH, AT_ONCE)
            seen.append({name: _memory(process) for name, process in system.processes().items()})
            megabytes = ", ".join(f"{name} {value:.0f} MiB" for name, value in seen[-1].items())
            print(f"  {part * payments // TENTH:>9,} payments: {load.rate:5.1f}/s, {megabytes}", flush=True)
        for name in ("API", "worker"):
            early, late = seen[0][name], seen[-1][name]
            after = f"after {payments // TENTH:,}"
            figures.add(f"memory of the {name} after {payments:,}", Figure(late, "MiB", early, after, at_most=1.15))


def _memory(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / MEBIBYTE
