"""Reading mandates. They are written with the payment that gave rise to them (projection.py)."""

from domain.mandates import Mandate
from records.codec import load_mandate
from records.database import Database
from records.scope import Scope, one
from records.tables import mandates as table


async def load(database: Database, scope: Scope, id_: str) -> Mandate | None:
    """One mandate."""
    row = await one(database, table, scope, id_, "data")
    return load_mandate(row.data) if row is not None else None
