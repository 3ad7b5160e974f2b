"""`perdure keys`: API keys, created, listed, rolled and revoked. A key is shown once, when made; only its hash is kept.

A restricted key does what it is allowed and nothing else: `--allow payment_intents:write --allow customers:read`.
Revoked and rolled keys may work for five seconds more, until every API process has noticed.
"""

import argparse
import re
import secrets  # noqa: TID251
import sys
import time
from datetime import UTC, datetime
from typing import Any

from cli.options import database_url, told
from domain.spelling import meant
from records import accounts as records
from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database
from settings import TEST_ACCOUNT, Settings, SettingsError

PREFIXES = {"secret": "sk", "publishable": "pk", "restricted": "rk"}
KEY_BYTES = 24
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
LEVELS = ("read", "write")
NOT_OPENED = (
    "that account is connected to a platform, which has deleted it or has it in the other mode: it gets no such key"
)
_ACCOUNT = re.compile(r"acct_[A-Za-z0-9_]{1,64}")


def permission(text: str) -> str:
    """`customers:read`, `refunds:write`, `*:read`."""
    resource, _, level = text.partition(":")
    if level not in LEVELS:
        say = f"say RESOURCE:read or RESOURCE:write, or *:read.{meant(level, LEVELS)}"
        raise argparse.ArgumentTypeError(f"{text!r} is no permission: {say}")
    if resource != "*" and resource not in records.RESOURCES:
        known = ", ".join(sorted(records.RESOURCES))
        raise argparse.ArgumentTypeError(
            f"there is no {resource!r}.{meant(resource, records.RESOURCES)} There are {known}"
        )
    return text


def account(text: str) -> str:
    """`acct_…`."""
    if not _ACCOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no account: its id starts with acct_")
    return text


def seconds(text: str) -> int:
    """`90d`, `24h`, `30m`, `0`."""
    match = re.fullmatch(r"([0-9]{1,9})([smhd]?)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: say 90d, 24h, 30m or a number of seconds")
    return int(match[1]) * UNITS[match[2] or "s"]


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "keys", help="create, list, roll and revoke API keys", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key, and show it once")
    create.add_argument(
        "--account", type=account, default=TEST_ACCOUNT, help="whose (that of `make run`); made if it is not there"
    )
    create.add_argument("--kind", choices=sorted(PREFIXES), default="secret")
    create.add_argument("--live", action="store_true", help="a live key (test, if not said)")
    create.add_argument("--name", help="what it is for")
    create.add_argument("--allow", type=permission, action="append", default=[], metavar="RESOURCE:LEVEL")
    create.add_argument("--expires-in", type=seconds, metavar="TIME", help="90d, 24h, …; never, if not said")
    listing = actions.add_parser("list", help="every key, by how it ends")
    roll = actions.add_parser("roll", help="make a key like another, which ends")
    roll.add_argument("id", help="key_…, from `list`")
    roll.add_argument("--overlap", type=seconds, default=0, metavar="TIME", help="how long the old one lives on (0)")
    revoke = actions.add_parser("revoke", help="end a key now")
    revoke.add_argument("id", help="key_…, from `list`")
    for action in (create, listing, roll, revoke):
        action.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status."""
    try:
        database = Database(arguments.database_url or database_url(Settings.read()))
        try:
            return await _ACTIONS[arguments.action](database, arguments, int(time.time()))  # noqa: TID251
        finally:
            await database.close()
    except (SettingsError, RecordsUnavailable, RecordsRefused) as error:
        print(f"perdure: {told(error)}", file=sys.stderr)
        return 2
    except records.NotOpened:
        print(f"perdure: {NOT_OPENED}", file=sys.stderr)
        return 2


async def _create(database: Database, given: argparse.Namespace, now: int) -> int:
    if (given.kind == "restricted") != bool(given.allow):
        print("perdure: --allow says what a restricted key may do, and only that one needs it", file=sys.stderr)
        return 2
    await records.ensure_account(database, given.account, given.account, now)
    expires = now + given.expires_in if given.expires_in is not None else None
    await _make(database, given.account, given.kind, given.live, now, given.name, tuple(given.allow), expires)
    return 0


async def _make(
    database: Database, account_id: str, kind: records.Kind, livemode: bool, now: int, name: str | None,
    permissions: tuple[str, ...], expires: int | None,
) -> None:  # fmt: skip
    key = f"{PREFIXES[kind]}_{'live' if livemode else 'test'}_{secrets.token_hex(KEY_BYTES)}"
    made = await records.add_key(
        database, account_id, key, kind, livemode, now, name=name, permissions=permissions, expires=expires
    )
    print(key)
    print(f"perdure: {made.id} of {made.account}; the key is not shown again", file=sys.stderr)


async def _list(database: Database, given: argparse.Namespace, now: int) -> int:
    del given
    for key in await records.list_keys(database):
        start = f"{PREFIXES[key.kind]}_{'live' if key.livemode else 'test'}_"
        print(f"{key.id}  {key.account:20} {start}…{key.hint}  {_state(key, now):28} {' '.join(key.permissions)}"
              f"{key.name or ''}".rstrip())  # fmt: skip
    return 0


def _state(key: records.KeyRecord, now: int) -> str:
    if key.expires is None:
        return "active"
    until = datetime.fromtimestamp(key.expires, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"ends {until}" if key.expires > now else f"ended {until}"


async def _roll(database: Database, given: argparse.Namespace, now: int) -> int:
    old = await records.expire_key(database, given.id, now + given.overlap)
    if old is None:
        return _unknown(given.id)
    await _make(database, old.account, old.kind, old.livemode, now, old.name, old.permissions, None)
    return 0


async def _revoke(database: Database, given: argparse.Namespace, now: int) -> int:
    key = await records.expire_key(database, given.id, now)
    if key is None:
        return _unknown(given.id)
    print(f"{key.id} has ended.")
    return 0


def _unknown(id_: str) -> int:
    print(f"perdure: there is no key {id_}; `perdure keys list` shows them", file=sys.stderr)
    return 1


_ACTIONS = {"create": _create, "list": _list, "roll": _roll, "revoke": _revoke}
