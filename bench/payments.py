"""Payments a second, and how long one takes, beside the bare-Temporal skeleton (bare.py) in the same run.

`make bench`, or `python -m bench.payments --help`. Both systems are started on free ports and take turns; every figure
is a median of the rounds. The table goes to standard output, everything to bench/results.json.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from bench.webhooks import Figures, engine, free_ports, middle
from embedded.temporal import find_binary, temporal_command
from settings import ROOT, Settings

RESULTS = ROOT / "bench" / "results.json"
ROUNDS = 5
PAYMENTS = {1: 60, 32: 200}
"""Payments of one round, by how many are made at once."""

START_SECONDS_MAX = 60.0
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}

Pay = Callable[[httpx.AsyncClient], Awaitable[None]]


async def _ask(http: httpx.AsyncClient, path: str, **form: object) -> dict[str, str]:
    response = await http.post(path, data={name: str(value) for name, value in form.items()}, headers=HEADERS)
    answer: dict[str, str] = response.raise_for_status().json()
    return answer


async def three_requests(http: httpx.AsyncClient) -> None:
    """create → confirm → capture."""
    held = {"amount": 1099, "currency": "usd", "capture_method": "manual", "payment_method": "pm_card_visa"}
    intent = await _ask(http, "/v1/payment_intents", **held)
    for step in ("confirm", "capture"):
        await _ask(http, f"/v1/payment_intents/{intent['id']}/{step}")


async def one_request(http: httpx.AsyncClient) -> None:
    """create and confirm in one, captured at once."""
    paid = {"amount": 1099, "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa"}
    await _ask(http, "/v1/payment_intents", **paid)


@asynccontextmanager
async def bare() -> AsyncIterator[httpx.AsyncClient]:
    """The skeleton, on a server of its own with the product's settings; gives a client of it."""
    temporal_port, port = free_ports(2)
    address = f"127.0.0.1:{temporal_port}"
    with tempfile.TemporaryDirectory() as directory:
        server = temporal_command(find_binary(Settings.read()), temporal_port, Path(directory) / "t.db", ui_port=None)
        ours = [sys.executable, "-m", "bench.bare"]
        commands = [server, [*ours, "worker", "--address", address], [*ours, "api", "--address", address]]
        commands[2] += ["--port", str(port)]
        processes = []
        environment = {**os.environ, "GOGC": "300"}  # noqa: TID251
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:
            try:
                processes.append(await asyncio.create_subprocess_exec(*commands[0], env=environment, stdout=DEVNULL))
                await _listening(temporal_port)
                processes += [await asyncio.create_subprocess_exec(*command, cwd=ROOT) for command in commands[1:]]
                await _listening(port)
                yield http
            finally:
                for process in processes:
                    process.terminate()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(process.wait(), 10)


async def _listening(port: int) -> None:
    async with asyncio.timeout(START_SECONDS_MAX):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)


async def one_round(http: httpx.AsyncClient, pay: Pay, concurrency: int) -> Figures:
    """So many payments, so many at a time."""
    left, taken = iter(range(PAYMENTS[concurrency])), list[float]()

    async def client() -> None:
        for _ in left:
            began = time.perf_counter()
            await pay(http)
            taken.append((time.perf_counter() - began) * 1_000)

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(concurrency)))
    rate = len(taken) / (time.perf_counter() - began)
    return Figures(rate, statistics.median(taken), statistics.quantiles(taken, n=100)[98])


@dataclass(frozen=True, slots=True)
class Row:
    """One flow at one concurrency: the product's figures, and its rate by the baseline's."""

    flow: str
    concurrency: int
    figures: Figures
    baseline: str
    baseline_rate: float

    @property
    def ratio(self) -> float:
        """Above 1, the product is faster."""
        return self.figures.rate / self.baseline_rate


async def measure(rounds: int) -> list[Row]:
    """All flows, in turns."""
    rows = []
    async with engine() as product, bare() as skeleton:
        for concurrency in PAYMENTS:
            for http, pay in ((product, three_requests), (skeleton, three_requests), (product, one_request)):
                await one_round(http, pay, concurrency)
            three, skeletons, one = list[Figures](), list[Figures](), list[Figures]()
            for _ in range(rounds):
                three.append(await one_round(product, three_requests, concurrency))
                skeletons.append(await one_round(skeleton, three_requests, concurrency))
                one.append(await one_round(product, one_request, concurrency))
            a, b, c = middle(three), middle(skeletons), middle(one)
            rows += [
                Row("create, confirm, capture", concurrency, a, "bare skeleton", b.rate),
                Row("create+confirm", concurrency, c, "create, confirm, capture", a.rate),
            ]
    return rows


def machine() -> dict[str, str | int | None]:
    """On what it was measured."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def table(rows: list[Row]) -> str:
    """As people read it."""
    lines = [f"{'flow':<26}{'at once':>8}{'payments/s':>12}{'p50 ms':>8}{'p99 ms':>8}  {'by':<26}{'ratio':>6}"]
    for row in rows:
        f = row.figures
        lines.append(
            f"{row.flow:<26}{row.concurrency:>8}{f.rate:>12.1f}{f.p50:>8.0f}{f.p99:>8.0f}  "
            f"{row.baseline:<26}{row.ratio:>6.2f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds of each ({ROUNDS})")
    rounds = parser.parse_args().rounds
    rows = asyncio.run(measure(rounds))
    print(table(rows))
    kept = {"machine": machine(), "rounds": rounds, "rows": [{**asdict(row), "ratio": row.ratio} for row in rows]}
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
