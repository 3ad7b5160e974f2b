"""What others notice of who behaves badly: `python -m bench.doors` (about four minutes).

While each kind of bad client is at it, payments and reads are made at a steady rate; their p99 and the API's memory are
held against the same without anybody, just before. Nothing else should be running.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from dataclasses import dataclass, field

import psutil

from bench.attackers import ATTACKS
from bench.client import Client
from bench.payments import one_request
from bench.systems import engine
from settings import ROOT

SECONDS = 30.0
READS_A_SECOND, PAYMENTS_A_SECOND = 50.0, 5.0
WARM_PAYMENTS = 200


@dataclass
class Noticed:
    """Seconds that each request took, and the API's greatest memory in MiB."""

    reads: list[float] = field(default_factory=list)
    payments: list[float] = field(default_factory=list)
    memory: float = 0.0
    failed: int = 0


def p99(seconds: list[float]) -> float:
    """In milliseconds."""
    return statistics.quantiles(seconds, n=100)[98] * 1_000


async def steady(http: Client, api: psutil.Process, intent: str, seconds: float) -> Noticed:
    """Requests begin when they are due, however long those before them take."""
    noticed, end = Noticed(), time.perf_counter() + seconds

    async def timed(kept: list[float], what: str) -> None:
        began = time.perf_counter()
        try:
            await (http.get(f"/v1/payment_intents/{intent}") if what == "read" else one_request(http))
        except Exception:
            noticed.failed += 1
        kept.append(time.perf_counter() - began)

    async def keep_on(kept: list[float], what: str, rate: float) -> None:
        due, under_way = time.perf_counter(), set()
        while due < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            under_way.add(asyncio.create_task(timed(kept, what)))
            due += 1 / rate
        await asyncio.gather(*under_way)

    async def weigh() -> None:
        while time.perf_counter() < end:
            noticed.memory = max(noticed.memory, api.memory_info().rss / 2**20)
            await asyncio.sleep(0.05)

    await asyncio.gather(
        keep_on(noticed.reads, "read", READS_A_SECOND),
        keep_on(noticed.payments, "pay", PAYMENTS_A_SECOND),
        weigh(),
    )
    return noticed


async def attacked(name: str, port: int, seconds: float) -> dict[str, object]:
    """Somebody behaves badly, in a process of their own."""
    command = [sys.executable, "-m", "bench.attackers", name, str(port), str(seconds)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return dict(json.loads(said))


def show(name: str, now: Noticed, before: Noticed, said: dict[str, object] | None) -> None:
    """One line of the table."""
    figures = [
        f"read {p99(now.reads):7.1f} ms ({p99(now.reads) / p99(before.reads):4.2f})",
        f"pay {p99(now.payments):7.1f} ms ({p99(now.payments) / p99(before.payments):4.2f})",
        f"memory {now.memory:5.0f} MiB ({now.memory / before.memory:4.2f})",
        f"failed {now.failed}",
    ]
    if said:
        figures += [
            f"{said['connections']} connections, the longest {said['longest_seconds']:.1f} s",
            str(said["statuses"]),
        ]
    print(f"{name:34}" + "  ".join(figures), flush=True)


async def measure(seconds: float) -> None:
    """Everything, on an engine of our own."""
    async with engine() as system:
        http, api = system.http, system.processes()["API"]
        intent = (await http.post("/v1/payment_intents", amount=1_000, currency="usd"))["id"]
        for _ in range(WARM_PAYMENTS):
            await one_request(http)
        for name in ATTACKS:
            before = await steady(http, api, intent, seconds)
            show("nobody", before, before, None)
            now, said = await asyncio.gather(steady(http, api, intent, seconds), attacked(name, http.port, seconds - 1))
            show(name, now, before, said)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.doors", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each kind ({SECONDS:g})")
    given = parser.parse_args()
    asyncio.run(measure(given.seconds))


if __name__ == "__main__":
    main()
