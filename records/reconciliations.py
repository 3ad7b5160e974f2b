"""The reports of reconciliations: kept, so that operators find them, and the last one read by the metrics."""

from sqlalchemy import bindparam, delete, select

from domain.model.hashes import JsonObject
from records.database import Database, Prepared
from records.housekeeping_tables import reconciliations as table

REPORTS_KEPT_MAX = 400
"""A year of nights, and some that were asked for."""

_KEEP = Prepared(table.insert(), "ended", "report")
_FORGET = Prepared(
    delete(table).where(
        table.c.number <= select(table.c.number).order_by(table.c.number.desc()).offset(bindparam("kept")).limit(1)
        .scalar_subquery()
    )
)  # fmt: skip


class PostgresReports:
    """Keeps them in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, ended: int, report: JsonObject) -> None:
        """Write one down, and forget the oldest. Twice is two, and does no harm: the last one counts."""
        await self._database.execute(_KEEP, {"ended": ended, "report": report})
        await self._database.execute(_FORGET, {"kept": REPORTS_KEPT_MAX})
