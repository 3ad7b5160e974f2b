"""Customer sessions. Their secrets are stored as their SHA-256, as all keys are; those long expired are forgotten."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, Table, Text, select
from sqlalchemy import delete as deletion
from sqlalchemy.dialects.postgresql import JSONB, insert

from domain.model.customer_sessions import CustomerSession
from records.accounts import hash_key
from records.database import Database
from records.scope import Scope
from records.tables import metadata, owned

PREFIX = "cuss_secret_"
KEPT_SECONDS = 86_400
"""So long after its end it is known that there was one."""

FORGOTTEN_MAX = 10
"""So many are forgotten whenever one is made: more than are made, so there are never many."""

table = Table(
    "customer_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("hash", LargeBinary, nullable=False),
    Column("customer", Text, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("components", JSONB, nullable=False),
    CheckConstraint("expires > created", name="customer_sessions_expiry"),
    Index("customer_sessions_hash", "hash", unique=True),
    Index("customer_sessions_expires", "expires"),
)


async def add(database: Database, session: CustomerSession, secret: str) -> None:
    """Let `secret` show what is the customer's; a second write of the same id changes nothing."""
    values = {name: getattr(session, name) for name in CustomerSession.__dataclass_fields__}
    row = values | {"hash": hash_key(secret)}
    await database.execute(insert(table).values(row).on_conflict_do_nothing(index_elements=["id"]))
    over = select(table.c.id).where(table.c.expires < session.created - KEPT_SECONDS).order_by(table.c.expires)
    few = over.limit(FORGOTTEN_MAX).with_for_update(skip_locked=True)
    await database.execute(deletion(table).where(table.c.id.in_(few)))


async def find(database: Database, scope: Scope, secret: str) -> CustomerSession | None:
    """The session of a secret, expired or not; None if nobody here has it."""
    rows = await database.execute(select(table).where(scope.owns(table), table.c.hash == hash_key(secret)))
    if not rows:
        return None
    return CustomerSession(**{name: getattr(rows[0], name) for name in CustomerSession.__dataclass_fields__})
