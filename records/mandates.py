"""Reading mandates. They are written with the payment that gave rise to them (projection.py)."""

from sqlalchemy import select

from domain.mandates import Mandate
from records.codec import load_mandate
from records.database import Database
from records.scope import Scope
from records.tables import mandates as table


async def load(database: Database, scope: Scope, id_: str) -> Mandate | None:
    """One mandate."""
    rows = await database.execute(select(table.c.data).where(scope.owns(table), table.c.id == id_))
    return load_mandate(rows[0].data) if rows else None
