"""`perdure accounts`: what is set for an account as a whole, and who has what.

`methods` shows and says which types of payment method are offered to who names none (its payment method configuration).
`blocks` takes a payment by card for declined whose CVC, or postal code, was checked and is wrong (none to begin with).
`duplicates` looks for payments like one before them: same customer, amount, currency and card or account, while the
first is under way or has succeeded within `--window`. They are let through and flagged, or refused as a bank would.
`reattempts` keeps to how often, and when again, Visa and Mastercard let a declined card be tried, and declines it here
before it costs a fine: `usual` does so for live payments, `on` for test payments as well, `off` for none.
`version` says in which version of Stripe's API an account is answered where a request does not say, and its events are
shown; `newest` is the default.

`pricing` says what payments made from then on cost an account, as its balance shows it: `usual` is as Stripe asks in
the United States, `none` is nothing, and `set` is as told. Every API process goes by a change within five seconds.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from cli.keys import account, seconds
from cli.options import database_url, told
from domain.machine.duplicates import WINDOW_SECONDS_MAX, Choice, Guard
from domain.methods.offered import CONFIGURABLE, OFF, ON
from domain.money.pricing import BASIS_POINTS_MAX, DAYS_MAX, DEFAULT, FIXED_MAX, NONE, Pricing
from domain.spelling import meant
from records import accounts as records
from records import payment_method_configurations as configurations
from records.accounts import BLOCKED_CHECKS
from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database
from records.scope import Scope
from settings import TEST_ACCOUNT, Settings, SettingsError

_REATTEMPTS: dict[str, bool | None] = {"usual": None, "on": True, "off": False}


def window(text: str) -> int:
    """`10m`, `90s`: at least a second, at most a day."""
    given = seconds(text)
    if not 1 <= given <= WINDOW_SECONDS_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no window: it is at least a second and at most a day")
    return given


def method(text: str) -> str:
    """`sepa_debit`: something that can be turned on and off."""
    if text not in CONFIGURABLE:
        raise argparse.ArgumentTypeError(f"there is no type {text!r}.{meant(text, CONFIGURABLE)}")
    return text


def basis_points(text: str) -> int:
    """`2.9`: a per cent, of which there are hundredths."""
    try:
        given = Decimal(text) * 100
    except InvalidOperation:
        given = Decimal(-1)
    if not 0 <= given <= BASIS_POINTS_MAX or given != int(given):
        raise argparse.ArgumentTypeError(f"{text!r} is no such share: 0 to 100, with two places at most")
    return int(given)


def within(most: int) -> Callable[[str], int]:
    """A whole number from nothing to `most`."""

    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) > most:
            raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and {most}")
        return int(text)

    return parse


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "accounts", help="list accounts; duplicates, version, what payments cost", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="every account, and what is set for it")
    guard = actions.add_parser("duplicates", help="flag or refuse payments like one before them, or neither")
    guard.add_argument("choice", choices=[*map(str, Choice), "off"])
    guard.add_argument("--window", type=window, metavar="TIME", help="10m, 90s, …: how long after the first")
    guard.add_argument("--account", type=account, default=TEST_ACCOUNT, help="whose (that of `make run`)")
    pinned = actions.add_parser("version", help="answer an account in a version of Stripe's API")
    pinned.add_argument("version", help="2022-11-15, 2025-03-31.basil, …, or newest")
    pinned.add_argument("--account", type=account, default=TEST_ACCOUNT, help="whose (that of `make run`)")
    methods = actions.add_parser("methods", help="which types of payment method are offered; --on and --off change it")
    methods.add_argument("--on", type=method, action="append", default=[], metavar="TYPE", help="sepa_debit, …")
    methods.add_argument("--off", type=method, action="append", default=[], metavar="TYPE", help="klarna, …")
    methods.add_argument("--live", action="store_true", help="of live payments (test, if not said)")
    methods.add_argument("--account", type=account, default=TEST_ACCOUNT, help="whose (that of `make run`)")
    blocks = actions.add_parser("blocks", help="decline cards whose CVC or postal code is wrong, or neither")
    blocks.add_argument("checks", nargs="+", choices=[*BLOCKED_CHECKS, "off"], metavar="CHECK",
                        help=f"{', '.join(BLOCKED_CHECKS)}, or off")  # fmt: skip
    blocks.add_argument("--account", type=account, default=TEST_ACCOUNT, help="whose (that of `make run`)")
    pricing = actions.add_parser("pricing", help="what payments cost, and from when their money is available")
    pricing.add_argument("choice", choices=["usual", "none", "set"])
    pricing.add_argument("--percent", type=basis_points, metavar="P", help="2.9: of each payment (0)")
    pricing.add_argument("--fixed", type=within(FIXED_MAX), metavar="N", help="minor units, of each payment (0)")
    pricing.add_argument("--dispute", type=within(FIXED_MAX), metavar="N", help="minor units, of each dispute (0)")
    pricing.add_argument("--days", type=within(DAYS_MAX), metavar="N", help="until money is available (2)")
    pricing.add_argument("--account", type=account, default=TEST_ACCOUNT, help="whose (that of `make run`)")
    limits = actions.add_parser("reattempts", help="keep to how often networks let a declined card be tried, or not")
    limits.add_argument("choice", choices=list(_REATTEMPTS))
    limits.add_argument("--account", type=account, default=TEST_ACCOUNT, help="whose (that of `make run`)")
    for action in (listing, guard, pinned, methods, blocks, pricing, limits):
        action.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status."""
    try:
        database = Database(arguments.database_url or database_url(Settings.read()))
        try:
            return await _ACTIONS[arguments.action](database, arguments)
        finally:
            await database.close()
    except (SettingsError, RecordsUnavailable, RecordsRefused) as error:
        print(f"perdure: {told(error)}", file=sys.stderr)
        return 2


