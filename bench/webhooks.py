"""Whether webhooks slow payments down: create, confirm, capture with three endpoints (one hangs), or none.

`python -m bench.webhooks --help`. Starts everything as `make run` does, on free ports, and takes turns
with the two, so that a machine that changes its pace changes it for both.
"""

import argparse
import asyncio
import contextlib
from functools import partial

from bench.client import Client
from bench.load import Load, closed, middle
from bench.payments import three_requests
from bench.systems import engine

ROUNDS = 5
PAYMENTS = 60


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


async def one_round(http: Client, concurrency: int) -> Load:
    """So many payments, so many at a time."""
    return await closed(partial(three_requests, http), PAYMENTS, concurrency)


async def with_endpoints(http: Client, urls: list[str], concurrency: int) -> Load:
    """A round while every event goes to each of the endpoints; they are gone afterwards, with what they are owed."""
    ids = []
    for url in urls:
        form = {"url": url, "enabled_events[]": "*"}
        ids.append((await http.post("/v1/webhook_endpoints", **form))["id"])
    figures = await one_round(http, concurrency)
    for id_ in ids:
        await http.delete(f"/v1/webhook_endpoints/{id_}")
    return figures


async def main(rounds: int) -> None:
    """Take turns, and print the medians."""
    servers = [await receiver(hang) for hang in (False, False, True)]
    urls = [url for _, url in servers]
    print(f"create, confirm, capture; median of {rounds} rounds of {PAYMENTS} payments, taken in turns")
    print(f"{'':>14}{'payments/s':>24}{'p50 ms':>20}{'p99 ms':>20}{'p50 ratio':>12}")
    print(f"{'concurrency':>14}{'none':>12}{'3 endpoints':>12}{'none':>10}{'3':>10}{'none':>10}{'3':>10}")
    async with engine() as system:
        http = system.http
        await one_round(http, 4)
        for concurrency in (1, 8):
            without, having = list[Load](), list[Load]()
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
