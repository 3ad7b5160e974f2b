"""Disputes: written with their PaymentIntent (projection.py); read here."""

from domain.model.disputes import Dispute
from records.codec import load_dispute
from records.database import Database
from records.scope import Created, Cursor, Scope, matching, named_by, newest_of_each, one, page
from records.tables import disputes as table


async def load(database: Database, scope: Scope, id_: str) -> Dispute | None:
    """One dispute."""
    row = await one(database, table, scope, id_, "data")
    return load_dispute(row.data) if row is not None else None


async def newest(
    database: Database,
    scope: Scope,
    cursor: Cursor,
    created: Created,
    charge: str | None = None,
    payment_intent: str | None = None,
) -> tuple[list[Dispute], bool]:
    """A page of disputes, newest first, and whether there are more."""
    conditions = matching(table, charge=charge, payment_intent=payment_intent)
    found = await page(database, table, scope, cursor, *created.holds(table), *conditions)
    return [load_dispute(row.data) for row in found.rows], found.has_more


async def of_charges(database: Database, scope: Scope, charges: list[str]) -> dict[str, Dispute]:
    """By charge, its newest dispute."""
    found = await newest_of_each(database, table, scope, "charge", charges, 1)
    return {id_: load_dispute(rows[0].data) for id_, (rows, _) in found.items()}


async def charges_of(database: Database, scope: Scope, ids: list[str]) -> dict[str, str]:
    """The charges of disputes, by dispute: ids."""
    return await named_by(database, table, scope, "charge", ids)
