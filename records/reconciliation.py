"""All charges of all accounts, as reconciliation compares them; and all bank transfers that came in."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select, text

from domain.reconciliation import Ours
from records.codec import load_charge
from records.database import Database
from records.tables import cash_balance_transactions as transactions
from records.tables import charges

PAGE = 1_000

BY_BALANCE = "customer_balance"
"""Charges of this type move money that had come in before; the gateway's book has only the transfer."""

_UNSETTLED = text(
    """
    SELECT data -> 'pending' ->> 'charge' AS charge FROM payment_intents
    WHERE data -> 'pending' ->> 'operation' = 'authorize'
    """
)
_BEING_ASKED = text("SELECT id FROM payment_intents WHERE data -> 'pending' IS NOT NULL")


async def unsettled(database: Database) -> set[str]:
    """Charges that the gateway was asked for, and whose outcome we do not know."""
    return {row.charge for row in await database.execute(_UNSETTLED) if row.charge}


async def all_charges(database: Database) -> AsyncIterator[Ours]:
    """Every charge, by id."""
    asked = {row.id for row in await database.execute(_BEING_ASKED)}
    last = ""
    while True:
        query = select(charges.c.id, charges.c.payment_intent, charges.c.data).where(charges.c.id > last)
        rows = await database.execute(query.order_by(charges.c.id).limit(PAGE))
        for row in rows:
            if (row.data.get("payment_method") or {}).get("type") != BY_BALANCE:
                yield _ours(row.data, under_way=row.payment_intent in asked)
        if len(rows) < PAGE:
            return
        last = rows[-1].id


def _ours(data: dict[str, Any], *, under_way: bool) -> Ours:
    charge = load_charge(data)
    return Ours(
        id=charge.id,
        status=charge.status,
        authorized=charge.amount,
        captured=charge.amount_captured,
        refunded=charge.amount_refunded,
        held=charge.capturable,
        under_way=under_way or charge.status == "pending",
    )


async def transfers(database: Database) -> dict[str, int]:
    """What came in by bank transfer, by the gateway's id."""
    query = select(transactions.c.key, transactions.c.net_amount).where(transactions.c.type == "funded")
    return {row.key: row.net_amount for row in await database.execute(query)}
