"""What housekeeping reads: open payments by when they changed, what the gateway owes, and which sweep was the last.

Every account's: sweeping is nobody's request. `changed` and `owed_since` are this database's own time.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import text

from contracts.housekeeping import CLAIMED, OPEN, OWED, Place
from domain.machine.housekeeping import Known
from domain.model.hashes import JsonObject
from records.base import RecordsRefused, RecordsUnavailable, Unfinished
from records.codec import load_intent
from records.database import Database, Prepared, Row

_OPEN = "status NOT IN ('succeeded', 'canceled')"


class _Of:
    """The statements about one kind of intent, which are all in `table`."""

    def __init__(self, table: str) -> None:
        self._table = table
        self.pages = {
            OPEN: self._page(_OPEN),
            OWED: self._page("owed_since IS NOT NULL", "owed_since"),
            CLAIMED: self._page(f"{_OPEN} AND under_way IS NOT NULL AND (under_way ->> 'now')::bigint <= :until"),
        }
        self.one = Prepared(text(self._row("id = :id")))
        unfinished = f"SELECT id, {_OPEN} OR owed_since IS NOT NULL AS unfinished FROM {table}"  # noqa: S608
        self.finished = Prepared(text(f"{unfinished} WHERE id = ANY(:ids)"))

    def _row(self, condition: str, time: str = "changed") -> str:
        return f"SELECT id, {time} AS at, under_way, data FROM {self._table} WHERE {condition}"  # noqa: S608

    def _page(self, condition: str, time: str = "changed") -> Prepared:
        after = f"({time}, id) > (:changed, :id) AND {time} <= :until ORDER BY {time}, id LIMIT :most"
        return Prepared(text(f"{self._row(condition, time)} AND {after}"))


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

    def __init__(
        self,
        database: Database,
        table: str = "payment_intents",
        load: Callable[[JsonObject], Known] = load_intent,
    ) -> None:
        """From `table` of `database`; `load` makes a state of its JSON."""
        self._database, self._load, self._of = database, load, _Of(table)

    async def now(self) -> int:
        """The time here."""
        return int((await self._database.execute(_NOW))[0].now)

    async def page(self, kind: str, after: Place, until: int, most: int) -> list[Unfinished]:
        """The next of a kind: OPEN, OWED or CLAIMED."""
        values = {"changed": after.changed, "id": after.id, "until": until, "most": most}
        return [self._unfinished(row) for row in await self._database.execute(self._of.pages[kind], values)]

    async def load(self, id_: str) -> Unfinished | None:
        """One, as it is now."""
        rows = await self._database.execute(self._of.one, {"id": id_})
        return self._unfinished(rows[0]) if rows else None

    async def finished(self, ids: Sequence[str]) -> dict[str, bool]:
        """Which of these are recorded, and whether nothing more is to come of each."""
        rows = await self._database.execute(self._of.finished, {"ids": list(ids)})
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

    def _unfinished(self, row: Row) -> Unfinished:
        under_way: JsonObject | None = row.under_way
        claimed_at = int(under_way["now"]) if under_way else None
        try:
            intent: Known | None = self._load(row.data)
        except ValueError:
            # Of another release, perhaps: one such row must not keep a sweep from all the others.
            intent = None
        return Unfinished(id=row.id, intent=intent, changed=int(row.at), claimed_at=claimed_at)
