"""Two connections joined to one, as a balancer of connections does it."""

import asyncio

CHUNK_BYTES = 65_536

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def join(one: Ends, other: Ends) -> None:
    """Until both sides have ended: one that has said everything may still be answered."""
    await asyncio.gather(_piped(one[0], other[1]), _piped(other[0], one[1]))
    for _, writer in (one, other):
        writer.close()


async def _piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one side to the other, its end included; a side that breaks breaks the other."""
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        else:
            # TLS has no half of a connection.
            writer.close()
    except OSError:
        writer.close()
