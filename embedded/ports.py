"""Ports on loopback: whether one is free, and whether something listens."""

import asyncio
import contextlib
import random  # noqa: TID251
import socket
import time

from embedded.children import StartError

PORTS = range(20_000, 32_000)
"""Below those that the system gives to whoever asks for any (32768 and up): the Temporal server asks for several, and
once got the one that had just been found free for the simulator."""

PREDECESSOR_TIMEOUT_SECONDS = 5.0
"""After a kill -9 of everything, the last run's servers may hold their ports for a moment longer."""


async def check_free(port: int, needed_for: str, variable: str) -> None:
    """Say clearly which port is taken, and how to choose another.

    Raises:
        StartError: it is taken, and stays so.
    """
    end = time.monotonic() + PREDECESSOR_TIMEOUT_SECONDS
    while not _free(port):
        if time.monotonic() > end:
            raise StartError(
                f"Port {port}, needed for {needed_for}, is already in use: stop what uses it, or choose another with "
                f"{variable}={port + 1} make run"
            )
        await asyncio.sleep(0.1)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_given: set[int] = set()


def free_port() -> int:
    """A port nobody uses now, and that nobody gets by chance before we use it. For tests and benchmarks.

    Never one that this process was given before: whoever was may not listen yet.
    """
    port = next(port for port in random.sample(PORTS, len(PORTS)) if port not in _given and _free(port))
    _given.add(port)
    return port


def reserve(*ports: int) -> None:
    """What `free_port` is not to give: somebody else has chosen them for us."""
    _given.update(ports)


async def listening(port: int) -> bool:
    """Whether something accepts connections on 127.0.0.1:`port`."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
