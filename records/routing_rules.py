"""Rules of routing, by account: every version that was set, and which one holds. Read with a key (accounts.py).

A version is never changed: what a payment says it was routed by can be read for as long as the payment.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text, func, null, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from domain.model.hashes import JsonObject
from domain.routing.reading import Mistakes, read
from domain.routing.rules import RuleSet
from observability.logs import logger
from records.database import Database, Transaction
from records.tables import accounts, metadata

table = Table(
    "routing_rules",
    metadata,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("created", BigInteger, nullable=False),
    # As an operator wrote them (domain/routing/reading.py).
    Column("data", JSONB, nullable=False),
)

NEWEST_MAX = 100
"""Versions that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: when it was set (Unix seconds), what it says, and whether it is the one that holds."""

    number: int
    created: int
    data: JsonObject
    holds: bool


async def set_rules(database: Database, account: str, data: JsonObject, now: int) -> int | None:
    """Let these rules hold from now on; the number of the version, or None if there is no such account."""

    async def work(transaction: Transaction) -> int | None:
        if not await transaction.execute(select(accounts.c.id).where(accounts.c.id == account).with_for_update()):
            return None
        newest = select(func.coalesce(func.max(table.c.version), 0) + 1).where(table.c.account == account)
        number = int((await transaction.execute(newest))[0][0])
        row = {"account": account, "version": number, "created": now, "data": data}
        await transaction.execute(insert(table).values(row))
        holds = {"version": number, "rules": data}
        await transaction.execute(update(accounts).where(accounts.c.id == account).values(routing=holds))
        return number

    return await database.atomically(work)


async def end_rules(database: Database, account: str) -> bool:
    """Let none hold; False if there is no such account."""
    statement = update(accounts).where(accounts.c.id == account).values(routing=null()).returning(accounts.c.id)
    return bool(await database.execute(statement))


async def versions(database: Database, account: str) -> list[Version]:
    """The newest versions, newest first."""
    statement = (
        select(table, accounts.c.routing)
        .join(accounts, accounts.c.id == table.c.account)
        .where(table.c.account == account)
        .order_by(table.c.version.desc())
        .limit(NEWEST_MAX)
    )
    return [
        Version(
            number=row.version, created=row.created, data=row.data,
            holds=row.routing is not None and row.routing["version"] == row.version,
        )
        for row in await database.execute(statement)
    ]  # fmt: skip


async def version(database: Database, account: str, number: int) -> JsonObject | None:
    """What a version says; None if there is none of this number."""
    rows = await database.execute(select(table.c.data).where(table.c.account == account, table.c.version == number))
    return dict(rows[0].data) if rows else None


def held(stored: JsonObject | None) -> RuleSet | None:
    """The rules that hold, of the account's column; None if it has none.

    What another release has written and this one cannot read is as if nothing was said: payments go on, and the log
    says so. Gateways are not looked for: one that is not in this process's settings is never a candidate.
    """
    if stored is None:
        return None
    try:
        return read(stored["rules"], None, stored["version"])
    except Mistakes as error:
        logger().warning("routing rules cannot be read", version=stored["version"], why=str(error))
        return None
