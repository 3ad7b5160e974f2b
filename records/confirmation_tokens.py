"""Confirmation tokens: all that a buyer's page collected, to confirm one intent with, once."""

from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.dialects.postgresql import insert

from records.database import Database, Row
from records.scope import Scope, one
from records.tables import confirmation_tokens as table

Token = dict[str, Any]
"""`id`, `created`, `livemode`, `expires_at`, `payment_intent` (who used it, or None), and what was collected."""


async def add(database: Database, scope: Scope, id_: str, created: int, expires_at: int, data: dict[str, Any]) -> None:
    """Write a new token; a second write of the same id changes nothing."""
    row = {"id": id_, "account": scope.account, "livemode": scope.livemode, "created": created,
           "expires_at": expires_at, "data": data}  # fmt: skip
    await database.execute(insert(table).values(row).on_conflict_do_nothing(index_elements=["id"]))


async def load(database: Database, scope: Scope, id_: str) -> Token | None:
    """One token, used or not."""
    row = await one(database, table, scope, id_)
    return _token(row) if row is not None else None


async def use(database: Database, scope: Scope, id_: str, payment_intent: str) -> bool:
    """Take the token for one intent; False if another has taken it. Twice by the same intent is once."""
    free = or_(table.c.payment_intent.is_(None), table.c.payment_intent == payment_intent)
    taken = update(table).where(scope.owns(table), table.c.id == id_, free).values(payment_intent=payment_intent)
    return bool(await database.execute(taken.returning(table.c.id)))


async def give_back(database: Database, scope: Scope, id_: str, payment_intent: str) -> None:
    """The confirmation was refused before anything was done with it."""
    mine = scope.owns(table) & (table.c.id == id_) & (table.c.payment_intent == payment_intent)
    await database.execute(update(table).where(mine).values(payment_intent=None))


def _token(row: Row) -> Token:
    columns = ("id", "created", "livemode", "expires_at", "payment_intent")
    return {**row.data, **{name: getattr(row, name) for name in columns}}
