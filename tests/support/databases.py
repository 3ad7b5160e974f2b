"""Databases that are closed when whoever uses them is done, or fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from records.database import Database


@asynccontextmanager
async def opened(url: str, **more: Any) -> AsyncIterator[Database]:
    """One at `url`, with `more` of what a Database can be told."""
    database = Database(url, **more)
    try:
        yield database
    finally:
        await database.close()
