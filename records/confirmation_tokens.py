"""Confirmation tokens: all that a buyer's page collected, to confirm one intent with, once."""

from enum import Enum

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.dialects.postgresql import insert

from domain.model.hashes import JsonObject
from records.database import Database, Row
from records.scope import Scope, one
from records.tables import confirmation_tokens as table

Token = JsonObject
"""`id`, `created`, `livemode`, `expires_at`, `payment_intent` (who used it, or None), and what was collected."""

USED_BY = "used_by"
"""Where `data` says which command was the last to use the token. Tokens that an older release used do not say it."""


class Use(Enum):
    """What became of the attempt to use a token."""

    TAKEN = "by this command, before any other"
    AGAIN = "by the same intent, which another command has used it for before"
    ELSEWHERE = "another intent has it"


async def add(database: Database, scope: Scope, id_: str, created: int, expires_at: int, data: JsonObject) -> None:
    """Write a new token; a second write of the same id changes nothing."""
    row = {"id": id_, "account": scope.account, "livemode": scope.livemode, "created": created,
           "expires_at": expires_at, "data": data}  # fmt: skip
    await database.execute(insert(table).values(row).on_conflict_do_nothing(index_elements=["id"]))


async def load(database: Database, scope: Scope, id_: str) -> Token | None:
    """One token, used or not."""
    row = await one(database, table, scope, id_)
    return _token(row) if row is not None else None


async def use(database: Database, scope: Scope, id_: str, payment_intent: str, command: str) -> Use:
    """Take the token for one intent, which `command` is about to confirm with it."""
    mine = scope.owns(table) & (table.c.id == id_)
    used = update(table).values(
        payment_intent=payment_intent, data=table.c.data.concat(func.jsonb_build_object(USED_BY, command))
    )
    free = table.c.payment_intent.is_(None) | (_same(payment_intent) & (table.c.data[USED_BY].astext == command))
    if await database.execute(used.where(mine, free).returning(table.c.id)):
        return Use.TAKEN
    again = await database.execute(used.where(mine, _same(payment_intent)).returning(table.c.id))
    return Use.AGAIN if again else Use.ELSEWHERE


async def give_back(database: Database, scope: Scope, id_: str, payment_intent: str, command: str) -> None:
    """The confirmation was refused before anything was done with it. Nothing, if another command uses it by now."""
    mine = scope.owns(table) & (table.c.id == id_) & _same(payment_intent) & (table.c.data[USED_BY].astext == command)
    await database.execute(update(table).where(mine).values(payment_intent=None))


def _same(payment_intent: str) -> ColumnElement[bool]:
    return table.c.payment_intent == payment_intent


def _token(row: Row) -> Token:
    columns = ("id", "created", "livemode", "expires_at", "payment_intent")
    return {**row.data, **{name: getattr(row, name) for name in columns}}
