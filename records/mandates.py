"""Reading mandates. They are written with the payment that gave rise to them (projection.py)."""

from sqlalchemy import or_, select, update

from domain.model.mandates import Mandate
from records.codec import load_mandate
from records.database import Database, Transaction
from records.scope import Scope, one
from records.setup_tables import setup_intents
from records.tables import charges, payment_intents
from records.tables import mandates as table
from records.takers import TAKERS, all_lapsed, joined, takers_of, without

USED_BY, USED_COMMAND = "used_by", "used_command"
USED = (USED_BY, USED_COMMAND, TAKERS)
"""What the data of one says that was taken."""


async def load(database: Database, scope: Scope, id_: str) -> Mandate | None:
    """One mandate."""
    row = await one(database, table, scope, id_, "data")
    return load_mandate(row.data) if row is not None else None


async def use(database: Database, scope: Scope, id_: str, intent: str, command: str, now: int) -> bool:
    """Take one that is good for a single payment, for this intent, which `command` is about to confirm by it.

    False if another intent has it. That has it no more once its commands have lapsed (takers.py), if nothing has come
    of them.
    """
    mine = scope.owns(table) & (table.c.id == id_)

    async def work(transaction: Transaction) -> bool:
        rows = await transaction.execute(select(table.c.data).where(mine).with_for_update())
        if not rows:
            return False
        data = rows[0].data
        holder = data.get(USED_BY)
        takers = takers_of(data, holder, data.get(USED_COMMAND))
        if holder not in (None, intent):
            if not all_lapsed(takers, now) or await _goes_by_it(transaction, holder, id_):
                return False
            takers = {}
        used = {USED_BY: intent, USED_COMMAND: command, TAKERS: joined(takers, command, now)}
        await transaction.execute(update(table).where(mine).values(data=data | used))
        return True

    return await database.atomically(work)


async def give_back(database: Database, scope: Scope, id_: str, intent: str, command: str) -> None:
    """The command was refused. If no other of its intent has taken it, it is as good as new.

    Unless the intent goes by it, was tried to be paid by it, or has a command under way, which may be about to.
    """
    mine = scope.owns(table) & (table.c.id == id_)

    async def work(transaction: Transaction) -> None:
        rows = await transaction.execute(select(table.c.data).where(mine).with_for_update())
        if not rows or rows[0].data.get(USED_BY) != intent:
            return
        data = {name: value for name, value in rows[0].data.items() if name not in USED}
        takers = takers_of(rows[0].data, intent, rows[0].data.get(USED_COMMAND))
        others = without(takers, command)
        if others == takers:
            return
        if others or await _goes_by_it(transaction, intent, id_):
            last = {USED_COMMAND: [*others][-1]} if others else {}
            data |= {USED_BY: intent, TAKERS: others, **last}
        await transaction.execute(update(table).where(mine).values(data=data))

    await database.atomically(work)


async def _goes_by_it(transaction: Transaction, intent: str, id_: str) -> bool:
    """Whether an intent names the mandate, was tried to be paid by it, or has a command under way."""
    named = payment_intents.c.data["mandate"].astext == id_
    goes = select(payment_intents.c.id).where(
        payment_intents.c.id == intent, or_(named, payment_intents.c.under_way.is_not(None))
    )
    tried = select(charges.c.id).where(charges.c.payment_intent == intent, charges.c.data["mandate"].astext == id_)
    return bool(await transaction.execute(goes) or await transaction.execute(tried.limit(1)))


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
