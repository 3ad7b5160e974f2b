"""Reading charges: the history of payment attempts. They are written with their PaymentIntent (projection.py)."""

from domain.charges import Charge
from records.codec import load_charge
from records.database import Database
from records.scope import Created, Cursor, Scope, matching, one, page
from records.tables import charges as table


async def load(database: Database, scope: Scope, id_: str) -> Charge | None:
    """One charge."""
    row = await one(database, table, scope, id_, "data")
    return load_charge(row.data) if row is not None else None


async def newest(
    database: Database,
    scope: Scope,
    cursor: Cursor,
    created: Created,
    payment_intent: str | None = None,
    customer: str | None = None,
    transfer_group: str | None = None,
) -> tuple[list[Charge], bool]:
    """A page of charges, newest first, and whether there are more."""
    conditions = [*created.holds(table), *matching(table, payment_intent=payment_intent, customer=customer)]
    if transfer_group is not None:
        conditions.append(table.c.data["transfer_group"].astext == transfer_group)
    found = await page(database, table, scope, cursor, *conditions)
    return [load_charge(row.data) for row in found.rows], found.has_more
