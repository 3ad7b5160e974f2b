"""Whether webhooks slow payments down: create, confirm, capture with three endpoints (one hangs), or none.

`make bench`, or `python -m bench.webhooks --help`. Starts everything as `make run` does, on free ports, and takes turns
with the two, so that a machine that changes its pace changes it for both.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

KEY = "sk_test_perdure"
ROUNDS = 5
PAYMENTS = 60
STEPS = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """One round: payments a second, and milliseconds a payment."""

    rate: float
    p50: float
    p99: float


def free_ports(count: int) -> list[int]:
    """Ports nobody uses now."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@asynccontextmanager
async def engine() -> AsyncIterator[httpx.AsyncClient]:
    """Everything, in a temporary directory; gives a client of the API."""
    names = ("API", "TEMPORAL", "TEMPORAL_UI", "SIMULATOR")
    ports = {f"PERDURE_{name}_PORT": str(port) for name, port in zip(names, free_ports(4), strict=True)}
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, **ports, "PERDURE_DATA_DIR": directory}  # noqa: TID251
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "embedded", env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        while b"is ready" not in (line := await process.stdout.readline()):
            if not line:
                sys.exit("the engine did not start")
        url = f"http://127.0.0.1:{ports['PERDURE_API_PORT']}"
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        try:
            async with httpx.AsyncClient(
                base_url=url, auth=(KEY, ""), timeout=60, limits=limits, trust_env=False
            ) as http:
                yield http
        finally:
            process.send_signal(signal.SIGTERM)
            await process.communicate()


async def receiver(hang: bool) -> tuple[asyncio.Server, str]:
    """A receiver that takes everything at once, or one that never answers."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                if hang:
                    await reader.read()
                    break
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def pay(http: httpx.AsyncClient) -> float:
    """One payment; how long it took, in milliseconds."""
    start = time.perf_counter()
    form = {"amount": 1099, "currency": "usd", "capture_method": "manual", "payment_method": "pm_card_visa"}
    intent = (await http.post("/v1/payment_intents", data=form)).raise_for_status().json()["id"]
    for step in ("confirm", "capture"):
        (await http.post(f"/v1/payment_intents/{intent}/{step}")).raise_for_status()
    return (time.perf_counter() - start) * 1_000


async def one_round(http: httpx.AsyncClient, concurrency: int) -> Figures:
    """So many payments, so many at a time."""
    left, taken = iter(range(PAYMENTS)), list[float]()

    async def client() -> None:
        for _ in left:
            taken.append(await pay(http))

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(concurrency)))
    seconds = time.perf_counter() - start
    cuts = statistics.quantiles(taken, n=100)
    return Figures(PAYMENTS / seconds, statistics.median(taken), cuts[98])


async def with_endpoints(http: httpx.AsyncClient, urls: list[str], concurrency: int) -> Figures:
    """A round while every event goes to each of the endpoints; they are gone afterwards, with what they are owed."""
    ids = []
    for url in urls:
        form = {"url": url, "enabled_events[]": "*"}
        ids.append((await http.post("/v1/webhook_endpoints", data=form)).raise_for_status().json()["id"])
    figures = await one_round(http, concurrency)
    for id_ in ids:
        (await http.delete(f"/v1/webhook_endpoints/{id_}")).raise_for_status()
    return figures


def middle(rounds: list[Figures]) -> Figures:
    """The median of each figure."""
    return Figures(*(statistics.median(getattr(r, name) for r in rounds) for name in ("rate", "p50", "p99")))


async def main(rounds: int) -> None:
    """Take turns, and print the medians."""
    servers = [await receiver(hang) for hang in (False, False, True)]
    urls = [url for _, url in servers]
    print(f"create, confirm, capture; median of {rounds} rounds of {PAYMENTS} payments, taken in turns")
    print(f"{'':>14}{'payments/s':>24}{'p50 ms':>20}{'p99 ms':>20}{'p50 ratio':>12}")
    print(f"{'concurrency':>14}{'none':>12}{'3 endpoints':>12}{'none':>10}{'3':>10}{'none':>10}{'3':>10}")
    async with engine() as http:
        await one_round(http, 4)
        for concurrency in (1, 8):
            without, having = list[Figures](), list[Figures]()
            for _ in range(rounds):
                without.append(await one_round(http, concurrency))
                having.append(await with_endpoints(http, urls, concurrency))
                await asyncio.sleep(2)
            a, b = middle(without), middle(having)
            print(
                f"{concurrency:>14}{a.rate:>12.1f}{b.rate:>12.1f}{a.p50:>10.0f}{b.p50:>10.0f}{a.p99:>10.0f}{b.p99:>10.0f}"
                f"{b.p50 / a.p50:>12.2f}",
                flush=True,
            )
    for server, _ in servers:
        server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds of each ({ROUNDS})")
    asyncio.run(main(parser.parse_args().rounds))
