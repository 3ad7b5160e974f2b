"""What housekeeping reads: open payments by when they changed, what the gateway owes, and which sweep was the last.

Every account's: sweeping is nobody's request. `changed` and `owed_since` are this database's own time.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from contracts.housekeeping import CLAIMED, OPEN, OWED, Place
from records.base import RecordsRefused, RecordsUnavailable, Unfinished
from records.codec import load_intent
from records.database import Database, Prepared, Row

_OPEN = "status NOT IN ('succeeded', 'canceled')"


def _row(condition: str, time: str = "changed") -> str:
    return f"SELECT id, {time} AS at, under_way, data FROM payment_intents WHERE {condition}"  # noqa: S608


def _page(condition: str, time: str = "changed") -> Prepared:
    after = f"({time}, id) > (:changed, :id) AND {time} <= :until ORDER BY {time}, id LIMIT :most"
    return Prepared(text(f"{_row(condition, time)} AND {after}"))


_PAGES = {
    OPEN: _page(_OPEN),
    OWED: _page("owed_since IS NOT NULL", "owed_since"),
    CLAIMED: _page(f"{_OPEN} AND under_way IS NOT NULL AND (under_way ->> 'now')::bigint <= :until"),
}
_ONE = Prepared(text(_row("id = :id")))
_FINISHED = Prepared(
    text(f"SELECT id, {_OPEN} OR owed_since IS NOT NULL AS unfinished FROM payment_intents WHERE id = ANY(:ids)")  # noqa: S608
)  # fmt: skip
_NOW = Prepared(text("SELECT floor(extract(epoch FROM now()))::bigint AS now"))
_LINEAGE = Prepared(
    text(
        """
        SELECT system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS lineage
        FROM pg_control_system()
        """
    )
)
"""The cluster, and its timeline: a server that takes over, or that was restored, begins a new one."""

_LAST = Prepared(text("SELECT number FROM sweeps WHERE schedule = :schedule"))
_ENDED = Prepared(
    text(
        """
        INSERT INTO sweeps (schedule, number, ended)
        VALUES (:schedule, :number, floor(extract(epoch FROM now()))::bigint)
        ON CONFLICT (schedule) DO UPDATE SET number = excluded.number, ended = excluded.ended
        """
    )
)


class PostgresUnfinished:
    """Reads what is not finished."""

    def __init__(self, database: Database) -> None:
        """From `database`."""
        self._database = database

    async def now(self) -> int:
        """The time here."""
        return int((await self._database.execute(_NOW))[0].now)

    async def page(self, kind: str, after: Place, until: int, most: int) -> list[Unfinished]:
        """The next of a kind: OPEN, OWED or CLAIMED."""
        values = {"changed": after.changed, "id": after.id, "until": until, "most": most}
        return [_unfinished(row) for row in await self._database.execute(_PAGES[kind], values)]

    async def load(self, id_: str) -> Unfinished | None:
        """One, as it is now."""
        rows = await self._database.execute(_ONE, {"id": id_})
        return _unfinished(rows[0]) if rows else None

    async def finished(self, ids: Sequence[str]) -> dict[str, bool]:
        """Which of these are recorded, and whether nothing more is to come of each."""
        rows = await self._database.execute(_FINISHED, {"ids": list(ids)})
        return {row.id: not row.unfinished for row in rows}

    async def lineage(self) -> str:
        """By timeline. Not every service that offers PostgreSQL tells; then only a lost sweep shows a restore."""
        try:
            return str((await self._database.execute(_LINEAGE))[0].lineage)
        except (RecordsRefused, RecordsUnavailable):
            # Rights that are not granted pass, as a rule. Whoever is away says so at the next statement as well.
            return ""

    async def last_sweep(self, schedule: str) -> int:
        """The number of a schedule's last sweep; 0 if there was none."""
        rows = await self._database.execute(_LAST, {"schedule": schedule})
        return int(rows[0].number) if rows else 0

    async def swept(self, schedule: str, number: int) -> None:
        """A sweep has come to its end."""
        await self._database.execute(_ENDED, {"schedule": schedule, "number": number})


def _unfinished(row: Row) -> Unfinished:
    under_way: dict[str, Any] | None = row.under_way
    claimed_at = int(under_way["now"]) if under_way else None
    try:
        intent = load_intent(row.data)
    except ValueError:
        # Of another release, perhaps: one such row must not keep a sweep from all the others.
        intent = None
    return Unfinished(id=row.id, intent=intent, changed=int(row.at), claimed_at=claimed_at)
