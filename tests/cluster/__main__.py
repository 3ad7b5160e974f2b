"""`python -m tests.cluster` is `make cluster`: Perdure on a Temporal cluster, all on this machine (docs/SCALE.md).

Temporal as separate frontend, history, matching and worker services on PostgreSQL, two APIs behind a balancer, three
workers, the records on another PostgreSQL. The directory with Temporal's server is TEMPORAL_SERVER_BIN's.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from embedded.children import StartError
from embedded.run import check_ports, prepare_directory, say
from settings import Settings, SettingsError
from tests.cluster.service import Binaries
from tests.cluster.stack import Stack

BIN = Path(os.environ.get("TEMPORAL_SERVER_BIN", Path.home() / "go" / "bin"))  # noqa: TID251


async def run(settings: Settings) -> None:
    """Start, say where it is, and wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    began = time.monotonic()
    await check_ports(settings)
    lock = prepare_directory(settings.data_dir)
    stack = Stack(settings, Binaries.find(BIN), say)
    try:
        say("Starting Perdure on a Temporal cluster")
        starting = asyncio.create_task(stack.start())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)  # noqa: TID251
        if not starting.done():
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
            return
        starting.result()
        say(f"Perdure is ready ({time.monotonic() - began:.0f} s)  API http://127.0.0.1:{settings.api_port}")
        await stopping
    finally:
        await stack.stop()
        os.close(lock)


def main() -> None:
    """Run, and end with one line if something cannot."""
    argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__).parse_args()
    try:
        asyncio.run(run(Settings.read()))
    except (StartError, SettingsError) as error:
        sys.exit(f"perdure: {error}")


main()
