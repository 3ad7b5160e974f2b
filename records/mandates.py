"""Reading mandates. They are written with the payment that gave rise to them (projection.py)."""

from sqlalchemy import select, update

from domain.model.mandates import Mandate
from records.codec import load_mandate
from records.database import Database
from records.scope import Scope, one
from records.setup_tables import setup_intents
from records.tables import charges, payment_intents
from records.tables import mandates as table

_USED_BY = table.c.data["used_by"].astext


async def load(database: Database, scope: Scope, id_: str) -> Mandate | None:
    """One mandate."""
    row = await one(database, table, scope, id_, "data")
    return load_mandate(row.data) if row is not None else None


async def use(database: Database, scope: Scope, id_: str, intent: str) -> bool:
    """Take one that is good for a single payment, for this intent; false if another intent has it."""
    free = _USED_BY.is_(None) | (intent == _USED_BY)
    taking = update(table).values(data=table.c.data.concat({"used_by": intent}))
    return bool(await database.execute(taking.where(scope.owns(table), table.c.id == id_, free).returning(table.c.id)))


async def give_back(database: Database, scope: Scope, id_: str, intent: str) -> None:
    """Let it be as good as new, unless the intent that took it goes by it, or was tried to be paid by it."""
    named = select(payment_intents.c.id).where(
        payment_intents.c.id == intent, payment_intents.c.data["mandate"].astext == id_
    )
    tried = select(charges.c.id).where(charges.c.payment_intent == intent, charges.c.data["mandate"].astext == id_)
    mine = (scope.owns(table), table.c.id == id_, intent == _USED_BY, ~named.exists(), ~tried.exists())
    await database.execute(update(table).values(data=table.c.data.op("-")("used_by")).where(*mine))


async def standing(database: Database, scope: Scope, method: str, customer: str) -> Mandate | None:
    """The newest mandate by which a customer's method may be charged again; None if there is none, or none any more.

    Found by the customer's charges, or what was set up for them, of which there are indexes. A payment ends a mandate,
    so one that has ended is a charge's; who consents anew afterwards may do so by a setup.
    """
    paid = await _by_payment(database, scope, method, customer)
    if paid is not None and paid.status == "active":
        return paid
    told = await _by_setup(database, scope, method, customer)
    again = told is not None and told.status == "active" and (paid is None or told.created > paid.created)
    return told if again else None


async def _by_payment(database: Database, scope: Scope, method: str, customer: str) -> Mandate | None:
    rows = await database.execute(
        select(table.c.data)
        .join(charges, charges.c.data["mandate"].astext == table.c.id)
        .where(
            scope.owns(charges),
            scope.owns(table),
            charges.c.customer == customer,
            table.c.payment_method == method,
            table.c.data["amount"].astext.is_(None),
        )
        .order_by(charges.c.created.desc(), charges.c.seq.desc())
        .limit(1)
    )
    return load_mandate(rows[0].data) if rows else None


async def _by_setup(database: Database, scope: Scope, method: str, customer: str) -> Mandate | None:
    rows = await database.execute(
        select(table.c.data)
        .join(setup_intents, setup_intents.c.data["mandate"].astext == table.c.id)
        .where(
            scope.owns(setup_intents),
            scope.owns(table),
            setup_intents.c.customer == customer,
            table.c.payment_method == method,
        )
        .order_by(setup_intents.c.created.desc(), setup_intents.c.seq.desc())
        .limit(1)
    )
    return load_mandate(rows[0].data) if rows else None
