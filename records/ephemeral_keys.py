"""Ephemeral keys: an hour for one customer's own device. Stored as their SHA-256, as all keys are."""

from sqlalchemy import delete as deletion
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.model.ephemeral_keys import EphemeralKey
from records.accounts import ApiKey, KeyExpired, connection, hash_key, is_shut
from records.connect_tables import connected_accounts
from records.database import Database, Row
from records.scope import Scope, one
from records.token_tables import ephemeral_keys as table

PREFIX = "ek_"


async def add(database: Database, key: EphemeralKey, secret: str) -> None:
    """Let `secret` open what is the customer's; a second write of the same id changes nothing."""
    values = {name: getattr(key, name) for name in EphemeralKey.__dataclass_fields__} | {"hash": hash_key(secret)}
    await database.execute(insert(table).values(values).on_conflict_do_nothing())


async def load(database: Database, scope: Scope, id_: str) -> EphemeralKey | None:
    """One of them, expired or not."""
    row = await one(database, table, scope, id_)
    return _key(row) if row is not None else None


async def delete(database: Database, scope: Scope, id_: str) -> None:
    """Let it open nothing any more."""
    await database.execute(deletion(table).where(scope.owns(table), table.c.id == id_))


async def find(database: Database, secret: str, now: int) -> ApiKey | None:
    """What a presented key opens; None if nobody has it.

    Raises:
        KeyExpired: somebody had it, or it is of a connected account that was deleted or is of the other mode.
    """
    c = connected_accounts
    query = select(table, *connection()).outerjoin(c, c.c.id == table.c.account)
    rows = await database.execute(query.where(table.c.hash == hash_key(secret)))
    if not rows:
        return None
    found, row = _key(rows[0]), rows[0]
    if is_shut(row) or found.expires <= now:
        raise KeyExpired
    return ApiKey(
        found.account, found.livemode, "ephemeral", api_version=found.api_version, customer=found.customer,
        connected_to=row.connected_to,
    )  # fmt: skip


def _key(row: Row) -> EphemeralKey:
    return EphemeralKey(**{name: getattr(row, name) for name in EphemeralKey.__dataclass_fields__})
