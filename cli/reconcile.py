"""`perdure reconcile`: what the engine says has happened to every charge, against the gateway's own book.

Exit status 0: they agree. 1: they differ, and how is printed. 2: one of them could not be read. What is under way (an
outcome that is not known yet) is counted and not compared; run it again.
"""

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import asdict
from typing import Any

import httpx

from cli.options import database_url
from domain.reconciliation import Ours, Report, Theirs, compare, compare_transfers
from records import reconciliation as records
from records.base import RecordsUnavailable
from records.database import Database
from settings import Settings, SettingsError

PAGE = 10_000
TIMEOUT_SECONDS = 60.0
SHOWN_MAX = 50

FUND = "fund"


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "reconcile",
        help="compare the engine with the gateway's book",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.add_argument("--gateway-url", help="the simulator (PERDURE_SIMULATOR_URL)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Compare; the exit status."""
    try:
        settings = Settings.read()
        database = Database(arguments.database_url or database_url(settings))
        try:
            report = await reconcile(database, arguments.gateway_url or settings.simulator_url)
        finally:
            await database.close()
    except (SettingsError, RecordsUnavailable, httpx.HTTPError) as error:
        print(f"perdure: cannot compare: {str(error) or type(error).__name__}", file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2) if arguments.json else readable(report))
    return 0 if report.clean else 1


async def reconcile(database: Database, gateway_url: str) -> Report:
    """Read the records first: what happens meanwhile is in the book already, and under way for us."""
    unsettled = await records.unsettled(database)
    ours = [charge async for charge in records.all_charges(database)]
    transfers = await records.transfers(database)
    book, funded = await _book(gateway_url)
    known = {charge.id for charge in ours}
    ours += [Ours(id=id_, status="unknown", under_way=True) for id_ in sorted(unsettled - known)]
    report = compare(ours, book)
    report.differences += compare_transfers(transfers, funded)
    return report


async def _book(gateway_url: str) -> tuple[dict[str, Theirs], dict[str, int]]:
    """The gateway's book: sums by charge, and what came in by transfer."""
    charges: defaultdict[str, Theirs] = defaultdict(Theirs)
    funded: dict[str, int] = {}
    last = 0
    async with httpx.AsyncClient(base_url=gateway_url, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
        while True:
            response = await http.get("/_ledger", params={"after": last, "limit": PAGE})
            entries = response.raise_for_status().json()["entries"]
            for entry in entries:
                if entry["operation"] == FUND:
                    funded[entry["authorization"]] = entry["amount"]
                else:
                    charges[entry["charge"]].add(entry["operation"], entry["amount"])
            if len(entries) < PAGE:
                return dict(charges), funded
            last = entries[-1]["id"]


def readable(report: Report) -> str:
    """The report as people read it."""
    lines = [f"{report.charges} charges compared with the gateway's book."]
    if report.under_way:
        lines.append(f"{len(report.under_way)} under way, not compared: {', '.join(report.under_way[:5])}")
    for found in report.differences[:SHOWN_MAX]:
        lines.append(f"  {found.id:30} {found.what:28} ours {found.ours}, the gateway's {found.theirs}")
    if len(report.differences) > SHOWN_MAX:
        lines.append(f"  … and {len(report.differences) - SHOWN_MAX} more (--json has them all)")
    lines.append(f"{len(report.differences)} differences." if report.differences else "No difference.")
    return "\n".join(lines)
