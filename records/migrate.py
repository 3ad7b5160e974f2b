"""Bring the database to the newest schema: `python -m records.migrate`. Harmless when it is there already.

Payments go on meanwhile. A statement that has to wait for a lock makes everybody wait who comes after it: so it waits
for two seconds at most, and the migration is tried again from where it was; each is a transaction of its own. Indexes
are built CONCURRENTLY, which keeps nobody waiting, and may wait as long as it takes. One migrates at a time.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from observability.logs import configure_logs, logger
from records.condition import ahead, newest
from records.database import Database, address
from records.failures import cause
from records.levelling import level
from records.reconciliation import STATEMENT_SECONDS_MAX
from settings import Settings, SettingsError


def config() -> Config:
    """Alembic's configuration, without a file: everything it needs is here."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return configuration


class Say(Protocol):
    """A logger's method."""

    def __call__(self, event: str, **about: Any) -> Any:
        """Write a line."""
        ...


def _say_nothing(event: str, **about: Any) -> None:
    del event, about


LOCK = 0x50657264757265
"""Which of PostgreSQL's advisory locks is ours: the name, as a number."""

LOCK_TIMEOUT = "2s"
"""Payments wait for five seconds before they give up (records/database.py)."""

TRIES = 60
AGAIN_SECONDS = 1.0
"""For three minutes in all. Payments hold locks for milliseconds; the error names whoever holds one for longer."""

PASSING = ("55P03", "40P01")
"""A lock that was not had in time, and a deadlock: nothing of the migration was done."""


class MigrationBlocked(Exception):
    """A lock could not be had, or another migration does not end."""


def _upgrade(connection: Connection, to: str = "head") -> None:
    def patience(_: Connection, cursor: Any, statement: str, *__: Any) -> None:
        limit = "0" if "CONCURRENTLY" in statement or "VALIDATE CONSTRAINT" in statement else LOCK_TIMEOUT
        cursor.execute(f"SET lock_timeout = '{limit}'")

    configuration = config()
    configuration.attributes["connection"] = connection
    event.listen(connection, "before_cursor_execute", patience)
    try:
        command.upgrade(configuration, to)
    finally:
        event.remove(connection, "before_cursor_execute", patience)


def engine_on(url: str) -> AsyncEngine:
    """SQLAlchemy's engine, which Alembic needs, on the driver's own connections: they take what `Database` takes."""
    return create_async_engine("postgresql+asyncpg://", async_creator=partial(asyncpg.connect, address(url)))


LEDGER = "0027"
"""The revision that brought the ledger; what was paid before it is booked once the tables are there."""


def _found(connection: Connection) -> str | None:
    """The revision that is there."""
    found = MigrationContext.configure(connection).get_current_revision()
    # Migrations begin transactions of their own.
    connection.rollback()
    return found


async def migrate(
    url: str, say: Say = _say_nothing, again_seconds: float = AGAIN_SECONDS, to: str = "head"
) -> str | None:
    """Upgrade the database at `url` to the newest revision; if it is newer than this release, leave it, and say so.

    `say` is told, once for each reason, why that takes longer.

    Raises:
        MigrationBlocked: somebody holds a lock, or migrates, and does not come to an end.
    """
    engine = engine_on(url)
    try:
        async with _alone(url, say, again_seconds):
            async with engine.connect() as connection:
                found = await connection.run_sync(_found)
            if found is not None and found > newest():
                # This release does not know it: a newer one has been here.
                return found
            await _insist(engine, url, to, say, again_seconds)
    finally:
        await engine.dispose()
    if found is not None and found < LEDGER and to == "head":
        await _book(url)
    return None


async def _insist(engine: AsyncEngine, url: str, to: str, say: Say, again_seconds: float) -> None:
    why = ""
    for _ in range(TRIES):
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_upgrade, to)
            return
        except SQLAlchemyError as error:
            if not _passes(error):
                raise
            if not why:
                why = await _holders(url)
                say("the migration waits for a lock", why=why)
        await asyncio.sleep(again_seconds)
    raise MigrationBlocked(f"a lock was not to be had in {TRIES} tries; {why}")


async def _book(url: str) -> None:
    """Book what was paid before there was a ledger; should this be interrupted, `perdure ledger level` goes on."""
    database = Database(url, command_timeout_seconds=STATEMENT_SECONDS_MAX)
    try:
        logger().info("ledger levelled", booked=await level(database))
    finally:
        await database.close()


def _passes(error: BaseException | None) -> bool:
    """Whether a lock is behind it; what was tried next, on a transaction that had failed, may have hidden that."""
    while error is not None:
        if getattr(getattr(error, "orig", error), "sqlstate", None) in PASSING:
            return True
        error = error.__cause__ or error.__context__
    return False


@asynccontextmanager
async def _alone(url: str, say: Say, again_seconds: float) -> AsyncIterator[None]:
    """One at a time. Asked for again and again: whoever waits in a statement keeps CONCURRENTLY waiting as well."""
    connection = await asyncpg.connect(address(url))
    try:
        for attempt in range(TRIES):
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                break
            if not attempt:
                say("another migration is under way", why="it is waited for")
            await asyncio.sleep(again_seconds)
        else:
            raise MigrationBlocked("another migration is under way, and does not come to its end")
        # Its connection ends it, should this process be killed.
        yield
    finally:
        await connection.close()


_HOLDERS = """
    SELECT pid, application_name, state, round(extract(epoch FROM now() - xact_start)) AS seconds
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < now() - interval '1 s'
    ORDER BY xact_start LIMIT 3
"""


async def _holders(url: str) -> str:
    """Who has been in a transaction for long."""
    connection = await asyncpg.connect(address(url))
    try:
        rows = await connection.fetch(_HOLDERS)
    finally:
        await connection.close()
    shown = [f"process {row['pid']} ({row['application_name'] or row['state']}) for {row['seconds']} s" for row in rows]
    return "in a transaction: " + ", ".join(shown) if shown else "nobody is in a transaction for long"


def main() -> None:
    """Migrate; an older release on a newer schema says so in one line, and is done."""
    try:
        settings = Settings.read()
        if not settings.database_url:
            raise SettingsError("DATABASE_URL is not set: it says which PostgreSQL is to be migrated")
        configure_logs(settings.log_level)
        further = asyncio.run(migrate(settings.database_url, logger().warning))
    except SettingsError as error:
        sys.exit(f"perdure: {error}")
    except MigrationBlocked as error:
        sys.exit(f"perdure: the database is not migrated yet: {error}. Payments go on; run this again")
    except (OSError, asyncpg.PostgresError) as error:
        sys.exit(f"perdure: the database cannot be migrated: {cause(error)}")
    if further is not None:
        logger().warning(ahead(further))


if __name__ == "__main__":
    main()
