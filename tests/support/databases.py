"""Databases that are closed, or dropped, when whoever uses them is done, or fails."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from records.database import Database


@asynccontextmanager
async def opened(url: str, **more: Any) -> AsyncIterator[Database]:
    """One at `url`, with `more` of what a Database can be told."""
    database = Database(url, **more)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def another(url: str, name: str) -> AsyncIterator[str]:
    """An empty one beside that at `url`, by its own. A busy disk takes more than a moment to make it, or to drop it."""
    drop = text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    async with opened(url, connections_max=1, command_timeout_seconds=100) as patient:
        await patient.execute(drop)
        await patient.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield named(url, name)
        finally:
            await patient.execute(drop)


def named(url: str, name: str) -> str:
    """Where a database of this name is, or would be."""
    return re.sub(r"/[^/?]+(?=\?|$)", f"/{name}", url, count=1)
