"""Ports on loopback: whether one is free, and whether something listens."""

import asyncio
import contextlib
import socket

from embedded.children import StartError


def check_free(port: int, needed_for: str, variable: str) -> None:
    """Say clearly which port is taken, and how to choose another.

    Raises:
        StartError: it is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(
                f"Port {port}, needed for {needed_for}, is already in use: stop what uses it, or choose another with "
                f"{variable}={port + 1} make run"
            ) from error


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
