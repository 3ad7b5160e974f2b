"""Remembered answers: one row per account, mode and Idempotency-Key. The first of the two layers (DESIGN: idempotency).

A row is `in flight` until its answer is saved. If the process that held it died, the row's lock lapses and the next
request with the key takes over with the same seed, hence the same ids and the same command: one effect.
"""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    bindparam,
    delete,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from records.database import Database, Prepared
from records.scope import Scope
from records.tables import metadata

table = Table(
    "idempotency_keys",
    metadata,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("livemode", Boolean, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("seed", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
    Column("response_status", SmallInteger),
    Column("response_body", LargeBinary),
    # Which endpoint the key was first used for; not known of rows that an older release has written.
    Column("path", Text),
    CheckConstraint("(response_status IS NULL) = (response_body IS NULL)", name="idempotency_keys_answered"),
    CheckConstraint("length(key) BETWEEN 1 AND 255", name="idempotency_keys_key"),
    Index("idempotency_keys_created", "created"),
)

RETENTION_SECONDS = 24 * 3_600
"""A key older than this is new again. docs.stripe.com/api/idempotent_requests."""

LOCK_SECONDS = 5
"""How long a request may be silent before another with its key takes over. Two at once would be harmless, as both send
the same command; the lock only spares the work and gives Stripe's 409."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What became of the attempt to take a key.

    `mine`: go on, with `seed` for every id; otherwise another request has the key, and `response_*` is its answer,
    None while it is in flight. `path` is where the key was first used, where that is known.
    """

    mine: bool
    seed: str
    fingerprint: bytes
    request_id: str
    path: str | None = None
    response_status: int | None = None
    response_body: bytes | None = None


_NEW = insert(table)
_TAKE = Prepared(
    _NEW.on_conflict_do_update(
        index_elements=["account", "livemode", "key"],
        set_={"locked_until": _NEW.excluded.locked_until, "request_id": _NEW.excluded.request_id},
        where=table.c.response_status.is_(None)
        & (table.c.locked_until < bindparam("now"))
        & (table.c.fingerprint == _NEW.excluded.fingerprint),
    ).returning(table.c.seed, table.c.fingerprint, table.c.request_id),
    *("account", "livemode", "key", "fingerprint", "request_id", "seed", "created", "locked_until", "path"),
)
"""Take the key if nobody has it, or if who had it lapsed."""

_SAVE = Prepared(
    update(table).where(
        table.c.account == bindparam("of"),
        table.c.livemode == bindparam("mode"),
        table.c.key == bindparam("held"),
        table.c.seed == bindparam("with"),
        table.c.response_status.is_(None),
    ),
    *("response_status", "response_body"),
)


async def claim(
    database: Database, scope: Scope, key: str, fingerprint: bytes, request_id: str, seed: str, now: int, path: str
) -> Claim:
    """Take the key, take it over from a dead request, or find who has it. One round trip in the usual case."""
    new = {
        "account": scope.account,
        "livemode": scope.livemode,
        "key": key,
        "fingerprint": fingerprint,
        "request_id": request_id,
        "seed": seed,
        "created": now,
        "locked_until": now + LOCK_SECONDS,
        "path": path,
    }
    rows = await database.execute(_TAKE, {**new, "now": now})
    if rows:
        return Claim(mine=True, seed=rows[0].seed, fingerprint=fingerprint, request_id=request_id)
    mine = scope.owns(table) & (table.c.key == key)
    expired = await database.execute(
        delete(table).where(mine, table.c.created < now - RETENTION_SECONDS).returning(table.c.key)
    )
    if expired:
        return await claim(database, scope, key, fingerprint, request_id, seed, now, path)
    return await _held(database, scope, key, fingerprint, request_id, seed, now, path)


async def _held(
    database: Database, scope: Scope, key: str, fingerprint: bytes, request_id: str, seed: str, now: int, path: str
) -> Claim:
    rows = await database.execute(table.select().where(scope.owns(table), table.c.key == key))
    if not rows:
        return await claim(database, scope, key, fingerprint, request_id, seed, now, path)
    row = rows[0]
    ours = row.request_id == request_id and row.response_status is None
    return Claim(
        # Ours after all, if the first insert was committed and its answer lost on the way.
        mine=ours,
        seed=row.seed,
        fingerprint=row.fingerprint,
        request_id=row.request_id,
        response_status=row.response_status,
        response_body=row.response_body,
        path=row.path,
    )


async def save(database: Database, scope: Scope, key: str, seed: str, status: int, body: bytes) -> None:
    """Keep the answer for whoever sends the key again; the first answer stays."""
    mine = {"of": scope.account, "mode": scope.livemode, "held": key, "with": seed}
    await database.execute(_SAVE, {**mine, "response_status": status, "response_body": body})


async def release(database: Database, scope: Scope, key: str, seed: str) -> None:
    """Nothing was executed: the key is free for a better request."""
    mine = scope.owns(table) & (table.c.key == key) & (table.c.seed == seed) & table.c.response_status.is_(None)
    await database.execute(delete(table).where(mine))


async def unlock(database: Database, scope: Scope, key: str, seed: str) -> None:
    """It is unknown what was executed: the next request with the key takes over at once, with the same seed."""
    mine = scope.owns(table) & (table.c.key == key) & (table.c.seed == seed) & table.c.response_status.is_(None)
    await database.execute(update(table).where(mine).values(locked_until=0))
