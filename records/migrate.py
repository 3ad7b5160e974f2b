"""Bring the database to the newest schema: `python -m records.migrate`. Harmless when it is there already."""

import asyncio
import sys
from functools import partial
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from observability.logs import configure_logs, logger
from records.condition import ahead, newest
from records.database import address
from records.failures import cause
from settings import Settings, SettingsError


def config() -> Config:
    """Alembic's configuration, without a file: everything it needs is here."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return configuration


def _upgrade(connection: Connection) -> None:
    configuration = config()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")


def engine_on(url: str) -> AsyncEngine:
    """SQLAlchemy's engine, which Alembic needs, on the driver's own connections: they take what `Database` takes."""
    return create_async_engine("postgresql+asyncpg://", async_creator=partial(asyncpg.connect, address(url)))


def _is_ahead(connection: Connection) -> str | None:
    """The revision that is there, if this release does not know it: a newer one has been here."""
    found = MigrationContext.configure(connection).get_current_revision()
    # Migrations begin transactions of their own.
    connection.rollback()
    return found if found is not None and found > newest() else None


async def migrate(url: str) -> str | None:
    """Upgrade the database at `url` to the newest revision; if it is newer than this release, leave it, and say so."""
    engine = engine_on(url)
    try:
        async with engine.connect() as connection:
            further = await connection.run_sync(_is_ahead)
            if further is None:
                await connection.run_sync(_upgrade)
            return further
    finally:
        await engine.dispose()


def main() -> None:
    """Migrate; an older release on a newer schema says so in one line, and is done."""
    try:
        settings = Settings.read()
        if not settings.database_url:
            raise SettingsError("DATABASE_URL is not set: it says which PostgreSQL is to be migrated")
        configure_logs(settings.log_level)
        further = asyncio.run(migrate(settings.database_url))
    except SettingsError as error:
        sys.exit(f"perdure: {error}")
    except (OSError, asyncpg.PostgresError) as error:
        sys.exit(f"perdure: the database cannot be migrated: {cause(error)}")
    if further is not None:
        logger().warning(ahead(further))


if __name__ == "__main__":
    main()
