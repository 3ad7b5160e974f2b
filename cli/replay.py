"""`perdure replay pi_…`: whether today's code still does what was done for a payment, and where it would part.

Fetches the history of the payment (or of a SetupIntent) from Temporal, every run of it that is still kept, and replays
it here, on the code of this installation: nothing is carried out, no worker is asked. `--all-open` before a deploy,
with the code that is to be deployed: whoever parts would stop there. Exit status 0: all replay. 1: some part, and where
is printed. 2: there is nothing to replay, or Temporal does not answer.
"""

import argparse
import dataclasses
import json
import logging
import re
import sys
from collections.abc import AsyncIterator
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from cli.options import told
from contracts.payload_keys import parse_keys
from settings import Settings, SettingsError
from temporal.client import connect
from temporal.codec import KeyUnknown
from temporal.replaying import Replayed, Replays

_ID = re.compile(r"(pi|seti)_\w+")


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "replay", help="replay payments' histories on today's code", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("intent", nargs="?", help="pi_… or seti_…")
    which.add_argument("--all-open", action="store_true", help="every PaymentIntent and SetupIntent that is open")
    parser.add_argument("--json", action="store_true", help="print each run as JSON, a line each")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Replay; the exit status."""
    if not arguments.all_open and not _ID.fullmatch(arguments.intent):
        print(f"perdure: {arguments.intent!r} is no id of a payment: they start with pi_ or seti_", file=sys.stderr)
        return 2
    try:
        settings = Settings.read()
        keys = parse_keys(settings.payload_keys)
        client = await connect(settings.temporal_address, settings.temporal_namespace, keys)
        return await replayed(arguments, client)
    except (SettingsError, RPCError, RuntimeError, KeyUnknown) as error:
        print(f"perdure: cannot replay: {told(error)}", file=sys.stderr)
        return 2


async def replayed(arguments: argparse.Namespace, client: Client, *workflows: type) -> int:
    """Replay what `client` has, on today's workflows unless others are said; print as it goes."""
    # What is found is said below; the SDK would say it first, at length.
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    replays = Replays(client, workflows) if workflows else Replays(client)
    seen = parted = 0
    async for one in replays.every_open() if arguments.all_open else _runs(replays, arguments.intent):
        seen, parted = seen + 1, parted + (one.parting is not None)
        if arguments.json:
            print(json.dumps(dataclasses.asdict(one)))
        elif one.parting is not None or not arguments.all_open:
            print(readable(one))
    if not arguments.all_open and not seen:
        print(f"perdure: Temporal has no history of {arguments.intent}: it keeps those of the ended for some days only",
              file=sys.stderr)  # fmt: skip
        return 2
    if not arguments.json:
        print(f"{seen - parted} of {seen} replay.")
    return 1 if parted else 0


async def _runs(replays: Replays, id_: str) -> AsyncIterator[Replayed]:
    for one in await replays.of(id_):
        yield one


def readable(one: Replayed) -> str:
    """As people read it."""
    parting = one.parting
    if parting is None:
        return f"{one.id}, run {one.run}: {one.events} events, as today's code would do it."
    where = f"at event {parting.event}" if parting.event else f"in the task of events {parting.first} to {parting.last}"
    at = f"{parting.event} " if parting.event else "-"
    marked = [f"  {'>' if name.startswith(at) else ' '} {name}" for name in parting.there]
    lines = [f"{one.id}, run {one.run}: PARTS {where} of {one.events}: {parting.why}", *marked]
    return "\n".join(lines)
