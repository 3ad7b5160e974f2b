"""`perdure rebuild`: after a restore, bring records, workflows and the gateway's book together, and take money again.

Workers must run. What the records have forgotten is taken from the workflows that know more, and then from the
gateway's own book, with the answers that the gateway gave: nothing is asked of it again. Payments that no record has
any more are written for `--account`. The ledger gets what it lacks, and all books are compared; if they agree, the APIs
take money again. Exit status 0: they do. 1: something differs, and is printed; they take none. 2: somebody is away. It
may be repeated.
"""

import argparse
import secrets  # noqa: TID251
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from activities.rebuilder import Rebuilder, Rebuilt
from activities.reconciler import NobodyAnswers, Reconciler
from activities.setup_rebuilder import SetupRebuilder
from cli.keys import account
from cli.options import database_url, told
from cli.reconcile import readable
from contracts.payload_keys import parse_keys
from domain.rebuilding.movements import Owner
from domain.reconciliation.report import Report
from gateways.base import GatewayUnavailable
from gateways.book import SimulatorBook
from gateways.books import books_of
from gateways.simulator import SimulatorGateway
from records.accounts import list_accounts
from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database
from records.levelling import level
from records.projection import PostgresProjection
from records.reconciliation import STATEMENT_SECONDS_MAX, RecordsBook
from records.restores import PostgresRestores
from records.setup_reconciliation import SetupRecordsBook
from records.setups import PostgresSetups
from settings import Settings, SettingsError
from temporal.client import connect
from temporal.inspection import TemporalWorkflows
from temporal.intent_runs import TemporalRuns
from temporal.kinds import SETUP_INTENTS
from temporal.sweeps import last_sweep

GATEWAY_SECONDS = 10.0


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "rebuild",
        help="after a restore: rebuild the records, compare all books, and take money again",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.add_argument(
        "--account", type=account, help="whose the payments are that no record has any more (the only account there is)"
    )
    parser.add_argument("--live", action="store_true", help="they are live payments (test, if not said)")
    parser.add_argument("--begin", action="store_true", help="a restore is about to be made: take no money from now on")
    parser.add_argument(
        "--accept", action="store_true", help="take money again although the books differ, once you know why"
    )
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Rebuild; the exit status."""
    began = time.monotonic()
    try:
        settings = Settings.read()
        database = Database(
            arguments.database_url or database_url(settings), command_timeout_seconds=STATEMENT_SECONDS_MAX
        )
        try:
            restores = PostgresRestores(database)
            await restores.begin("`perdure rebuild` was told so")
            if arguments.begin:
                print("No money is taken from now on, until `perdure rebuild` finds that all books agree.")
                return 0
            client = await connect(
                settings.temporal_address, settings.temporal_namespace, parse_keys(settings.payload_keys)
            )
            last = await last_sweep(client)
            async with _rebuilder(arguments, settings, database, client) as rebuilder:
                done = await rebuilder.rebuild()
            ready = done.report.clean or arguments.accept
            if ready:
                await restores.end(_now(), last.number if last else 0)
        finally:
            await database.close()
    except (
        SettingsError, RecordsUnavailable, RecordsRefused, GatewayUnavailable, RPCError, NobodyAnswers, RuntimeError,
    ) as error:  # fmt: skip
        print(f"perdure: cannot rebuild: {told(error)}", file=sys.stderr)
        return 2
    print(_readable(done))
    if ready:
        print(f"Money is taken again, {time.monotonic() - began:.1f} s after this began.")
    else:
        print("No money is taken. Put right what differs and repeat this, or repeat it with --accept.")
    return 0 if ready else 1


@asynccontextmanager
async def _rebuilder(
    arguments: argparse.Namespace, settings: Settings, database: Database, client: Client
) -> AsyncIterator[Rebuilder]:
    book, gateway = SimulatorBook(settings.simulator_url), SimulatorGateway(settings.simulator_url, GATEWAY_SECONDS)
    rows = RecordsBook(database)
    books = books_of(settings.gateways)
    reconciler = Reconciler(rows, books, TemporalWorkflows(client), _now)

    async def book_and_compare() -> Report:
        # What is back in the records is in the ledger as well.
        await level(database)
        return await reconciler.reconcile()

    try:
        yield Rebuilder(
            PostgresProjection(database),
            rows,
            book,
            gateway,
            TemporalRuns(client),
            book_and_compare,
            owner=await _owner(arguments, database),
            secret=lambda: secrets.token_hex(12),
            clock=_now,
            setups=SetupRebuilder(
                PostgresSetups(database), SetupRecordsBook(database), TemporalRuns(client, kind=SETUP_INTENTS), _now
            ),
        )
    finally:
        await book.close()
        await books.close()
        await gateway.close()


async def _owner(arguments: argparse.Namespace, database: Database) -> Owner | None:
    if arguments.account:
        return Owner(account=arguments.account, livemode=arguments.live)
    known = [each.id for each in await list_accounts(database)]
    return Owner(account=known[0], livemode=arguments.live) if len(known) == 1 else None


def _now() -> int:
    return int(time.time())  # noqa: TID251


def _readable(done: Rebuilt) -> str:
    lines = [f"{count} {what}" for what, count in done.found.items() if count]
    lines += [f"{len(done.adopted)} payments that no record had any more: {', '.join(done.adopted)}"] * bool(
        done.adopted
    )
    return "\n".join([*(lines or ["There was nothing to rebuild."]), readable(done.report)])
