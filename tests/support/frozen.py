"""A server that takes connections and never says a word, as one does that was sent SIGSTOP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Frozen:
    """Where it is, and whether anybody has come."""

    port: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def frozen() -> AsyncIterator[Frozen]:
    """One, on a free port."""
    here, held = Frozen(), list[asyncio.StreamWriter]()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        here.came.set()
        await reader.read(-1)

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        for writer in held:
            writer.close()
