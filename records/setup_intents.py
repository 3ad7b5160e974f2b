"""Reading SetupIntents and their attempts from the records. Writing them is setups.py."""

from domain.model.setup_intent import SetupAttempt, SetupIntent
from records.codec import load_attempt, load_setup
from records.database import Database
from records.glances import Glances
from records.scope import Created, Cursor, Scope, matching, one, page
from records.setup_tables import setup_attempts
from records.setup_tables import setup_intents as table

glance = Glances(table, load_setup).find
"""As little of one SetupIntent as is needed by who will ask its workflow next."""


async def load(database: Database, scope: Scope, id_: str) -> SetupIntent | None:
    """One SetupIntent as it was last recorded, ledger included."""
    row = await one(database, table, scope, id_, "data")
    return load_setup(row.data) if row is not None else None


async def newest(
    database: Database,
    scope: Scope,
    cursor: Cursor,
    created: Created,
    customer: str | None = None,
    customer_account: str | None = None,
    payment_method: str | None = None,
    attach_to_self: bool | None = None,
) -> tuple[list[SetupIntent], bool]:
    """A page of SetupIntents, newest first, and whether there are more."""
    wanted = matching(table, customer=customer, payment_method=payment_method, attach_to_self=attach_to_self)
    conditions = [*created.holds(table), *wanted]
    if customer_account is not None:
        conditions.append(table.c.data["customer_account"].astext == customer_account)
    found = await page(database, table, scope, cursor, *conditions)
    return [load_setup(row.data) for row in found.rows], found.has_more


async def attempt(database: Database, scope: Scope, id_: str) -> SetupAttempt | None:
    """One attempt."""
    row = await one(database, setup_attempts, scope, id_, "data")
    return load_attempt(row.data) if row is not None else None


async def attempts(
    database: Database, scope: Scope, cursor: Cursor, created: Created, setup_intent: str
) -> tuple[list[SetupAttempt], bool]:
    """A page of the attempts of one SetupIntent, newest first, and whether there are more."""
    conditions = [*created.holds(setup_attempts), setup_attempts.c.setup_intent == setup_intent]
    found = await page(database, setup_attempts, scope, cursor, *conditions)
    return [load_attempt(row.data) for row in found.rows], found.has_more
