"""`perdure setup`: give Temporal what this release needs, its namespace and search attributes. Harmless if it has them.

For a Temporal service of your own, before the first start and with each upgrade. Temporal Cloud does not let itself be
set up like this; what to run there is printed. Exit status 0: everything is there. 1: it is not, and why.
"""

import argparse
import asyncio
import sys
import time
from typing import Any

from temporalio.service import RPCError

from settings import Settings, SettingsError
from temporal.client import connect
from temporal.condition import TemporalCondition, TemporalNotWell
from temporal.provisioning import NotOursToSetUp, Provisioning

RETENTION_DAYS = 3
"""How long Temporal keeps a payment that has ended; the record has it forever. The same as SCALE.md reckons with."""

WAIT_SECONDS = 60
PAUSE_SECONDS = 1.0


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "setup",
        help="make Temporal's namespace and search attributes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--retention-days", type=int, default=RETENTION_DAYS, metavar="N",
        help=f"for a namespace that is made: how long it keeps payments that have ended ({RETENTION_DAYS})",
    )  # fmt: skip
    parser.add_argument(
        "--wait", type=int, default=WAIT_SECONDS, metavar="SECONDS",
        help=f"how long to wait for a Temporal that is not there yet ({WAIT_SECONDS})",
    )  # fmt: skip
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Set up, and wait until the service knows of it; the exit status."""
    try:
        settings = Settings.read()
        await _set_up(settings, arguments.retention_days, time.monotonic() + arguments.wait)
    except (SettingsError, TemporalNotWell, RPCError, RuntimeError) as error:
        print(f"perdure: cannot set up: {str(error) or type(error).__name__}", file=sys.stderr)
        return 1
    return 0


async def _set_up(settings: Settings, retention_days: int, until: float) -> None:
    """Again and again until it is done: a service that starts refuses, and knows what it was told a moment later."""
    client = await connect(settings.temporal_address, settings.temporal_namespace, lazy=True)
    said: list[str] = []

    def say(line: str) -> None:
        if line not in said:
            said.append(line)
            print(line, flush=True)

    provisioning = Provisioning(client, retention_days, say)
    while True:
        try:
            await provisioning.carry_out()
            await TemporalCondition(client).check()
            return
        except NotOursToSetUp:
            raise
        except (TemporalNotWell, RPCError, RuntimeError):
            if time.monotonic() > until:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
