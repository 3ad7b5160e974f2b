"""Reading mandates. They are written with the payment that gave rise to them (projection.py)."""

from sqlalchemy import select, update

from domain.model.mandates import Mandate
from records.codec import load_mandate
from records.confirmation_tokens import Use
from records.database import Database
from records.scope import Scope, one
from records.setup_tables import setup_intents
from records.tables import charges, payment_intents
from records.tables import mandates as table

_USED_BY, _USED_COMMAND = table.c.data["used_by"].astext, table.c.data["used_command"].astext


async def load(database: Database, scope: Scope, id_: str) -> Mandate | None:
    """One mandate."""
    row = await one(database, table, scope, id_, "data")
    return load_mandate(row.data) if row is not None else None


async def use(database: Database, scope: Scope, id_: str, intent: str, command: str) -> Use:
    """Take one that is good for a single payment, for this intent, which `command` is about to confirm by it."""
    mine, same = scope.owns(table) & (table.c.id == id_), intent == _USED_BY
    taking = update(table).values(data=table.c.data.concat({"used_by": intent, "used_command": command}))
    free = _USED_BY.is_(None) | (same & (command == _USED_COMMAND))
    if await database.execute(taking.where(mine, free).returning(table.c.id)):
        return Use.TAKEN
    again = await database.execute(taking.where(mine, same).returning(table.c.id))
    return Use.AGAIN if again else Use.ELSEWHERE


async def give_back(database: Database, scope: Scope, id_: str, intent: str, command: str) -> None:
    """Let it be as good as new: the command that took it was refused, and none has come for it since.

    Unless its intent goes by it, was tried to be paid by it, or has a command under way, which may be about to.
    """
    busy = select(payment_intents.c.id).where(payment_intents.c.id == intent, payment_intents.c.under_way.is_not(None))
    named = select(payment_intents.c.id).where(
        payment_intents.c.id == intent, payment_intents.c.data["mandate"].astext == id_
    )
    tried = select(charges.c.id).where(charges.c.payment_intent == intent, charges.c.data["mandate"].astext == id_)
    mine = (scope.owns(table), table.c.id == id_, intent == _USED_BY, command == _USED_COMMAND)
    free = (~named.exists(), ~tried.exists(), ~busy.exists())
    as_new = table.c.data.op("-")("used_by").op("-")("used_command")
    await database.execute(update(table).values(data=as_new).where(*mine, *free))


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
