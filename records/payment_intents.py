"""Reading PaymentIntents from the records. Writing them is projection.py."""

from domain.model.payment_intent import PaymentIntent
from records.codec import load_intent
from records.database import Database
from records.glances import Glances
from records.scope import Created, Cursor, Scope, one, page
from records.tables import payment_intents as table

glance = Glances(table, load_intent).find
"""As little of one PaymentIntent as is needed by who will ask its workflow next."""


async def load(database: Database, scope: Scope, id_: str) -> PaymentIntent | None:
    """One PaymentIntent as it was last recorded, ledger included."""
    row = await one(database, table, scope, id_, "data")
    return load_intent(row.data) if row is not None else None


async def newest(
    database: Database,
    scope: Scope,
    cursor: Cursor,
    created: Created,
    customer: str | None = None,
    customer_account: str | None = None,
) -> tuple[list[PaymentIntent], bool]:
    """A page of PaymentIntents, newest first, and whether there are more."""
    conditions = created.holds(table)
    if customer is not None:
        conditions.append(table.c.customer == customer)
    if customer_account is not None:
        conditions.append(table.c.data["customer_account"].astext == customer_account)
    # The others are for queries; reading them costs an eighth of the rows' time.
    found = await page(database, table, scope, cursor, *conditions, columns=("data",))
    return [load_intent(row.data) for row in found.rows], found.has_more
