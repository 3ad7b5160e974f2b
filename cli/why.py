"""`perdure why pi_…`: why a payment is in its status, what will happen to it by itself, and when.

From its record alone, so it answers while nothing else runs; whoever wants to see what its workflow does looks into the
Temporal UI. Exit status 0: here it is. 1: there is no such payment. 2: the database does not answer.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cli.options import database_url, told
from domain.identifiers import SETUP_PREFIX
from domain.machine.decisions import ATTEMPTS_MAX
from domain.machine.explaining.explain import explain
from domain.machine.explaining.explanation import Explanation
from domain.model.gateways import FIRST
from records import charges
from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from settings import Settings, SettingsError


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "why", help="why a payment is as it is, and what comes", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("payment_intent", help="pi_…")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Explain; the exit status."""
    try:
        settings = Settings.read()
        keeps = {each.name: each.profile.keeps_keys_seconds for each in settings.gateways}
        database = Database(arguments.database_url or database_url(settings), connections_max=1)
        try:
            found = await explained(database, arguments.payment_intent, _now(), keeps)
        finally:
            await database.close()
    except (SettingsError, RecordsUnavailable, RecordsRefused) as error:
        print(f"perdure: {told(error)}", file=sys.stderr)
        return 2
    if found is None:
        print(f"perdure: {_nobody(arguments.payment_intent)}", file=sys.stderr)
        return 1
    print(json.dumps(found.shown(), indent=2) if arguments.json else readable(found))
    return 0


async def explained(
    database: Database, id_: str, now: int, keeps: Mapping[str, int | None] | None = None
) -> Explanation | None:
    """The explanation of a payment, whosever it is; None if there is none.

    `keeps` says for how many seconds each gateway, by name, keeps a key; None is for ever.
    """
    recorded = await PostgresProjection(database).recorded(id_)
    if recorded is None:
        return None
    scope = Scope(recorded.intent.account, recorded.intent.livemode)
    newest, _ = (await charges.of_intents(database, scope, [id_], ATTEMPTS_MAX)).get(id_, ([], 0))
    asked_of = getattr(recorded.intent.pending, "gateway", "") or FIRST
    keeps_seconds = (keeps or {}).get(asked_of)
    return explain(recorded.intent, newest[::-1], now, recorded.under_way, keeps_seconds=keeps_seconds)


def _nobody(id_: str) -> str:
    """That there is none; of a SetupIntent, what to ask instead."""
    if not id_.startswith(SETUP_PREFIX):
        return f"there is no payment {id_}"
    asked = f"`temporal workflow query -w {id_} --type setup_intent`"
    return f"{id_} is no payment: {asked} shows a SetupIntent, and `perdure resolve {id_}` what is not known of it"


def readable(found: Explanation) -> str:
    """As people read it."""
    waits = "Nobody has to do anything." if found.waits_for == "nobody" else f"It waits for the {found.waits_for}."
    lines = [f"{found.payment_intent} is {found.status}. {waits}", *(f"  {one}" for one in found.why)]
    lines += ["", "By itself:"]
    lines += [f"  {when(one.at):24} {one.what}" for one in found.by_itself] or ["  nothing happens."]
    if found.attempts:
        lines += ["", "Attempts:"]
        lines += [
            f"  {when(one.created):24} {one.charge} at {one.gateway}, {one.status}: {one.why}" for one in found.attempts
        ]
    if found.route:
        lines += ["", f"Gateways: {found.route}."]
        lines += [f"  {name:24} {why}" for name, why in found.gateways]
    lines += ["", f"Its merchant may: {', '.join(found.commands) or 'do nothing any more'}."]
    return "\n".join(lines)


def when(second: int | None) -> str:
    """A time as people read it; as soon as it is known, where there is none."""
    return (
        "until it is known" if second is None else datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    )


def _now() -> int:
    return int(time.time())  # noqa: TID251
