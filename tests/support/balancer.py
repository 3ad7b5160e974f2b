"""A balancer before several APIs, as whoever runs Perdure has one, and what ends TLS before a PostgreSQL."""

import asyncio
import contextlib
import itertools
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

PIECE_BYTES = 65_536
SSL_REQUEST_BYTES = 8

Greet = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Balancer:
    """Passes each connection on to the next address that takes it; one that is closed is passed over."""

    def __init__(self, addresses: Sequence[tuple[str, int]], greet: Greet | None = None) -> None:
        self._addresses, self._greet, self._next = list(addresses), greet, itertools.count()
        self.port = 0

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start = next(self._next)
        if self._greet is not None:
            try:
                await self._greet(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                writer.close()
                return
        for step in range(len(self._addresses)):
            host, port = self._addresses[(start + step) % len(self._addresses)]
            try:
                theirs, back = await asyncio.open_connection(host, port)
            except OSError:
                continue
            await asyncio.gather(_pass_on(reader, back), _pass_on(theirs, writer))
            return
        writer.close()

    async def serve(self, listening: threading.Event, over: asyncio.Event) -> None:
        async with await asyncio.start_server(self._take, "127.0.0.1", self.port) as server:
            self.port = server.sockets[0].getsockname()[1]
            listening.set()
            await over.wait()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


def with_tls(certificate: Path, key: Path, clients: Path | None = None) -> Greet:
    """How a PostgreSQL goes over to TLS; the files are read at each connection, as after a reload.

    With `clients`, it takes nobody whose certificate that authority has not signed.
    """

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(SSL_REQUEST_BYTES)
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(server_context(certificate, key, clients))

    return greet


def server_context(certificate: Path, key: Path, clients: Path | None = None) -> ssl.SSLContext:
    """Of a server with this certificate; with `clients`, it takes nobody else's than that authority's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context


@contextlib.contextmanager
def balanced(addresses: Sequence[tuple[str, int]], greet: Greet | None = None) -> Iterator[int]:
    """One before these; gives its port, on 127.0.0.1."""
    balancer, listening = Balancer(addresses, greet), threading.Event()
    over = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await balancer.serve(listening, over)

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert listening.wait(60)
    try:
        yield balancer.port
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(60)
