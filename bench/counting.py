"""Between the engine and one of its gateways: passes everything on, and counts what is asked.

Independent of both sides. It reads the first lines of requests, and the keys of effects, out of what passes by, and
nothing else; whatever breaks on one side breaks on the other.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ASKED = re.compile(rb"(?:GET|POST|PUT|DELETE) (/[^ \r\n]*) HTTP/1\.1\r\n")
KEYED = re.compile(rb'"key": ?"([^"\\]{1,255})"')
PIECE_BYTES = 65_536
LINE_BYTES_MAX = 1_024
"""So much of what came before is looked at again, for a line that came in two pieces."""


@dataclass(slots=True)
class Counting:
    """What was asked, and under which keys: (`time.perf_counter`, path or key), in order; and where it listens."""

    port: int = 0
    asked: list[tuple[float, str]] = field(default_factory=list)
    keys: list[tuple[float, str]] = field(default_factory=list)

    def within(self, since: float, until: float) -> list[float]:
        """When anything was asked in this time; what only a bench asks (`/_…`) is not counted."""
        return [when for when, path in self.asked if since <= when < until and not path.startswith("/_")]

    def most(self, since: float, until: float, seconds: float) -> int:
        """How much was asked, at most, in any so many seconds of this time."""
        times = self.within(since, until)
        return max((sum(when <= other < when + seconds for other in times) for when in times), default=0)


@asynccontextmanager
async def counting(port: int) -> AsyncIterator[Counting]:
    """In front of what listens on `port` of this machine."""
    counted, open_ = Counting(), set[asyncio.Task[None]]()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            theirs, to_them = await asyncio.open_connection("127.0.0.1", port)
            ways = (
                asyncio.create_task(_pass(reader, to_them, _Lines(counted).read)),
                asyncio.create_task(_pass(theirs, writer, lambda _: None)),
            )
            open_.update(ways)
            await asyncio.gather(*ways)
            open_.difference_update(ways)
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    counted.port = server.sockets[0].getsockname()[1]
    try:
        yield counted
    finally:
        server.close()
        for way in open_:
            way.cancel()


class _Lines:
    """What is read of one connection."""

    def __init__(self, counted: Counting) -> None:
        self._found = ((ASKED, counted.asked), (KEYED, counted.keys))
        self._rest = b""

    def read(self, piece: bytes) -> None:
        seen = self._rest + piece
        end = 0
        for wanted, told in self._found:
            for found in wanted.finditer(seen):
                told.append((time.perf_counter(), found[1].decode("latin-1")))
                end = max(end, found.end())
        self._rest = seen[end:][-LINE_BYTES_MAX:]


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, look: Callable[[bytes], None]) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            look(piece)
            writer.write(piece)
            await writer.drain()
    writer.close()
