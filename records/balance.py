"""The balance: its transactions and the ledger underneath, written with their PaymentIntent (projection.py); read here.

What it comes to is added up when somebody asks, from an index that holds all that is needed: a row that every payment
of an account had to change would have them wait for each other.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, cast, func, select

from domain.model.balance import BalanceTransaction
from domain.model.hashes import JsonObject
from records.balance_tables import balance_transactions as table
from records.balance_tables import ledger_entries as entries
from records.database import Database, Row
from records.scope import Created, Cursor, Scope, matching, one, page

_COLUMNS = (
    "id", "account", "livemode", "created", "type", "category", "source", "amount", "fee", "net", "currency",
    "available_on", "fee_for", "description", "application_fee", "application", "internal",
)  # fmt: skip
_NAMES = ", ".join(_COLUMNS)

BOOK = f"""
    balance AS (
        INSERT INTO balance_transactions ({_NAMES})
        SELECT {", ".join(f"b.{name}" for name in _COLUMNS)}
        FROM {{guard}} jsonb_to_recordset(:balance) AS b (id text, account text, livemode boolean, created bigint,
            type text, category text, source text, amount bigint, fee bigint, net bigint, currency text,
            available_on bigint, fee_for text, description text, application_fee bigint, application text,
            internal boolean, reverses text, payment_intent text)
        WHERE (b.reverses IS NULL
            OR (SELECT o.id FROM balance_transactions AS o WHERE o.id = b.reverses) IS NOT NULL
            OR b.reverses IN (SELECT r.id FROM jsonb_to_recordset(:balance) AS r (id text))) {{only}}
        ON CONFLICT (id) DO NOTHING
        RETURNING id, account, livemode, currency, amount, fee, net, application_fee, internal
    ), entry AS (
        INSERT INTO ledger_entries (transaction, book, account, livemode, currency, amount)
        SELECT b.id, e.book, b.account, b.livemode, b.currency, e.amount FROM balance AS b
        CROSS JOIN LATERAL (VALUES ('balance', b.net), ('fees', b.fee - b.application_fee),
            ('gateway', CASE WHEN b.internal THEN 0 ELSE -b.amount END),
            ('accounts', b.application_fee - CASE WHEN b.internal THEN b.amount ELSE 0 END)) AS e (book, amount)
        WHERE e.amount <> 0
    )
"""  # noqa: S608
"""Part of a statement: write balance transactions with their entries (`books`, in domain/model/balance.py). `guard` is
what has to have been written for them to be true, as `name,`, and `only` a further condition.
What undoes another is only written if that one is there, or is written with it; it is asked for by its id, as EXISTS
reads a table that was small then from end to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What an account has in one currency, in minor units: to have now, and later."""

    currency: str
    available: int
    pending: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What is in one book of an account, in minor units."""

    account: str
    livemode: bool
    currency: str
    book: str
    amount: int


async def load(database: Database, scope: Scope, id_: str) -> BalanceTransaction | None:
    """One balance transaction."""
    row = await one(database, table, scope, id_)
    return of_row(row) if row is not None else None


async def newest(
    database: Database, scope: Scope, cursor: Cursor, created: Created, **wanted: str | None
) -> tuple[list[BalanceTransaction], bool]:
    """A page of them, newest first, and whether there are more; `wanted` are columns that have to have a value."""
    conditions = [*created.holds(table), *matching(table, **wanted)]
    found = await page(database, table, scope, cursor, *conditions)
    return [of_row(row) for row in found.rows], found.has_more


async def of_sources(database: Database, scope: Scope, ids: list[str]) -> dict[str, list[BalanceTransaction]]:
    """What charges, refunds or disputes have moved, by their ids; oldest first."""
    query = select(table).where(scope.owns(table), table.c.source.in_(ids)).order_by(table.c.created, table.c.seq)
    found: defaultdict[str, list[BalanceTransaction]] = defaultdict(list)
    for row in await database.execute(query):
        found[row.source].append(of_row(row))
    return found


async def sums(database: Database, scope: Scope, now: int) -> list[Sum]:
    """What there is in each currency, in the order of their names."""
    later = func.coalesce(func.sum(table.c.net).filter(table.c.available_on > bindparam("now")), 0)
    query = select(
        table.c.currency,
        cast(func.sum(table.c.net), BigInteger).label("total"),
        cast(later, BigInteger).label("pending"),
    )
    query = query.where(scope.owns(table)).group_by(table.c.currency).order_by(table.c.currency)
    rows = await database.execute(query, {"now": now})
    return [Sum(currency=row.currency, available=row.total - row.pending, pending=row.pending) for row in rows]


async def books(database: Database) -> list[Booked]:
    """What is in every book of every account. For operators, who see all of them."""
    return [Booked(**row) for row in await database.execute(added_up())]


def added_up(scope: Scope | None = None) -> Select[Any, Any, Any, Any, int]:
    """What is in every book, by currency: of one account in one mode, or of all. It reads the whole ledger."""
    of = (entries.c.account, entries.c.livemode, entries.c.currency, entries.c.book)
    amount = cast(func.sum(entries.c.amount), BigInteger).label("amount")
    query = select(*of, amount).group_by(*of).order_by(*of)
    return query if scope is None else query.where(scope.owns(entries))


def of_row(row: Row) -> BalanceTransaction:
    """The balance transaction of a row of the table."""
    values: JsonObject = {name: row[name] for name in _COLUMNS if name != "net"}
    return BalanceTransaction(**values)
