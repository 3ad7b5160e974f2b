"""`perdure routes`: which gateway an account's payments are asked of, and which after a no, by rules of its own.

`set` takes a JSON file (`-` is standard input) and lets it hold, as a new version, within five seconds; `check` says
what is wrong with one, and sets nothing. `show` prints the rules that hold, or those of a version, as they were
written; `versions` lists them; `back` lets an older one hold again, as a new version; `off` lets none hold. Payments
that are under way go on by what they were begun with.

The first rule whose conditions hold decides: `when` knows currency, type, brand, country, funding, capture (automatic
or manual) and amount ({"from": …, "to": …}, minor units of one currency). `gateways` is the order in which they are
asked; `split` gives the first place by lot, in per cent. `otherwise` is for whatever no rule is about, and `tries` how
many gateways one confirmation may ask, each but the first only after a no that permits it:

    {"rules": [{"name": "European cards", "when": {"currency": "eur", "brand": ["visa", "mastercard"]},
                "gateways": ["alpha", "beta"]},
               {"name": "the rest", "split": {"alpha": 70, "beta": 30}}],
     "otherwise": {"gateways": ["beta"]}, "tries": 2}

Exit status 0: done. 1: there is no such account or version. 2: the rules make no sense, or the database is away.
"""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.keys import account
from cli.options import database_url, told
from domain.model.hashes import JsonObject
from domain.routing.reading import Mistakes, read
from records import routing_rules as records
from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database
from settings import TEST_ACCOUNT, Settings, SettingsError

RULES_BYTES_MAX = 65_536
"""A file of rules; they are read with every key."""


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "routes", help="by which rules payments go to gateways", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="print the rules that hold")
    show.add_argument("--version", type=int, metavar="N", help="those of a version")
    versions = actions.add_parser("versions", help="list what was set, newest first")
    check = actions.add_parser("check", help="say what is wrong with a file")
    new = actions.add_parser("set", help="let the rules of a file hold")
    for action in (check, new):
        action.add_argument("file", help="JSON; - is standard input")
    back = actions.add_parser("back", help="let an older version hold again")
    back.add_argument("version", type=int, metavar="N")
    off = actions.add_parser("off", help="let no rules hold: the first gateway that can is asked")
    for action in (show, versions, check, new, back, off):
        action.add_argument("--account", type=account, default=TEST_ACCOUNT, help="whose (that of `make run`)")
        action.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status."""
    try:
        settings = Settings.read()
        if arguments.action == "check":
            print(f"{len(_read(arguments.file, settings)['rules'])} rules, all of them right")
            return 0
        database = Database(arguments.database_url or database_url(settings), connections_max=1)
        try:
            return await _ACTIONS[arguments.action](database, arguments, settings)
        finally:
            await database.close()
    except Mistakes as error:
        for mistake in error.found:
            print(f"perdure: {mistake}", file=sys.stderr)
        return 2
    except (SettingsError, RecordsUnavailable, RecordsRefused) as error:
        print(f"perdure: {told(error)}", file=sys.stderr)
        return 2


def _read(file: str, settings: Settings) -> JsonObject:
    """The rules of a file, found right.

    Raises:
        Mistakes: they are not, or it cannot be read.
    """
    try:
        text = sys.stdin.read(RULES_BYTES_MAX + 1) if file == "-" else Path(file).read_text()
        data = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise Mistakes([f"{file}: {told(error)}"]) from None
    if len(text.encode()) > RULES_BYTES_MAX:
        raise Mistakes([f"{file}: at most {RULES_BYTES_MAX} bytes"])
    read(data, [gateway.name for gateway in settings.gateways])
    return {"rules": [], **data}


async def _set(database: Database, given: argparse.Namespace, settings: Settings) -> int:
    return await _hold(database, given.account, _read(given.file, settings))


async def _back(database: Database, given: argparse.Namespace, settings: Settings) -> int:
    data = await records.version(database, given.account, given.version)
    if data is None:
        return _no_version(given.account, given.version)
    read(data, [gateway.name for gateway in settings.gateways])
    return await _hold(database, given.account, data)


async def _hold(database: Database, whose: str, data: JsonObject) -> int:
    number = await records.set_rules(database, whose, data, int(time.time()))  # noqa: TID251
    if number is None:
        return _nobody(whose)
    print(f"{whose} routes: version {number}")
    return 0


async def _off(database: Database, given: argparse.Namespace, settings: Settings) -> int:
    del settings
    if not await records.end_rules(database, given.account):
        return _nobody(given.account)
    print(f"{given.account} routes: off")
    return 0


async def _show(database: Database, given: argparse.Namespace, settings: Settings) -> int:
    del settings
    found = await records.versions(database, given.account)
    held = next((one.data for one in found if one.holds), None)
    data = held if given.version is None else await records.version(database, given.account, given.version)
    if data is None and given.version is not None:
        return _no_version(given.account, given.version)
    print("no rules hold" if data is None else json.dumps(data, indent=2, ensure_ascii=False))
    return 0


async def _versions(database: Database, given: argparse.Namespace, settings: Settings) -> int:
    del settings
    for one in await records.versions(database, given.account):
        when = datetime.fromtimestamp(one.created, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        print(f"{one.number:4} {when} {len(one.data['rules']):3} rules{' holds' if one.holds else ''}")
    return 0


def _nobody(whose: str) -> int:
    print(f"perdure: there is no account {whose}; `perdure accounts list` shows them", file=sys.stderr)
    return 1


def _no_version(whose: str, number: int) -> int:
    print(f"perdure: {whose} has no version {number}; `perdure routes versions` shows them", file=sys.stderr)
    return 1


_ACTIONS = {"show": _show, "versions": _versions, "set": _set, "back": _back, "off": _off}
