"""`perdure gateways`: how the gateways are, and what operators want of them.

`show` lists them: closed is well; open is not heard, so that new payments go elsewhere, and those that wait are not
asked about until it is back, which is tried once a second. `drain` lets no new payment go to a gateway, and what it has
goes on; `pause` lets nothing be asked of it at all, and whoever must waits; `resume` takes either back. Every process
goes by it within a second or two. Exit status 0: done. 1: there is no such gateway. 2: nobody answers.
"""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from temporalio.service import RPCError

from cli.options import database_url, told
from contracts.payload_keys import parse_keys
from domain.spelling import meant
from records import gateway_healths
from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database
from settings import Settings, SettingsError
from temporal.breakers import ASKED_OF, ask
from temporal.client import connect


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "gateways", help="how gateways are; drain, pause and resume one", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="how each of them is, since when, and why")
    show.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    for name, words in (
        ("drain", "let no new payment go there"),
        ("pause", "let nothing be asked of it"),
        ("resume", "take that back"),
    ):
        actions.add_parser(name, help=words).add_argument("gateway", help="its name in PERDURE_GATEWAYS")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status."""
    try:
        settings = Settings.read()
        if arguments.action == "show":
            return await _show(arguments, settings)
        return await _ask(arguments, settings)
    except (SettingsError, RecordsUnavailable, RecordsRefused, RPCError, RuntimeError) as error:
        print(f"perdure: {told(error)}", file=sys.stderr)
        return 2


async def _show(given: argparse.Namespace, settings: Settings) -> int:
    database = Database(given.database_url or database_url(settings), connections_max=1)
    try:
        known = {one.name: one for one in await gateway_healths.standings(database)}
    finally:
        await database.close()
    for name in [gateway.name for gateway in settings.gateways]:
        one = known.get(name)
        since = datetime.fromtimestamp(one.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if one else ""
        print(f"{name:20} {one.health if one else 'closed':9} {since:23} {one.why if one else ''}".rstrip())
    return 0


async def _ask(given: argparse.Namespace, settings: Settings) -> int:
    names = [gateway.name for gateway in settings.gateways]
    if given.gateway not in names:
        print(f"perdure: there is no gateway {given.gateway!r}.{meant(given.gateway, names)}", file=sys.stderr)
        return 1
    keys = parse_keys(settings.payload_keys)
    client = await connect(settings.temporal_address, settings.temporal_namespace, keys)
    await ask(client, given.gateway, ASKED_OF[given.action])
    print(f"{given.gateway}: told to {given.action}; `perdure gateways show` says how it is")
    return 0
