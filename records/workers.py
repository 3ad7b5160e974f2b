"""Which workers live: each says so every few seconds, and whoever asks is told by the clock of PostgreSQL.

Temporal remembers who has polled, but a poll lasts a minute: it takes as long again to see that all of them are dead,
and to compare its clock with ours, ours would have to be right.
"""

from sqlalchemy import text

from records.base import RecordsUnavailable
from records.database import Database, Prepared

SILENCE_SECONDS_MAX = 12
"""A worker that was not heard of for four beats (temporal/presence.py) is dead, or does not reach our servers."""

FORGOTTEN_SECONDS = 86_400
"""After a day, nobody wants to know any more that there was one."""

_BEAT = Prepared(
    text(
        f"""
        WITH gone AS (DELETE FROM workers WHERE seen < now() - interval '{FORGOTTEN_SECONDS} s' AND id <> :id)
        INSERT INTO workers (id, build, seen) VALUES (:id, :build, now())
        ON CONFLICT (id) DO UPDATE SET build = excluded.build, seen = excluded.seen
        """  # noqa: S608
    )
)
_END = Prepared(text("DELETE FROM workers WHERE id = :id"))
_LAST_HEARD = text("SELECT extract(epoch FROM now() - max(seen))::bigint AS seconds FROM workers")
_COUNT = text(
    f"SELECT count(*) AS alive FROM workers WHERE seen > now() - interval '{SILENCE_SECONDS_MAX} s'"  # noqa: S608
)


class PostgresWorkers:
    """The workers that have said that they live."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, id_: str, build: str) -> None:
        """A worker lives, and reaches Temporal."""
        await self._database.execute(_BEAT, {"id": id_, "build": build})

    async def end(self, id_: str) -> None:
        """A worker ends, as it was told to."""
        await self._database.execute(_END, {"id": id_})

    async def alive(self) -> int:
        """How many do."""
        return int((await self._database.execute(_COUNT))[0].alive)

    async def check(self) -> None:
        """Return if one lives.

        Raises:
            RecordsUnavailable: none does, or it is not known; and why.
        """
        seconds = (await self._database.execute(_LAST_HEARD))[0].seconds
        if seconds is None:
            raise RecordsUnavailable("no worker is there")
        if seconds > SILENCE_SECONDS_MAX:
            raise RecordsUnavailable(f"no worker was heard of for {seconds} s: none lives, or none reaches Temporal")
