"""Payment method domains: each name once."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.model.hashes import JsonObject
from domain.model.method_domains import MethodDomain
from records.changing import Change, Changing
from records.database import Database, Row
from records.scope import Cursor, Scope, matching, one, page
from records.token_tables import payment_method_domains as table


async def add(database: Database, domain: MethodDomain) -> MethodDomain:
    """Write it, unless there is one of this name; the one that there is then."""
    values = {name: getattr(domain, name) for name in _COLUMNS}
    await database.execute(insert(table).values(values).on_conflict_do_nothing())
    mine = Scope(domain.account, domain.livemode).owns(table) & (table.c.domain_name == domain.domain_name)
    return _domain((await database.execute(select(table).where(mine)))[0])


async def load(database: Database, scope: Scope, id_: str) -> MethodDomain | None:
    """One of them."""
    row = await one(database, table, scope, id_)
    return _domain(row) if row is not None else None


async def change(database: Database, scope: Scope, id_: str, change: Change[MethodDomain]) -> MethodDomain | None:
    """Change one; None if there is none."""
    return await _changing.change(database, scope, id_, change)


async def newest(
    database: Database, scope: Scope, cursor: Cursor, domain_name: str | None, enabled: bool | None
) -> tuple[list[MethodDomain], bool]:
    """A page of them, newest first, and whether there are more."""
    conditions = matching(table, domain_name=domain_name, enabled=enabled)
    found = await page(database, table, scope, cursor, *conditions)
    return [_domain(row) for row in found.rows], found.has_more


_COLUMNS = ("id", "account", "livemode", "created", "domain_name", "enabled")


def _domain(row: Row) -> MethodDomain:
    return MethodDomain(**{name: getattr(row, name) for name in _COLUMNS})


def _values(domain: MethodDomain) -> JsonObject:
    return {"enabled": domain.enabled}


_changing = Changing(table, _domain, _values)
