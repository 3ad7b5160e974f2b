"""`perdure resolve pi_…` (or `seti_…`): say what became of what a gateway was asked for and does not answer about.

Without `--done` or `--not-done` it says what is not known, since when, and what its gateway would have to be asked
about. With one of them it is resolved as if the gateway had answered that: the merchant is told, and the books are
written. Who says so, and on what evidence, is kept with the payment. While the gateway can still be asked, a reason is
needed (`--regardless`). Exit status 0: done, or shown. 1: refused, or nothing is unknown. 2: nobody answers.
"""

import argparse
import getpass
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from temporalio.service import RPCError

from cli.options import database_url, told
from contracts.payload_keys import parse_keys
from domain.identifiers import SETUP_PREFIX
from domain.machine.fence import Recorded
from domain.machine.intents import S
from domain.machine.owing import owed, owed_of_setup
from domain.machine.resolving import is_forgotten
from domain.model.gateways import FIRST
from domain.model.outcomes import Effect, SetUp
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import Resolve
from domain.model.setup_intent import SetupIntent
from records.base import IntentRecords, RecordsRefused, RecordsUnavailable
from records.database import Database
from records.projection import PostgresProjection
from records.setups import PostgresSetups
from settings import Settings, SettingsError
from temporal.client import connect
from temporal.engine import EngineUnavailable, PaymentStopped, TemporalIntents
from temporal.kinds import PAYMENT_INTENTS, SETUP_INTENTS, Hosted
from temporal.refusals import CommandRefused


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "resolve", help="say what became of what a gateway does not answer about", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("intent", help="pi_… or seti_…")
    told_ = parser.add_mutually_exclusive_group()
    told_.add_argument("--done", metavar="REFERENCE", help="it was done; the gateway's own reference for it")
    told_.add_argument("--not-done", action="store_true", help="it was not done, and never will be")
    parser.add_argument("--evidence", default="", help="what that rests on: a settlement file, a ticket, who said so")
    parser.add_argument("--by", default="", help="who says so (your login)")
    parser.add_argument("--regardless", default="", metavar="WHY", help="although the gateway can still be asked")
    parser.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    parser.set_defaults(run=run)


async def run(given: argparse.Namespace) -> int:
    """Do it; the exit status."""
    try:
        settings = Settings.read()
        database = Database(given.database_url or database_url(settings), connections_max=1)
        try:
            if given.intent.startswith(SETUP_PREFIX):
                return await _resolve(given, settings, PostgresSetups(database), owed_of_setup, SETUP_INTENTS)
            return await _resolve(given, settings, PostgresProjection(database), owed, PAYMENT_INTENTS)
        finally:
            await database.close()
    except CommandRefused as error:
        print(f"perdure: {error}", file=sys.stderr)
        return 1
    except (EngineUnavailable, PaymentStopped) as error:
        print(f"perdure: {error}", file=sys.stderr)
        return 2
    except (SettingsError, RecordsUnavailable, RecordsRefused, RPCError, RuntimeError) as error:
        print(f"perdure: {told(error)}", file=sys.stderr)
        return 2


async def _resolve(
    given: argparse.Namespace,
    settings: Settings,
    records: IntentRecords[S, Any],
    owed_of: Callable[[Recorded[S]], Effect | SetUp | None],
    kind: Hosted[S, Any],
) -> int:
    recorded = await records.recorded(given.intent)
    if recorded is None or (effect := owed_of(recorded)) is None:
        what = f"there is no {kind.title}" if recorded is None else "everything is known of"
        print(f"perdure: {what} {given.intent}", file=sys.stderr)
        return 1
    intent = recorded.intent
    if given.done is None and not given.not_done:
        print(_shown(recorded, effect, {each.name: each.profile.keeps_keys_seconds for each in settings.gateways}))
        return 0
    by = given.by or _login()
    if not by:
        print("perdure: nobody is logged in here: say who you are (--by)", file=sys.stderr)
        return 1
    client = await connect(settings.temporal_address, settings.temporal_namespace, parse_keys(settings.payload_keys))

    async def latest(id_: str) -> S | None:
        found = await records.recorded(id_)
        return found.intent if found else None

    async def reload() -> S:
        return await latest(intent.id) or intent

    engine = TemporalIntents(kind, client, latest)
    answer = await engine.send(intent, _word(given, effect, by), reload)
    more = f" `perdure why {intent.id}` says more." if kind is PAYMENT_INTENTS else ""
    print(f"{intent.id} is {answer.intent.status}.{more}")
    return 0


def _word(given: argparse.Namespace, effect: Effect | SetUp, by: str) -> Resolve:
    done = given.done is not None
    return Resolve(
        # A new one each time: one that was refused is refused again under its id, whatever is said besides.
        command_id=f"resolve/{effect.key}/{time.time_ns()}",
        key=effect.key,
        done=done,
        reference=given.done or "",
        by=by,
        evidence=given.evidence,
        regardless=given.regardless,
    )


def _login() -> str:
    """Who is logged in; nobody, where the user has a number and no name, as in a container."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""


def _asked_at(intent: PaymentIntent | SetupIntent) -> int | None:
    if isinstance(intent, SetupIntent):
        return intent.attempt.created if intent.attempt else None
    return intent.accepted.at if intent.accepted else intent.asked_at


def _shown(recorded: Recorded[Any], effect: Effect | SetUp, keeps: Mapping[str, int | None]) -> str:
    """As people read it; `keeps` says for how many seconds each gateway there is, by name, keeps a key."""
    intent, begun = recorded.intent, recorded.under_way
    accepted = intent.accepted if isinstance(intent, PaymentIntent) else None
    at, now = begun.now if begun else _asked_at(intent), int(time.time())  # noqa: TID251
    since = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else "an unknown time"
    hours = f", {(now - at) // 3_600} h ago" if at else ""
    asked = "taken on, and not told how it ended" if accepted else "asked, and not answered"
    name, reference = getattr(effect, "gateway", "") or FIRST, accepted.reference if accepted else ""
    return "\n".join(
        [
            f"{intent.id}: {name} was {asked}: {effect.operation}, {since}{hours}.",
            f"  key                      {effect.key}",
            *([f"  the gateway's reference  {reference}"] if reference else []),
            advice(name, keeps, at, now),
        ]
    )


def advice(gateway: str, keeps: Mapping[str, int | None], at: int | None, now: int) -> str:
    """What to do about a key that this gateway was first asked under `at` (Unix seconds); `keeps` is as above."""
    if gateway in keeps and is_forgotten(keeps[gateway], at, now):
        return (
            f"It is not asked again, as {gateway} keeps the key no more. "
            "Find out at the gateway, then say --done REFERENCE or --not-done, and --evidence."
        )
    asked = "Nobody has to say anything yet: it is asked again by itself, until it answers or tells by itself."
    if gateway not in keeps:
        asked = f"{gateway} is not in PERDURE_GATEWAYS here: who has no such gateway cannot ask it."
    return (
        f"{asked}\nIf it never will be known like that, find out at the gateway, "
        "then say --done REFERENCE or --not-done, with --evidence and --regardless WHY."
    )
