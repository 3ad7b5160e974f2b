"""Whether PostgreSQL is as this release needs it: it answers, its schema is there, and what is in between fits.

Who waits for it, and who is told, is observability/health.py.
"""

import contextlib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import text

from records.base import RecordsRefused, RecordsUnavailable
from records.database import CONNECT_TIMEOUT_SECONDS, Database, address
from records.failures import PASSED_ON, POOLER, cause

VERSIONS = Path(__file__).parent / "migrations" / "versions"

MIGRATE = "run `python -m records.migrate` of this release"

_REVISION = text("SELECT max(version_num) AS revision FROM alembic_version")

_CLOCK = text("SELECT extract(epoch FROM clock_timestamp())::float8 AS now")

_PID = "SELECT pg_backend_pid()"

TRIES = 3
"""Times that the pooler is asked for a connection of PostgreSQL's that is in use."""

Say = Callable[[str], None]
Connect = Callable[..., Awaitable[Any]]
"""The driver's `connect`."""


@cache
def newest() -> str:
    """The revision of the schema that this release was made for."""
    return max(path.name[1:5] for path in VERSIONS.glob("v[0-9]*.py"))


async def revision(database: Database) -> str | None:
    """The revision of the schema that is there; None if there is none.

    Raises:
        RecordsUnavailable: no answer.
    """
    try:
        rows = await database.execute(_REVISION)
    except RecordsUnavailable as error:
        if isinstance(error.__cause__, asyncpg.UndefinedTableError):
            return None
        raise
    return str(rows[0].revision) if rows and rows[0].revision else None


async def time_of(database: Database) -> float:
    """What PostgreSQL's clock says, Unix seconds."""
    return float((await database.execute(_CLOCK))[0].now)


class RecordsCondition:
    """The condition of a database, looked at on a connection of its own: a busy pool is not an ill server."""

    def __init__(self, database: Database, url: str, say: Say) -> None:
        """Of the database at `url`; `say` is told once of a schema that is newer than this release."""
        self._database, self._url, self._say = database, url, say
        self._known: str | None = None
        self._pooler_fits = False

    async def check(self) -> None:
        """Return if payments can be recorded.

        Raises:
            RecordsUnavailable: they cannot, and why.
        """
        found = await revision(self._database)
        if found is None:
            raise RecordsUnavailable(f"PostgreSQL has no schema of ours: {MIGRATE}")
        if found < newest():
            raise RecordsUnavailable(f"the schema is at {found}, and this release needs {newest()}: {MIGRATE}")
        if found > newest() and found != self._known:
            self._say(ahead(found))
        self._known = found
        if not self._pooler_fits:
            await check_pooler(self._url)
            self._pooler_fits = True


def ahead(found: str) -> str:
    """That a schema is newer than this release, which is no reason not to work."""
    return (
        f"the schema is at {found}, newer than this release, which knows {newest()}: migrations only add, so this "
        "release works on it, and has nothing to migrate"
    )


def in_words(error: RecordsUnavailable | RecordsRefused) -> str:
    """What a failure means to whoever runs us: the database is away, says no, or has another schema."""
    if isinstance(error.__cause__, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError):
        return f"the database has not the schema of this release: {MIGRATE}"
    if isinstance(error, RecordsRefused) or isinstance(error.__cause__, asyncpg.PostgresError):
        return f"the database says no: {error}"
    return f"the database does not answer: {error}"


async def check_pooler(url: str, connect: Connect = asyncpg.connect) -> None:
    """Hold what is between us and PostgreSQL, if anything is, to what the driver needs of it.

    A pooler that gives a connection of PostgreSQL's to another client between two statements must know which statements
    each client has prepared; else one client carries out what another has prepared. It shows when a client's connection
    is in use by another one while it carries out a statement that it prepared there.

    Raises:
        RecordsUnavailable: it does not, and what to set; or no answer.
    """
    try:
        ours = await connect(address(url), timeout=CONNECT_TIMEOUT_SECONDS, command_timeout=CONNECT_TIMEOUT_SECONDS)
        try:
            if await ours.fetchval(_PID) != ours.get_server_pid():
                await _mixed(ours, url, connect)
        finally:
            ours.terminate()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise RecordsUnavailable(cause(error)) from error


async def _mixed(ours: Any, url: str, connect: Connect) -> None:
    """A pooler is between; carry a prepared statement out on another connection than it was prepared on."""
    try:
        prepared = await ours.prepare(_PID)
        for _ in range(TRIES):
            where = await prepared.fetchval()
            other = await connect(
                address(url), timeout=CONNECT_TIMEOUT_SECONDS, command_timeout=CONNECT_TIMEOUT_SECONDS
            )
            try:
                async with other.transaction():
                    if await other.fetchval(_PID) == where:
                        with contextlib.suppress(TimeoutError):
                            # One that has a single connection shows nothing, and mixes nothing up.
                            await prepared.fetchval()
                        return
            finally:
                other.terminate()
    except asyncpg.PostgresError as error:
        if error.sqlstate in PASSED_ON:
            raise RecordsUnavailable(POOLER) from error
        raise
