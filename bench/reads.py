"""How long lists and searches take at the database as it grows: `python -m bench.reads --help`.

Fills a PostgreSQL of its own (in a temporary directory) with PaymentIntents of a year, then asks what people ask,
through the functions that the API uses. Prints median and worst of the repeats, in milliseconds, and with `--plans` how
PostgreSQL goes about it.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement, Executable

from api.dialect.search import parse
from domain.model.charges import Charge, ChargeResult
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import Card, PaymentMethod
from domain.model.statuses import Status
from embedded.children import Child
from embedded.postgres import EmbeddedPostgres
from records import payment_intents, search
from records.accounts import ensure_account
from records.codec import dump_intent
from records.database import Database
from records.migrate import migrate
from records.scope import Created, Cursor, Scope
from settings import TEST_ACCOUNT

YEAR_SECONDS = 365 * 86_400
NOW = 1_790_000_000
REPEATS = 15
ROWS_PER_STATEMENT = 50_000
SCOPE = Scope(TEST_ACCOUNT, livemode=False)

SEARCHES = (
    'status:"succeeded"',
    'status:"requires_action"',
    'status:"processing"',
    '-status:"succeeded"',
    'currency:"isk"',
    'currency:"isk" AND status:"canceled"',
    "amount>9000",
    "amount>=9999 AND amount<=9999",
    'amount:5000 AND currency:"jpy" AND status:"canceled"',
    'customer:"cus_777"',
    '-customer:null AND status:"requires_capture"',
    'metadata["order"]:"o-4242"',
    'metadata["tier"]:"gold"',
    'metadata["rare"]:"yes"',
    'metadata["tier"]:"gold" AND metadata["rare"]:"yes"',
    '-metadata["rare"]:null',
    'metadata["nobody"]:"has this"',
    'status:"nonsense"',
    'metadata["order"]:"o-4242" OR customer:"cus_777"',
    'currency:"isk" OR amount:4711 OR status:"processing"',
    f"created>{NOW - 86_400} AND amount>5000",
    f"created<{NOW - YEAR_SECONDS + 86_400}",
)


def template() -> dict[str, Any]:
    """A card payment as it is stored; the statement below changes what differs from row to row."""
    card = Card(
        brand="visa", last4="4242", exp_month=8, exp_year=2034, funding="credit", country="US", fingerprint="f" * 16,
        networks=("visa",),
    )  # fmt: skip
    owner: dict[str, Any] = {"account": SCOPE.account, "livemode": SCOPE.livemode, "created": NOW}
    method = PaymentMethod(id="pm_1" + "x" * 23, token="tok_" + "x" * 24, card=card, **owner)
    charge = Charge(
        id="ch_3" + "x" * 23, payment_intent="pi_3" + "x" * 23, amount=5_000, currency="usd", status="succeeded",
        payment_method=method, result=ChargeResult(type="authorized", network_status="approved_by_network"),
        captured=True, amount_captured=5_000, captures=1, authorization="auth_1", **owner,
    )  # fmt: skip
    intent = PaymentIntent(
        id="pi_3" + "x" * 23,
        client_secret="pi_secret",
        amount=5_000,
        currency="usd",
        **owner,
    )
    paid = replace(intent, status=Status.SUCCEEDED, payment_method=method, charge=charge, attempts=1)
    return dump_intent(paid)


FILL = text(
    """
    INSERT INTO payment_intents (id, account, livemode, created, version, status, amount, amount_capturable,
                                 amount_received, currency, customer, data)
    SELECT id, CAST(:account AS text), false, created, 3, status, amount,
        CASE status WHEN 'requires_capture' THEN amount ELSE 0 END,
        CASE status WHEN 'succeeded' THEN amount ELSE 0 END, currency, customer,
        CAST(:template AS jsonb) || jsonb_build_object('id', id, 'created', created, 'amount', amount,
            'metadata', rare || jsonb_build_object('order', 'o-' || CAST(n AS text),
                                                   'tier', CASE WHEN n % 20 = 0 THEN 'gold' ELSE 'plain' END))
    FROM (
        SELECT n, 'pi_' || CAST(n AS text) AS id,
            CAST(:now AS bigint) - :year + (CAST(:year AS bigint) * n) / CAST(:total AS bigint) AS created,
            CASE WHEN n % 100 < 84 THEN 'succeeded' WHEN n % 100 < 92 THEN 'canceled'
                WHEN n % 100 < 97 THEN 'requires_payment_method' WHEN n % 100 < 99 THEN 'requires_capture'
                WHEN n % 50000 = 99 THEN 'processing' WHEN n % 1000 = 199 THEN 'requires_action'
                ELSE 'requires_confirmation' END AS status,
            100 + (n * 7919) % 9900 AS amount,
            CASE WHEN n % 1000 = 3 THEN 'isk' WHEN n % 20 = 3 THEN 'jpy' WHEN n % 4 = 1 THEN 'eur' ELSE 'usd' END
                AS currency,
            CASE WHEN n % 3 = 0 THEN NULL ELSE 'cus_' || CAST(n % 20000 AS text) END AS customer,
            CAST(CASE WHEN n % 100000 = 7 THEN '{"rare" \\: "yes"}' ELSE '{}' END AS jsonb) AS rare
        FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
    ) AS made
    """
)


@asynccontextmanager
async def scratch_database() -> AsyncIterator[Database]:
    """A PostgreSQL that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="perdure-bench-") as directory:
        server = EmbeddedPostgres(Path(directory))
        server.prepare()
        child = Child(server.spec({}), Path(directory) / "postgres.log", print)
        await child.start()
        try:
            await server.ensure_database()
            await migrate(server.url)
            database = Database(server.url, command_timeout_seconds=600)
            yield database
            await database.close()
        finally:
            await child.stop()


