"""Customers: whose payment methods these are. `data` holds the attributes as Stripe names them."""

from sqlalchemy import Executable, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from domain.machine import balance_refunds
from domain.model.hashes import JsonObject
from records.cash_balance_tables import cash_balance_transactions as movements
from records.cash_balance_tables import cash_balances as balances
from records.cash_balance_tables import funding_requests as requests
from records.changing import Announce, Change, Changing, nothing
from records.database import Database, Row, Statement, Transaction
from records.scope import Created, Cursor, Scope, one, page
from records.tables import customers as table
from records.tables import payment_methods, refunds

Customer = JsonObject
"""`id`, `created`, `livemode`, `deleted`, and every attribute that was set."""


IDENTITY = ("id", "created", "livemode", "deleted")
"""What a customer has besides its attributes."""


class CustomerDeleted(LookupError):
    """There is no such customer any more."""


class CustomerHasMoney(LookupError):
    """The customer's cash balance is positive, or will be: money is set aside in it, or on its way out of it."""


def insertion(scope: Scope, id_: str, created: int, data: JsonObject) -> Statement:
    """What writes a new customer; a second write of the same id changes nothing."""
    row = {
        "id": id_,
        "account": scope.account,
        "livemode": scope.livemode,
        "created": created,
        "email": data.get("email"),
        "data": data,
    }
    return insert(table).values(row).on_conflict_do_nothing(index_elements=["id"])


async def add(database: Database, scope: Scope, id_: str, created: int, data: JsonObject, *also: Statement) -> None:
    """Write a new customer. `also` goes into the same transaction."""
    await database.execute_together(insertion(scope, id_, created, data), *also)


async def load(database: Database, scope: Scope, id_: str) -> Customer | None:
    """One customer, deleted or not."""
    row = await one(database, table, scope, id_)
    return of_row(row) if row is not None else None


async def known(database: Database, id_: str) -> bool:
    """Whether anybody has this customer: for the gateway, which knows customers and not whose they are."""
    return bool(await database.execute(select(table.c.id).where(table.c.id == id_)))


async def change(
    database: Database, scope: Scope, id_: str, change: Change[Customer], announce: Announce[Customer] = nothing
) -> Customer | None:
    """Change the attributes; None if there is no such customer any more."""
    return await _changing.change(database, scope, id_, change, announce, ~table.c.deleted)


async def delete(database: Database, scope: Scope, id_: str, announce: Announce[Customer]) -> None:
    """Mark as deleted; the row stays, so that it can still be retrieved as deleted. Its attributes are forgotten.

    Its methods belong to nobody, and are of no use to anybody else.

    Raises:
        CustomerHasMoney: they have some, and stay. What comes in meanwhile waits for this (cash_balances.py).
    """

    def forget(before: Customer) -> Customer:
        return {name: before[name] for name in IDENTITY} | {"deleted": True}

    async def work(transaction: Transaction) -> None:
        await _changing.change_within(transaction, scope, id_, forget, announce)
        if await transaction.execute(_money_of(id_)):
            raise CustomerHasMoney(id_)
        loose = scope.owns(payment_methods) & (payment_methods.c.customer == id_)
        await transaction.execute(update(payment_methods).where(loose).values(customer=None, consumed=True))

    await database.atomically(work)


def _money_of(id_: str) -> Executable:
    """Whether there is any: to spend, set aside for a payment that may give it back, or sent where it may not arrive.

    Nobody moves it meanwhile: who does, locks the customer first (cash_balances.py).
    """
    has = select(literal(1)).where(balances.c.customer == id_, balances.c.available > 0)
    lent = select(literal(1)).where(requests.c.customer == id_, requests.c.open, requests.c.applied > 0)
    sent = select(literal(1)).select_from(refunds.join(movements, movements.c.data["refund"].astext == refunds.c.id))
    ways = refunds.c.status.in_(balance_refunds.UNDER_WAY)
    return union_all(has, lent, sent.where(movements.c.customer == id_, movements.c.type == "return_initiated", ways))


async def keep(transaction: Transaction, scope: Scope, id_: str) -> None:
    """Nobody deletes the customer until the transaction has ended.

    Raises:
        CustomerDeleted: somebody has.
    """
    mine = select(table.c.id).where(scope.owns(table), table.c.id == id_, ~table.c.deleted)
    if not await transaction.execute(mine.with_for_update(read=True)):
        raise CustomerDeleted(id_)


async def newest(
    database: Database, scope: Scope, cursor: Cursor, created: Created, email: str | None
) -> tuple[list[Customer], bool]:
    """A page of customers that are not deleted, newest first, and whether there are more."""
    conditions = [~table.c.deleted, *created.holds(table)]
    if email is not None:
        conditions.append(table.c.email == email)
    found = await page(database, table, scope, cursor, *conditions)
    return [of_row(row) for row in found.rows], found.has_more


def of_row(row: Row) -> Customer:
    """The customer that is in a row."""
    return {**row.data, "id": row.id, "created": row.created, "livemode": row.livemode, "deleted": row.deleted}


def _values(customer: Customer) -> JsonObject:
    data = {name: value for name, value in customer.items() if name not in IDENTITY}
    return {"email": data.get("email"), "deleted": customer["deleted"], "data": data}


_changing = Changing(table, of_row, _values)
