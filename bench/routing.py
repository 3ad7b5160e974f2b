"""`python -m bench.routing`: what past attempts would have become under other rules of routing, from the records.

    python -m bench.routing --rules new.json --account acct_… --days 30

Reads the first attempt of each payment of the account (nothing is written), decides again by the rules of the file, or
by those that hold without one, every gateway being well, and prints what would change: payments and amounts by where
they were and would be tried first, by which rule, declines after which another gateway would be asked, and approvals as
far as what each gateway approved of its own attempts lets them be estimated.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cli.options import database_url
from domain.model.charges import Charge
from domain.model.gateways import FIRST, GatewayProfile, Need
from domain.model.outcomes import Declined
from domain.routing.candidates import Candidate
from domain.routing.reading import Mistakes, read
from domain.routing.redeciding import Past, Redecided, redecide
from domain.routing.rules import Facts, RuleSet
from records import routing_rules
from records.codec import load_charge
from records.database import Database
from records.tables import charges as table
from settings import TEST_ACCOUNT, Settings

DAY_SECONDS = 86_400
PAGE = 2_000


def facts_of(charge: Charge) -> Facts:
    """What rules are about, of an attempt that was made."""
    card = charge.payment_method.card
    return Facts(
        intent=charge.payment_intent,
        amount=charge.amount,
        currency=charge.currency,
        type=charge.payment_method.type,
        capture="automatic" if charge.capture_before is None else "manual",
        brand=card.brand if card else "",
        country=card.country if card else "",
        funding=card.funding if card else "",
    )


def past_of(charge: Charge) -> Past | None:
    """An attempt that a gateway gave an answer to; None of one that never got to any."""
    result = charge.result
    if charge.status == "failed" and result.network_status != "declined_by_network":
        return None
    no = None
    if charge.status == "failed":
        no = Declined(
            decline_code=result.reason or "",
            network_decline_code=result.network_decline_code,
            network_advice_code=result.network_advice_code,
        )
    authenticated = charge.three_d_secure is not None
    return Past(facts=facts_of(charge), gateway=charge.gateway or FIRST, no=no, authenticated=authenticated)


def candidates(profiles: Sequence[GatewayProfile], facts: Facts) -> list[Candidate]:
    """Every gateway of the settings, well, and the method collected there: that is what the rules are asked about."""
    need = Need(
        method=facts.type, currency=facts.currency, brand=facts.brand or None, amount=facts.amount,
        manual_capture=facts.capture == "manual",
    )  # fmt: skip
    return [Candidate(name=one.name, lacks=one.capabilities.lacks(need) or "") for one in profiles]


async def first_attempts(database: Database, account: str, since: int) -> AsyncIterator[Charge]:
    """The first charge of each payment, by when it was made."""
    created, id_ = since, ""
    seen = set[str]()
    while True:
        after = (table.c.created > created) | ((table.c.created == created) & (table.c.id > id_))
        page = await database.execute(
            select(table.c.id, table.c.created, table.c.payment_intent, table.c.data)
            .where(table.c.account == account, after)
            .order_by(table.c.created, table.c.id)
            .limit(PAGE)
        )
        for row in page:
            if row.payment_intent not in seen:
                seen.add(row.payment_intent)
                yield load_charge(row.data)
        if len(page) < PAGE:
            return
        created, id_ = page[-1].created, page[-1].id


def readable(found: Redecided) -> str:
    """As people read it."""
    lines = [f"{found.attempts} first attempts; {found.moved} would be tried elsewhere, {found.nobody} nowhere."]
    for (before, after), count in sorted(found.moves.items(), key=lambda each: -each[1]):
        amounts = ", ".join(
            f"{amount} {currency}" for (was, now, currency), amount in sorted(found.amounts.items())
            if (was, now) == (before, after)
        )  # fmt: skip
        lines.append(f"  {before:16} -> {after:16} {count:8} payments, minor units: {amounts}")
    lines += [f"  rule {name or '(none)':40} {count:8}" for name, count in found.rules.most_common()]
    lines.append(f"{found.retried} declines would have been tried again at another gateway.")
    for gateway in sorted(found.tried):
        rate = found.rate(gateway) or 0.0
        lines.append(f"  {gateway:16} approved {rate:.1%} of its {found.tried[gateway]} first attempts")
    estimate = found.estimate()
    if estimate is not None:
        lines.append(f"Approved at first: {sum(found.approved.values())}; by these rules about {estimate:.0f}.")
    return "\n".join(lines)


async def run(given: argparse.Namespace) -> int:
    """Decide again; the exit status."""
    settings = Settings.read()
    profiles = [gateway.profile for gateway in settings.gateways]
    database = Database(given.database_url or database_url(settings), connections_max=1)
    try:
        rules = await _rules(given, settings, database)
        since = int(time.time()) - given.days * DAY_SECONDS  # noqa: TID251
        attempts = [past_of(charge) async for charge in first_attempts(database, given.account, since)]
        known = [past for past in attempts if past is not None]
        print(readable(redecide(known, rules, lambda facts: candidates(profiles, facts))))
    finally:
        await database.close()
    return 0


async def _rules(given: argparse.Namespace, settings: Settings, database: Database) -> RuleSet | None:
    names = [gateway.name for gateway in settings.gateways]
    if given.rules is not None:
        return read(given.rules, names)
    held = [one for one in await routing_rules.versions(database, given.account) if one.holds]
    return read(held[0].data, names, held[0].number) if held else None


def _file(name: str) -> Any:
    """What is in a file of JSON."""
    try:
        return json.loads(Path(name).read_text())
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def main() -> None:
    """Read what was typed, and do it."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.routing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rules", metavar="FILE", type=_file, help="JSON, as of `perdure routes set`; those that hold without one"
    )
    parser.add_argument("--account", default=TEST_ACCOUNT, help="whose (that of `make run`)")
    parser.add_argument("--days", type=int, default=30, metavar="N", help="how far back (30)")
    parser.add_argument("--database-url", help="PostgreSQL (DATABASE_URL, or the embedded one of `make run`)")
    try:
        sys.exit(asyncio.run(run(parser.parse_args())))
    except Mistakes as error:
        sys.exit("\n".join(error.found))


if __name__ == "__main__":
    main()
