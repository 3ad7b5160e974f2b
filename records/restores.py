"""Restores of the records: noticed, and over once records, workflows and the gateway's book agree again.

As long as one is not over, no API changes anything: what is forgotten would be done twice.
"""

from sqlalchemy import bindparam, select, text

from contracts.names import SWEEP_SCHEDULE
from domain.machine.housekeeping import put_back
from records.database import Database, Prepared
from records.housekeeping import PostgresUnfinished
from records.housekeeping_tables import restores as table

_UNDER_WAY = Prepared(select(table.c.why).where(table.c.ended.is_(None)).order_by(table.c.number).limit(1))
_ACCEPTED = Prepared(select(table.c.lineage).where(table.c.ended.is_not(None)).order_by(table.c.number.desc()).limit(1))
_BEGIN = Prepared(
    text(
        """
        INSERT INTO restores (noticed, why)
        SELECT floor(extract(epoch FROM now()))::bigint, :why
        WHERE NOT EXISTS (SELECT FROM restores WHERE ended IS NULL)
        """
    )
)
_END = Prepared(
    table.update()
    .where(table.c.ended.is_(None))
    .values(ended=bindparam("now"), lineage=bindparam("of"))
    .returning(table.c.number)
)
_SWEPT = Prepared(
    text(
        """
        INSERT INTO sweeps (schedule, number, ended) VALUES (:schedule, :number, :now)
        ON CONFLICT (schedule) DO UPDATE SET number = greatest(sweeps.number, excluded.number)
        """
    )
)


class PostgresRestores:
    """Those that were noticed."""

    def __init__(self, database: Database) -> None:
        """In `database`."""
        self._database, self._unfinished = database, PostgresUnfinished(database)

    async def under_way(self) -> str | None:
        """How the one that is not over was noticed; None if there is none."""
        rows = await self._database.execute(_UNDER_WAY)
        return str(rows[0].why) if rows else None

    async def notice(self, number: int, lineage: str) -> str | None:
        """Compare with the last sweep that Temporal knows of: its number, and whose records it saw.

        Answers with how a restore shows that was not noticed before.
        """
        ours, recorded = await self._unfinished.lineage(), await self._unfinished.last_sweep(SWEEP_SCHEDULE)
        accepted = await self._database.execute(_ACCEPTED)
        known = bool(accepted) and accepted[0].lineage == ours
        why = put_back(recorded, ours, number, ours if known else lineage)
        if why is not None:
            await self.begin(why)
        return why

    async def begin(self, why: str) -> None:
        """One was noticed. Twice is once, until it is over."""
        await self._database.execute(_BEGIN, {"why": why})

    async def end(self, now: int, number: int) -> None:
        """It is over at `now` (Unix seconds), and the records know of the sweep that Temporal knows of."""
        values = {"schedule": SWEEP_SCHEDULE, "number": number, "now": now}
        await self._database.execute(_SWEPT, values)
        await self._database.execute(_END, {"now": now, "of": await self._unfinished.lineage()})
