"""Charges: the history of payment attempts. They are written with their PaymentIntent (projection.py), and read here.

What a merchant says of a charge once it is made (a note, whom to send the receipt, that it is fraud) moves no money and
is no business of the payment's. It is kept beside the charge, in `changes`, and laid over it when it is read: so
neither of the two writers undoes what the other has written.
"""

from dataclasses import replace

from sqlalchemy import select

from domain.model.charges import Charge
from domain.model.hashes import JsonObject
from records.changing import Announce, Change, Changing
from records.codec import load_charge
from records.database import Database, Row
from records.merging import Source
from records.scope import Created, Cursor, Scope, matching, newest_of_each, one, page
from records.tables import charges as table

OF_CARDS = "ch_"
"""How the ids of charges begin that a card has paid; those of others are `py_…`, as at Stripe."""

CHANGEABLE = ("customer", "description", "metadata", "receipt_email", "shipping", "user_report")
"""Fields of a charge that its merchant may change."""


async def load(database: Database, scope: Scope, id_: str) -> Charge | None:
    """One charge."""
    row = await one(database, table, scope, id_, "data", "changes")
    return of_row(row) if row is not None else None


async def anybodys(database: Database, id_: str) -> Charge | None:
    """One charge, whosever it is: for who knows its receipt's address, and shows nothing without."""
    rows = await database.execute(select(table.c.data, table.c.changes).where(table.c.id == id_))
    return of_row(rows[0]) if rows else None


async def newest(
    database: Database,
    scope: Scope,
    cursor: Cursor,
    created: Created,
    payment_intent: str | None = None,
    customer: str | None = None,
    transfer_group: str | None = None,
    *,
    by_card: bool = False,
) -> tuple[list[Charge], bool]:
    """A page of charges, newest first, and whether there are more; `by_card`, of those that a card has paid."""
    conditions = matching(table, payment_intent=payment_intent, customer=customer)
    conditions += [table.c.id.startswith(OF_CARDS, autoescape=True)] if by_card else []
    conditions += source(created, transfer_group).conditions
    found = await page(database, table, scope, cursor, *conditions, columns=("data", "changes"))
    return [of_row(row) for row in found.rows], found.has_more


def source(created: Created, transfer_group: str | None = None) -> Source:
    """Charges, to be listed with others."""
    of_group = table.c.data["transfer_group"].astext == transfer_group
    return Source(table, (*created.holds(table), *([of_group] if transfer_group is not None else [])))


async def of_intents(
    database: Database, scope: Scope, intents: list[str], most: int
) -> dict[str, tuple[list[Charge], int]]:
    """By PaymentIntent, its newest charges and how many it has."""
    found = await newest_of_each(database, table, scope, "payment_intent", intents, most)
    return {id_: ([of_row(row) for row in rows], total) for id_, (rows, total) in found.items()}


async def change(
    database: Database, scope: Scope, id_: str, change: Change[Charge], announce: Announce[Charge]
) -> Charge | None:
    """Change what is CHANGEABLE; None if there is no such charge."""
    return await _changing.change(database, scope, id_, change, announce)


def of_row(row: Row) -> Charge:
    """The charge of a row of the table, with what its merchant has said of it."""
    charge = load_charge(row.data)
    return replace(charge, **row.changes) if row.changes else charge


def _values(charge: Charge) -> JsonObject:
    return {"customer": charge.customer, "changes": {name: getattr(charge, name) for name in CHANGEABLE}}


_changing = Changing(table, of_row, _values)
