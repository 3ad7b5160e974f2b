"""Payment method configurations. What an account has to begin with is written down when somebody first looks at it."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.methods.offered import Configuration, default_id, default_of
from domain.model.hashes import JsonObject
from records.changing import Change, Changing
from records.database import Database, Row
from records.scope import Cursor, Lookup, Scope, page
from records.tables import accounts
from records.tables import payment_method_configurations as table


async def add(database: Database, configuration: Configuration) -> None:
    """Write a new one; a second write of the same id changes nothing."""
    values = {
        "id": configuration.id,
        "account": configuration.account,
        "livemode": configuration.livemode,
        "created": configuration.created,
        "parent": configuration.parent,
        "is_default": configuration.is_default,
        **_values(configuration),
    }
    await database.execute(insert(table).values(values).on_conflict_do_nothing())


async def load(database: Database, scope: Scope, id_: str) -> Configuration | None:
    """One of them; that which the account has to begin with, whether it was written down or not."""
    row = await _lookup.find(database, scope, id_)
    if row is None:
        return await written_default(database, scope) if id_ == default_id(scope.account, scope.livemode) else None
    loaded = _load(row)
    parent = await _lookup.find(database, scope, loaded.parent) if loaded.parent else None
    return _load(row, parent.preferences) if parent is not None else loaded


async def default(database: Database, scope: Scope) -> Configuration:
    """What its payments go by that name no other."""
    row = await _lookup.find(database, scope, default_id(scope.account, scope.livemode))
    return _load(row) if row is not None else default_of(scope.account, scope.livemode, 0)


async def written_default(database: Database, scope: Scope) -> Configuration:
    """The same, written down from now on: as old as its account."""
    row = await _lookup.find(database, scope, default_id(scope.account, scope.livemode))
    if row is not None:
        return _load(row)
    rows = await database.execute(select(accounts.c.created).where(accounts.c.id == scope.account))
    await add(database, default_of(scope.account, scope.livemode, rows[0].created if rows else 0))
    return await default(database, scope)


async def change(database: Database, scope: Scope, id_: str, change: Change[Configuration]) -> Configuration | None:
    """Change one; None if there is none."""
    return await _changing.change(database, scope, id_, change)


async def newest(
    database: Database, scope: Scope, cursor: Cursor, active: bool | None
) -> tuple[list[Configuration], bool]:
    """A page of them, newest first, and whether there are more."""
    await written_default(database, scope)
    conditions = [] if active is None else [table.c.active == active]
    found = await page(database, table, scope, cursor, *conditions)
    parents = [await _parents_preferences(database, scope, row) for row in found.rows]
    return [_load(row, said) for row, said in zip(found.rows, parents, strict=True)], found.has_more


async def _parents_preferences(database: Database, scope: Scope, row: Row) -> dict[str, str]:
    parent = await _lookup.find(database, scope, row.parent) if row.parent else None
    return dict(parent.preferences) if parent is not None else {}


def _load(row: Row, inherited: dict[str, str] | None = None) -> Configuration:
    return Configuration(
        id=row.id,
        account=row.account,
        livemode=row.livemode,
        created=row.created,
        name=row.name,
        active=row.active,
        is_default=row.is_default,
        parent=row.parent,
        preferences=dict(row.preferences),
        inherited=inherited or {},
    )


def _values(configuration: Configuration) -> JsonObject:
    return {
        "name": configuration.name,
        "active": configuration.active,
        "preferences": configuration.preferences,
    }


_lookup = Lookup(table)
_changing = Changing(table, _load, _values)