async def fill(database: Database, total: int) -> None:
    """A year's worth, loaded without indexes, which are then made anew."""
    await ensure_account(database, SCOPE.account, "bench", NOW)
    found = text(
        "SELECT indexdef, indexname FROM pg_indexes WHERE tablename = 'payment_intents' AND indexname !~ 'pkey'"
    )
    indexes = await database.execute(found)
    for index in indexes:
        await database.execute(text(f"DROP INDEX {index.indexname}"))
    shared = {"account": SCOPE.account, "template": template(), "now": NOW, "year": YEAR_SECONDS}
    for first in range(1, total + 1, ROWS_PER_STATEMENT):
        last = min(first + ROWS_PER_STATEMENT - 1, total)
        await database.execute(FILL, {**shared, "total": total, "first": first, "last": last})
        print(f"\r  {last:,} of {total:,} intents", end="", flush=True)
    for index in indexes:
        await database.execute(text(index.indexdef))
    await database.execute(text("VACUUM ANALYZE payment_intents"))
    sizes = "pg_table_size('payment_intents') AS table_, pg_indexes_size('payment_intents') AS indexes"
    size = (await database.execute(text(f"SELECT {sizes}")))[0]
    print(f"\r  {total:,} intents: {size.table_ // total} bytes of table and {size.indexes // total} of indexes each")


async def timed(ask: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Median and worst, in milliseconds, once plans have settled (PostgreSQL may change its mind at the sixth)."""
    taken = []
    for repeat in range(REPEATS + 6):
        start = time.perf_counter()
        await ask()
        if repeat >= 6:
            taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken), max(taken)


def questions(database: Database, total: int) -> dict[str, Callable[[], Awaitable[Any]]]:
    """What to ask, by the name it has in the table."""

    def listing(cursor: Cursor, created: Created, customer: str | None = None) -> Callable[[], Awaitable[Any]]:
        return lambda: payment_intents.newest(database, SCOPE, cursor, created, customer)

    def searching(query: str) -> Callable[[], Awaitable[Any]]:
        return lambda: search.find(database, SCOPE, search.INTENTS, parse(query), 10, None)

    middle = Created(gte=NOW - YEAR_SECONDS // 2, lt=NOW - YEAR_SECONDS // 2 + 86_400)
    return {
        "one by id": lambda: payment_intents.load(database, SCOPE, f"pi_{total // 2}"),
        "list, newest 10": listing(Cursor(), Created()),
        "list, newest 100": listing(Cursor(limit=100), Created()),
        "list, after one in the middle": listing(Cursor(starting_after=f"pi_{total // 2}"), Created()),
        "list, before one in the middle": listing(Cursor(ending_before=f"pi_{total // 2}"), Created()),
        "list, one customer": listing(Cursor(), Created(), "cus_776"),
        "list, one day half a year ago": listing(Cursor(), middle),
        **{query: searching(query) for query in SEARCHES},
        'total_count of status:"succeeded"': lambda: search.count(
            database, SCOPE, search.INTENTS, parse('status:"succeeded"')
        ),
    }


class Explained(Executable, ClauseElement):
    """A statement, to be explained instead of answered."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(Explained)
def _explain(element: Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {compiler.process(element.statement, **options)}"


async def show_plans(database: Database) -> None:
    """How PostgreSQL answers each search."""
    for query in SEARCHES:
        rows = await database.execute(Explained(search.statement(SCOPE, search.INTENTS, parse(query), 10, None)))
        print(f"\n{query}")
        print("\n".join(f"    {row[0]}" for row in rows))


async def main(total: int, plans: bool) -> None:
    """Fill, ask, print."""
    async with scratch_database() as database:
        await fill(database, total)
        print(f"\n  {'ms':>8} {'worst':>8}   of {REPEATS} repeats")
        for name, ask in questions(database, total).items():
            median, worst = await timed(ask)
            print(f"  {median:8.2f} {worst:8.2f}   {name}", flush=True)
        if plans:
            await show_plans(database)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--intents", type=int, default=1_000_000, help="how many to store (default: a million)")
    parser.add_argument("--plans", action="store_true", help="show how PostgreSQL answers each search")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.intents, arguments.plans))
