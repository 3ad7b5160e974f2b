"""A link between parts of the cluster: `python -m tests.cluster.link PORT TARGET…`.

Whoever connects to PORT (on loopback) is given the next target, a port or the path of a socket, as a balancer of
connections gives it. A link is a process of its own, so that a network that is cut is one that is frozen (nothing comes
through, and nobody is told), and one that breaks is one that is killed (every connection ends).
"""

import argparse
import asyncio
import contextlib
import itertools
from collections.abc import Sequence

from tests.support.pipes import join


async def connect(target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To a port of this machine, or to a socket's path.

    Raises:
        OSError: nobody is there.
    """
    if target.isdigit():
        return await asyncio.open_connection("127.0.0.1", int(target))
    return await asyncio.open_unix_connection(target)


async def serve(port: int, targets: Sequence[str]) -> None:
    """Until somebody ends the process."""
    turns = itertools.cycle(range(len(targets)))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(turns)
        for target in (*targets[first:], *targets[:first]):
            with contextlib.suppress(OSError):
                await join((reader, writer), await connect(target))
                return
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.link", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("targets", nargs="+", metavar="TARGET")
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.targets))


if __name__ == "__main__":
    main()
