"""Bring the database to the newest schema: `python -m records.migrate`. Harmless when it is there already."""

import asyncio
from functools import partial
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from records.database import address
from settings import Settings


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


async def migrate(url: str) -> None:
    """Upgrade the database at `url` to the newest revision."""
    engine = engine_on(url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(migrate(Settings.read().database_url))
