"""Refunds: written with their PaymentIntent (projection.py); read here. Metadata and reference are the API's."""

from dataclasses import replace

from sqlalchemy import func, select

from domain.model.hashes import JsonObject
from domain.model.refunds import ChargeRefund
from records.changing import Announce, Change, Changing
from records.codec import load_refund
from records.database import Database, Row
from records.merging import Source
from records.scope import Created, Cursor, Scope, matching, named_by, newest_of_each, one, page
from records.tables import refunds as table


async def load(database: Database, scope: Scope, id_: str) -> ChargeRefund | None:
    """One refund."""
    row = await one(database, table, scope, id_)
    return of_row(row) if row is not None else None


async def whosever(database: Database, id_: str) -> ChargeRefund | None:
    """One refund, of any account: as the gateway names it."""
    rows = await database.execute(select(table).where(table.c.id == id_))
    return of_row(rows[0]) if rows else None


async def newest(
    database: Database,
    scope: Scope,
    cursor: Cursor,
    created: Created,
    charge: str | None = None,
    payment_intent: str | None = None,
) -> tuple[list[ChargeRefund], bool]:
    """A page of refunds, newest first, and whether there are more."""
    conditions = (*source(created, charge).conditions, *matching(table, payment_intent=payment_intent))
    found = await page(database, table, scope, cursor, *conditions)
    return [of_row(row) for row in found.rows], found.has_more


def source(created: Created, charge: str | None = None) -> Source:
    """Refunds, to be listed with others."""
    return Source(table, (*created.holds(table), *matching(table, charge=charge)))


async def count(database: Database, scope: Scope, charge: str) -> int:
    """How many refunds of a charge there are, whatever became of them."""
    query = select(func.count()).select_from(table).where(scope.owns(table), table.c.charge == charge)
    return int((await database.execute(query))[0][0])


async def waiting(database: Database, scope: Scope, charge: str) -> dict[str, int]:
    """What no gateway has said yet to have ended, in minor units by id."""
    query = select(table.c.id, table.c.amount).where(
        scope.owns(table), table.c.charge == charge, table.c.status.in_(("pending", "requires_action"))
    )
    return {row.id: row.amount for row in await database.execute(query)}


async def of_charges(
    database: Database, scope: Scope, charges: list[str], most: int
) -> dict[str, tuple[list[ChargeRefund], int]]:
    """By charge, its newest refunds and how many it has."""
    found = await newest_of_each(database, table, scope, "charge", charges, most)
    return {id_: ([of_row(row) for row in rows], total) for id_, (rows, total) in found.items()}


async def charges_of(database: Database, scope: Scope, ids: list[str]) -> dict[str, str]:
    """The charges of refunds, by refund: ids."""
    return await named_by(database, table, scope, "charge", ids)


async def change_notes(
    database: Database, scope: Scope, id_: str, change: Change[ChargeRefund], announce: Announce[ChargeRefund]
) -> ChargeRefund | None:
    """Change metadata or reference; None if there is no such refund. That moves no money: no workflow needs to know."""
    return await _changing.change(database, scope, id_, change, announce)


def of_row(row: Row) -> ChargeRefund:
    """The refund of a row of the table."""
    return replace(load_refund(row.data), metadata=row.metadata, reference=row.reference)


def _notes(refund: ChargeRefund) -> JsonObject:
    return {"metadata": refund.metadata, "reference": refund.reference}


_changing = Changing(table, of_row, _notes)
