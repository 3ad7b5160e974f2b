"""Customers: whose payment methods these are. `data` holds the attributes as Stripe names them."""

from typing import Any

from sqlalchemy import Executable, select, update
from sqlalchemy.dialects.postgresql import insert

from records.database import Database, Row
from records.scope import Created, Cursor, Scope, one, page
from records.tables import customers as table

Customer = dict[str, Any]
"""`id`, `created`, `livemode`, `deleted`, and every attribute that was set."""


async def add(
    database: Database, scope: Scope, id_: str, created: int, data: dict[str, Any], *also: Executable
) -> None:
    """Write a new customer; a second write of the same id changes nothing. `also` goes into the same transaction."""
    row = {
        "id": id_,
        "account": scope.account,
        "livemode": scope.livemode,
        "created": created,
        "email": data.get("email"),
        "data": data,
    }
    written = insert(table).values(row).on_conflict_do_nothing(index_elements=["id"])
    await database.execute_together(written, *also)


async def load(database: Database, scope: Scope, id_: str) -> Customer | None:
    """One customer, deleted or not."""
    row = await one(database, table, scope, id_)
    return _customer(row) if row is not None else None


async def known(database: Database, id_: str) -> bool:
    """Whether anybody has this customer: for the gateway, which knows customers and not whose they are."""
    return bool(await database.execute(select(table.c.id).where(table.c.id == id_)))


async def save(database: Database, scope: Scope, id_: str, data: dict[str, Any], *also: Executable) -> None:
    """Replace the attributes. `also` goes into the same transaction."""
    mine = scope.owns(table) & (table.c.id == id_)
    await database.execute_together(update(table).where(mine).values(email=data.get("email"), data=data), *also)


async def delete(database: Database, scope: Scope, id_: str, *also: Executable) -> None:
    """Mark as deleted; the row stays, so that it can still be retrieved as deleted. Its attributes are forgotten."""
    mine = scope.owns(table) & (table.c.id == id_)
    await database.execute_together(update(table).where(mine).values(deleted=True, email=None, data={}), *also)


async def newest(
    database: Database, scope: Scope, cursor: Cursor, created: Created, email: str | None
) -> tuple[list[Customer], bool]:
    """A page of customers that are not deleted, newest first, and whether there are more."""
    conditions = [~table.c.deleted, *created.holds(table)]
    if email is not None:
        conditions.append(table.c.email == email)
    found = await page(database, table, scope, cursor, *conditions)
    return [_customer(row) for row in found.rows], found.has_more


def _customer(row: Row) -> Customer:
    return {**row.data, "id": row.id, "created": row.created, "livemode": row.livemode, "deleted": row.deleted}
