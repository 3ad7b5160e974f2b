"""`perdure reconcile`: four books of every payment and of every setup, against each other.

The workflow, while it is open; the record of the intent; what hangs on it (charges, refunds, cash balances, attempts to
set up, events, deliveries, mandates, disputes); and the gateway's own book. Exit status 0: they agree. 1: they differ,
and how is printed, by kind. 2: one of them could not be read. Payments move meanwhile, so whatever does not agree is
looked at again before it is named; what is under way is counted.
"""

import argparse
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from activities.reconciler import NobodyAnswers, Reconciler
from activities.setup_reconciler import SetupReconciler
from cli.options import database_url, told
from contracts.payload_keys import parse_keys
from domain.reconciliation.engine import Patience
from domain.reconciliation.kinds import READINGS
from domain.reconciliation.report import Report
from gateways.base import GatewayUnavailable
from gateways.book import SimulatorBook
from gateways.books import Books, books_of
from records.base import RecordsUnavailable
from records.database import Database
from records.reconciliation import STATEMENT_SECONDS_MAX, RecordsBook
from records.setup_reconciliation import SetupRecordsBook
from settings import Settings, SettingsError
from temporal.client import connect
from temporal.inspection import TemporalWorkflows, setup_workflows

SHOWN_MAX = 50
UNDER_WAY_SHOWN_MAX = 5


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "reconcile",
        help="compare workflows, records and the gateway's book",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.add_argument("--gateway-url", help="the one simulator (those of PERDURE_GATEWAYS)")
    parser.add_argument("--without-workflows", action="store_true", help="leave out the workflows' book")
    default = Patience()
    for name, means in (
        ("unknown", "an outcome that is not known"),
        ("command", "a command that was begun"),
        ("overdue", "what time should have done"),
        ("news", "what a gateway has taken on and not told the end of"),
    ):
        seconds = getattr(default, f"{name}_seconds")
        parser.add_argument(
            f"--{name}-seconds", type=int, default=seconds, metavar="N", help=f"how old {means} may be ({seconds})"
        )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Compare; the exit status."""
    try:
        async with _reconciler(arguments, Settings.read()) as reconciler:
            report = await reconciler.reconcile()
    except (
        SettingsError, RecordsUnavailable, GatewayUnavailable, RPCError, NobodyAnswers, RuntimeError,
    ) as error:  # fmt: skip
        print(f"perdure: cannot compare: {told(error)}", file=sys.stderr)
        return 2
    print(json.dumps(report.shown(), indent=2) if arguments.json else readable(report))
    return 0 if report.clean else 1


@asynccontextmanager
async def _reconciler(arguments: argparse.Namespace, settings: Settings) -> AsyncIterator[Reconciler]:
    url = arguments.database_url or database_url(settings)
    database = Database(url, connections_max=1, command_timeout_seconds=STATEMENT_SECONDS_MAX)
    given = arguments.gateway_url
    book = Books([SimulatorBook(given)]) if given else books_of(settings.gateways)
    patience = Patience(
        unknown_seconds=arguments.unknown_seconds,
        command_seconds=arguments.command_seconds,
        overdue_seconds=arguments.overdue_seconds,
        news_seconds=arguments.news_seconds,
    )
    try:
        client = None if arguments.without_workflows else await _client(settings)
        of_setups = setup_workflows(client) if client else None
        setups = SetupReconciler(SetupRecordsBook(database), book, of_setups, _now, patience)
        workflows = TemporalWorkflows(client) if client else None
        yield Reconciler(RecordsBook(database), book, workflows, _now, setups=setups, patience=patience)
    finally:
        await book.close()
        await database.close()


async def _client(settings: Settings) -> Client:
    keys = parse_keys(settings.payload_keys)
    return await connect(settings.temporal_address, settings.temporal_namespace, keys)


def _now() -> int:
    return int(time.time())  # noqa: TID251


def readable(report: Report) -> str:
    """The report as people read it."""
    lines = [
        f"{report.intents} PaymentIntents, {report.charges} charges, {report.transfers} bank transfers, "
        f"{report.setup_intents} SetupIntents compared, and {report.workflows} workflows."
    ]
    if report.under_way:
        shown = ", ".join(report.under_way[:UNDER_WAY_SHOWN_MAX])
        lines.append(f"{len(report.under_way)} under way, not compared with the gateway: {shown}")
    for found in report.differences[:SHOWN_MAX]:
        ours, theirs = READINGS[found.kind].books
        of = f" of {found.intent}" if found.intent not in ("", found.id) else ""
        lines.append(f"  {found.what}: {found.id}{of}: {ours} {found.ours}, {theirs} {found.theirs}")
    if len(report.differences) > SHOWN_MAX:
        lines.append(f"  … and {len(report.differences) - SHOWN_MAX} more (--json has them all)")
    for kind, count in report.kinds().items():
        reading = READINGS[kind]
        lines += ["", f"{kind.words} ({count}): {reading.means}", f"  {reading.remedy}"]
    lines.append(f"{len(report.differences)} differences." if report.differences else "No difference.")
    return "\n".join(lines)