async def _list(database: Database, given: argparse.Namespace) -> int:
    del given
    for one in await records.list_accounts(database):
        blocks, version = ", ".join(one.blocked_checks) or "off", one.api_version or "newest"
        limits = next(name for name, on in _REATTEMPTS.items() if on is one.reattempt_limits)
        more = f"blocks: {blocks:16} reattempts: {limits:5} pricing: {_priced(one.pricing)} version: {version}"
        print(f"{one.id:28} duplicates: {_said(one.duplicates):20} {more}")
    return 0


async def _pricing(database: Database, given: argparse.Namespace) -> int:
    told = {"basis_points": given.percent, "fixed": given.fixed, "dispute": given.dispute, "days": given.days}
    told = {name: value for name, value in told.items() if value is not None}
    if (given.choice == "set") != bool(told):
        print("perdure: --percent, --fixed, --dispute and --days are for `set`, which needs one", file=sys.stderr)
        return 2
    pricing = None if given.choice == "usual" else replace(NONE, **told)
    if not await records.set_pricing(database, given.account, pricing):
        print(f"perdure: there is no account {given.account}; `perdure accounts list` shows them", file=sys.stderr)
        return 1
    print(f"{given.account} pricing: {_priced(pricing)}")
    return 0


def _priced(pricing: Pricing | None) -> str:
    terms = pricing or DEFAULT
    text = f"{terms.basis_points / 100:g} % + {terms.fixed}, {terms.dispute} a dispute, {terms.days} days"
    return text if pricing else f"usual ({text})"


async def _duplicates(database: Database, given: argparse.Namespace) -> int:
    if (given.choice == "off") != (given.window is None):
        print("perdure: --window says how long after the first; `off` needs none", file=sys.stderr)
        return 2
    guard = None if given.choice == "off" else Guard(given.window, Choice(given.choice))
    if not await records.set_duplicates(database, given.account, guard):
        return _nobody(given.account)
    print(f"{given.account} duplicates: {_said(guard)}")
    return 0


async def _version(database: Database, given: argparse.Namespace) -> int:
    version = None if given.version == "newest" else given.version
    try:
        found = await records.set_version(database, given.account, version)
    except records.VersionUnknown:
        print(f"perdure: there is no version {given.version}; docs/VERSIONS.md tells of them", file=sys.stderr)
        return 2
    if not found:
        return _nobody(given.account)
    print(f"{given.account} version: {given.version}")
    return 0


def _nobody(account: str) -> int:
    print(f"perdure: there is no account {account}; `perdure accounts list` shows them", file=sys.stderr)
    return 1


async def _methods(database: Database, given: argparse.Namespace) -> int:
    if {"card"} & set(given.off) or set(given.on) & set(given.off):
        print("perdure: cards cannot be turned off, and nothing both on and off", file=sys.stderr)
        return 2
    if given.account not in {one.id for one in await records.list_accounts(database)}:
        return _nobody(given.account)
    scope = Scope(given.account, given.live)
    before = await configurations.written_default(database, scope)
    said = {**dict.fromkeys(given.on, ON), **dict.fromkeys(given.off, OFF)}
    await configurations.change(
        database, scope, before.id, lambda one: replace(one, preferences=one.preferences | said)
    )
    now = await configurations.default(database, scope)
    for value in (ON, OFF):
        names = [name for name in CONFIGURABLE if now.value(name) == value]
        print(f"{given.account} {value}: {' '.join(names)}")
    return 0


async def _blocks(database: Database, given: argparse.Namespace) -> int:
    if "off" in given.checks and len(given.checks) > 1:
        print("perdure: say which checks, or off", file=sys.stderr)
        return 2
    checks = tuple(name for name in BLOCKED_CHECKS if name in given.checks)
    if not await records.set_blocked_checks(database, given.account, checks):
        return _nobody(given.account)
    print(f"{given.account} blocks: {', '.join(checks) or 'off'}")
    return 0


async def _reattempts(database: Database, given: argparse.Namespace) -> int:
    if not await records.set_reattempt_limits(database, given.account, _REATTEMPTS[given.choice]):
        return _nobody(given.account)
    print(f"{given.account} reattempts: {given.choice}")
    return 0


def _said(guard: Guard | None) -> str:
    return f"{guard.choice} within {guard.seconds} s" if guard else "off"


_ACTIONS = {
    "list": _list, "duplicates": _duplicates, "version": _version, "methods": _methods, "blocks": _blocks,
    "pricing": _pricing, "reattempts": _reattempts,
}  # fmt: skip
