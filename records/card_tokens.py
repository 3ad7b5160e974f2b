"""Tokens: written once, used once."""

from dataclasses import replace

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from domain.model.card_tokens import CardToken
from records.database import Database, Row
from records.scope import Scope, one
from records.tables import payment_methods
from records.token_tables import tokens as table

_TOKEN: TypeAdapter[CardToken] = TypeAdapter(CardToken)


async def add(database: Database, token: CardToken) -> None:
    """Write a new one; a second write of the same id changes nothing."""
    row = {
        "id": token.id,
        "account": token.account,
        "livemode": token.livemode,
        "created": token.created,
        "data": _TOKEN.dump_python(token, mode="json", exclude_defaults=True),
    }
    await database.execute(insert(table).values(row).on_conflict_do_nothing(index_elements=["id"]))


async def load(database: Database, scope: Scope, id_: str) -> CardToken | None:
    """One of them, used or not."""
    row = await one(database, table, scope, id_)
    return _token(row) if row is not None else None


async def use(database: Database, scope: Scope, id_: str, command: str) -> bool:
    """Take it for one command; false if another one has it."""
    free = table.c.used_by.is_(None) | (table.c.used_by == command)
    taking = update(table).values(used_by=command).where(scope.owns(table), table.c.id == id_, free)
    return bool(await database.execute(taking.returning(table.c.id)))


async def give_back(database: Database, scope: Scope, id_: str, command: str, method: str) -> None:
    """Let it be as good as new if the command that took it has made nothing of it: there is no such `method`."""
    made = select(payment_methods.c.id).where(payment_methods.c.id == method).exists()
    mine = (scope.owns(table), table.c.id == id_, table.c.used_by == command, ~made)
    await database.execute(update(table).values(used_by=None).where(*mine))


def _token(row: Row) -> CardToken:
    return replace(_TOKEN.validate_python(row.data), used=row.used_by is not None)
