"""`perdure ledger`: the double entry under the balances.

`show` adds every book of every account up, by mode and currency; together they come to nothing. `level` books what has
moved and is not in it: once after an upgrade from a release that had no ledger, when the last old worker has stopped,
and after a backup of PostgreSQL was restored. It runs beside payments, and twice is as once.
"""

import argparse
import sys
from typing import Any

from cli.options import database_url
from records import balance, levelling
from records.base import RecordsUnavailable
from records.database import Database
from records.reconciliation import STATEMENT_SECONDS_MAX
from settings import Settings, SettingsError


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "ledger", help="add the ledger up; book what is missing in it", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, words in (("show", "what is in every book"), ("level", "book what has moved and is not in it")):
        action = actions.add_parser(name, help=words)
        action.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status, 1 if the books do not add up to nothing."""
    try:
        url = arguments.database_url or database_url(Settings.read())
        database = Database(url, command_timeout_seconds=STATEMENT_SECONDS_MAX)
        try:
            return await _ACTIONS[arguments.action](database)
        finally:
            await database.close()
    except (SettingsError, RecordsUnavailable) as error:
        print(f"perdure: the database does not answer: {error}", file=sys.stderr)
        return 2


async def _show(database: Database) -> int:
    books = await balance.books(database)
    for one in books:
        mode = "live" if one.livemode else "test"
        print(f"{one.account:28} {mode:4} {one.currency:3} {one.book:8} {one.amount:>18}")
    total = sum(one.amount for one in books)
    print(f"{'all of it':46} {total:>18}")
    return 0 if total == 0 else 1


async def _level(database: Database) -> int:
    print(f"booked {await levelling.level(database)} balance transactions")
    return 0


_ACTIONS = {"show": _show, "level": _level}
