"""`./perdure`: the command line. Each command is a module of its own."""

import argparse
import asyncio
import contextlib
import os
import sys
from typing import NoReturn

from cli import (
    accounts,
    doctor,
    gateways,
    keys,
    ledger,
    listen,
    payload_keys,
    rebuild,
    reconcile,
    replay,
    resolve,
    routes,
    setup,
    why,
)


def made_parser() -> argparse.ArgumentParser:
    """What the command line takes."""
    parser = argparse.ArgumentParser(prog="perdure", description="Perdure's command line.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listen.add_to(commands)
    doctor.add_to(commands)
    reconcile.add_to(commands)
    keys.add_to(commands)
    payload_keys.add_to(commands)
    rebuild.add_to(commands)
    accounts.add_to(commands)
    setup.add_to(commands)
    ledger.add_to(commands)
    why.add_to(commands)
    routes.add_to(commands)
    replay.add_to(commands)
    gateways.add_to(commands)
    resolve.add_to(commands)
    return parser


def main() -> None:
    """Run one command; an interruption is an ordinary end, and so is a reader that has gone."""
    arguments = made_parser().parse_args()
    try:
        status = asyncio.run(arguments.run(arguments))
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # Whoever reads (`| head`) has seen enough.
        status = 141
    end(status)


def end(status: int) -> NoReturn:
    """At once, with what was said: threads of Temporal's SDK that are left abort an interpreter that takes its time."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
