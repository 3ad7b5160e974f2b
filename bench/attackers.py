"""Clients that behave badly, in a process of their own: `python -m bench.attackers NAME PORT SECONDS`.

Prints what became of them, as one JSON object: how many connections they made, how long the longest of them lived, how
many bytes they sent, and the statuses that they were given.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

KEY = "c2tfdGVzdF9wZXJkdXJlOg=="
HEAD = f"POST /v1/payment_intents HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Basic {KEY}\r\n".encode()
FILE = b"GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
BLOCK = 65_536
UNNOTICED_SECONDS = 20
PAUSE_SECONDS = 0.2
"""Before somebody who was shown out comes back."""


@dataclass
class Seen:
    """What became of them."""

    connections: int = 0
    longest_seconds: float = 0.0
    sent_bytes: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


Conduct = Callable[[asyncio.StreamWriter, Seen], Awaitable[None]]


async def dribble(writer: asyncio.StreamWriter, seen: Seen) -> None:
    """A header, a byte a second."""
    await _write(writer, seen, HEAD + b"x: ")
    while True:
        await _write(writer, seen, b"x")
        await asyncio.sleep(1)


async def dribble_body(writer: asyncio.StreamWriter, seen: Seen) -> None:
    """A body, a byte a second."""
    await _write(writer, seen, HEAD + b"content-length: 100000\r\n\r\n")
    while True:
        await _write(writer, seen, b"x")
        await asyncio.sleep(1)


async def half_a_body(writer: asyncio.StreamWriter, seen: Seen) -> None:
    """A body that stops halfway."""
    await _write(writer, seen, HEAD + b"content-length: 200000\r\n\r\n" + b"x" * 100_000)
    await asyncio.sleep(3_600)


async def endless_header(writer: asyncio.StreamWriter, seen: Seen) -> None:
    """One header without end, as fast as it is taken."""
    await _write(writer, seen, HEAD + b"x: ")
    while True:
        await _write(writer, seen, b"x" * BLOCK)


async def million_headers(writer: asyncio.StreamWriter, seen: Seen) -> None:
    """Headers without end."""
    await _write(writer, seen, HEAD)
    while True:
        await _write(writer, seen, b"a: b\r\n" * (BLOCK // 6))


async def slow_reader(writer: asyncio.StreamWriter, seen: Seen) -> None:
    """Asks for 11 MB, and reads nothing of it."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await _write(writer, seen, FILE * 8)
    while True:
        await asyncio.sleep(UNNOTICED_SECONDS)
        # How somebody learns of their end who does not read.
        await _write(writer, seen, b"G")


ATTACKS: dict[str, tuple[Conduct, int]] = {
    "200 connections dribble a header": (dribble, 200),
    "200 connections dribble a body": (dribble_body, 200),
    "200 half-sent bodies": (half_a_body, 200),
    "an endless header": (endless_header, 1),
    "a million headers": (million_headers, 1),
    "50 who read nothing": (slow_reader, 50),
}


async def _write(writer: asyncio.StreamWriter, seen: Seen, data: bytes) -> None:
    writer.write(data)
    seen.sent_bytes += len(data)
    await writer.drain()


async def _one(conduct: Conduct, port: int, seen: Seen) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    seen.connections += 1
    began = time.monotonic()
    sending = asyncio.create_task(_until_cut_off(conduct, writer, seen))
    # A slow reader learns of its end by what it sends.
    ended = sending if conduct is slow_reader else asyncio.create_task(_answer(reader, seen))
    try:
        await ended
    finally:
        sending.cancel()
        writer.close()
        seen.longest_seconds = max(seen.longest_seconds, time.monotonic() - began)


async def _until_cut_off(conduct: Conduct, writer: asyncio.StreamWriter, seen: Seen) -> None:
    with contextlib.suppress(OSError):
        await conduct(writer, seen)


async def _answer(reader: asyncio.StreamReader, seen: Seen) -> None:
    with contextlib.suppress(OSError):
        answer = await reader.read()
        seen.statuses[answer[9:12].decode() or "none"] += 1


async def _again_and_again(conduct: Conduct, port: int, seen: Seen) -> None:
    while True:
        with contextlib.suppress(OSError):
            await _one(conduct, port, seen)
        await asyncio.sleep(PAUSE_SECONDS)


async def attack(name: str, port: int, seconds: float) -> Seen:
    """Behave like that for so long; who is shown out comes back."""
    conduct, number = ATTACKS[name]
    seen = Seen()
    tasks = [asyncio.create_task(_again_and_again(conduct, port, seen)) for _ in range(number)]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return seen


def main() -> None:
    """Attack, and say what became of it."""
    name, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    seen = asyncio.run(attack(name, port, seconds))
    print(json.dumps({**seen.__dict__, "statuses": dict(seen.statuses)}))


if __name__ == "__main__":
    main()
