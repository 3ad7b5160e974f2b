"""PaymentMethods: made and attached at the API's request; consumed and saved by a payment (projection.py)."""

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from domain.model.hashes import JsonObject
from domain.model.payment_methods import PaymentMethod
from records import customers
from records.changing import Announce, Change, Changing
from records.codec import dump_method, load_method
from records.database import Database, Prepared, Row, Statement, Transaction
from records.scope import Cursor, Scope, one, page
from records.tables import payment_methods as table

REDISPLAYED_MAX = 100
"""Of so many of the newest of a customer, the few that are shown are chosen."""

_COLUMNS = ("id", "account", "livemode", "created", "type", "customer", "consumed", "data", "used_by")
_ADD = Prepared(insert(table).on_conflict_do_nothing(index_elements=["id"]).returning(table.c.id), *_COLUMNS)


async def add(database: Database, method: PaymentMethod, used_by: str | None = None) -> bool:
    """Write a new method; a second write of the same id changes nothing, and answers False.

    `used_by` is the PaymentIntent that it is made for, if any (methods_in_use.py).
    """
    return bool(await database.execute(_ADD, row_of(method, used_by)))


def row_of(method: PaymentMethod, used_by: str | None = None) -> JsonObject:
    """What is written of a new method."""
    return {
        "id": method.id,
        "account": method.account,
        "livemode": method.livemode,
        "created": method.created,
        "type": method.type,
        "customer": method.customer,
        "consumed": method.consumed,
        "data": dump_method(method),
        "used_by": used_by,
    }


async def load(database: Database, scope: Scope, id_: str) -> PaymentMethod | None:
    """One method; the columns, which payments change, win over what was written first."""
    row = await one(database, table, scope, id_)
    return of_row(row) if row is not None else None


async def change(
    database: Database,
    scope: Scope,
    id_: str,
    change: Change[PaymentMethod],
    announce: Announce[PaymentMethod],
) -> PaymentMethod | None:
    """Change details, or whose it is not any more; None if there is no such method."""
    return await _changing.change(database, scope, id_, change, announce)


async def attach(
    database: Database,
    scope: Scope,
    id_: str,
    customer: str,
    change: Change[PaymentMethod],
    announce: Announce[PaymentMethod],
    *first: Statement,
) -> PaymentMethod | None:
    """Make it a customer's. `first` goes into the same transaction: the customer may be a new one.

    Raises:
        CustomerDeleted: there is no such customer any more.
    """

    async def work(transaction: Transaction) -> PaymentMethod | None:
        for statement in first:
            await transaction.execute(statement)
        await customers.keep(transaction, scope, customer)
        return await _changing.change_within(transaction, scope, id_, change, announce)

    return await database.atomically(work)


async def newest(
    database: Database,
    scope: Scope,
    cursor: Cursor,
    customer: str | None,
    type_: str | None = None,
    allow_redisplay: str | None = None,
) -> tuple[list[PaymentMethod], bool]:
    """A page of methods, newest first, and whether there are more."""
    conditions = []
    if customer is not None:
        conditions.append(table.c.customer == customer)
    if type_ is not None:
        conditions.append(table.c.type == type_)
    if allow_redisplay is not None:
        conditions.append(table.c.data["allow_redisplay"].astext == allow_redisplay)
    found = await page(database, table, scope, cursor, *conditions)
    return [of_row(row) for row in found.rows], found.has_more


async def redisplayed(
    database: Database, scope: Scope, customer: str, allowed: tuple[str, ...], types: tuple[str, ...]
) -> list[PaymentMethod]:
    """A customer's methods of these types that they have `allowed` to be shown like that; newest first."""
    shown = table.c.data["allow_redisplay"].astext
    allow = func.coalesce(shown, "unspecified").in_(allowed)
    mine = scope.owns(table) & (table.c.customer == customer) & table.c.type.in_(types) & allow
    newest_first = select(table).where(mine).order_by(table.c.created.desc(), table.c.seq.desc()).limit(REDISPLAYED_MAX)
    return [of_row(row) for row in await database.execute(newest_first)]


def of_row(row: Row) -> PaymentMethod:
    """The method that is in a row."""
    return replace(load_method(row.data), customer=row.customer, consumed=row.consumed)


def _values(method: PaymentMethod) -> JsonObject:
    return {"customer": method.customer, "consumed": method.consumed, "data": dump_method(method)}


_changing = Changing(table, of_row, _values)
