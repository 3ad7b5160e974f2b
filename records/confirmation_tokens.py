"""Confirmation tokens: all that a buyer's page collected, to confirm one intent with, once."""

from sqlalchemy import select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from domain.model.hashes import JsonObject
from records.database import Database, Row, Transaction
from records.scope import Scope, one
from records.setup_tables import setup_intents
from records.tables import confirmation_tokens as table
from records.tables import payment_intents
from records.takers import TAKERS, all_lapsed, joined, takers_of, without

Token = JsonObject
"""`id`, `created`, `livemode`, `expires_at`, `payment_intent` (who used it, or None), and what was collected."""

USED_BY = "used_by"
"""Where `data` says which command was the last to use the token. Tokens that an older release used do not say it."""


async def add(database: Database, scope: Scope, id_: str, created: int, expires_at: int, data: JsonObject) -> None:
    """Write a new token; a second write of the same id changes nothing."""
    row = {"id": id_, "account": scope.account, "livemode": scope.livemode, "created": created,
           "expires_at": expires_at, "data": data}  # fmt: skip
    await database.execute(insert(table).values(row).on_conflict_do_nothing(index_elements=["id"]))


async def load(database: Database, scope: Scope, id_: str) -> Token | None:
    """One token, used or not."""
    row = await one(database, table, scope, id_)
    return _token(row) if row is not None else None


async def use(database: Database, scope: Scope, id_: str, intent: str, command: str, now: int) -> bool:
    """Take the token for one intent, which `command` is about to confirm with it. False if another intent has it.

    An intent that was never made has it no more once its commands have lapsed (takers.py).
    """
    mine = scope.owns(table) & (table.c.id == id_)

    async def work(transaction: Transaction) -> bool:
        rows = await transaction.execute(select(table.c.payment_intent, table.c.data).where(mine).with_for_update())
        if not rows:
            return False
        holder, data = rows[0].payment_intent, rows[0].data
        takers = takers_of(data, holder, data.get(USED_BY))
        if holder not in (None, intent):
            if not all_lapsed(takers, now) or await _is_made(transaction, holder):
                return False
            takers = {}
        used = {USED_BY: command, TAKERS: joined(takers, command, now)}
        await transaction.execute(update(table).where(mine).values(payment_intent=intent, data=data | used))
        return True

    return await database.atomically(work)


async def give_back(database: Database, scope: Scope, id_: str, intent: str, command: str) -> None:
    """The confirmation was refused before anything was done with it. It stays used if another command has used it."""
    mine = scope.owns(table) & (table.c.id == id_)

    async def work(transaction: Transaction) -> None:
        rows = await transaction.execute(select(table.c.payment_intent, table.c.data).where(mine).with_for_update())
        if not rows or rows[0].payment_intent != intent:
            return
        data = rows[0].data
        takers = takers_of(data, intent, data.get(USED_BY))
        others = without(takers, command)
        if others == takers:
            return
        left: JsonObject = {USED_BY: [*others][-1] if others else None, TAKERS: others}
        values = {"payment_intent": intent if others else None, "data": data | left}
        await transaction.execute(update(table).where(mine).values(values))

    await database.atomically(work)


async def _is_made(transaction: Transaction, intent: str) -> bool:
    """Whether there is such an intent, of either kind."""
    kinds = (select(kind.c.id).where(kind.c.id == intent) for kind in (payment_intents, setup_intents))
    return bool(await transaction.execute(union_all(*kinds)))


def _token(row: Row) -> Token:
    columns = ("id", "created", "livemode", "expires_at", "payment_intent")
    return {**row.data, **{name: getattr(row, name) for name in columns}}
