"""A page of what is in several tables: one list, in one order.

Each table numbers its own rows, so that of two from different tables only the time of creation says which is newer; of
one second, those of a later table are. The page is the same from whichever side it is come to.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from records.database import Database, Row
from records.scope import COUNTED_MAX, Cursor, CursorNotFound, Place, Scope, Total, page_at, place_of

AFTER_ALL = 2**63 - 1
"""A number that no row has; the first has 1."""


@dataclass(frozen=True, slots=True)
class Source:
    """Some rows of a table, which have an account, a mode, an id, and a place."""

    table: FromClause
    conditions: tuple[ColumnElement[bool], ...] = ()


async def merged(
    database: Database, scope: Scope, cursor: Cursor, *sources: Source
) -> tuple[list[tuple[int, Row]], bool]:
    """A page, newest first: rows with the number of their source; and whether there are more.

    Raises:
        CursorNotFound: what the cursor names is in none of the tables.
    """
    places = await _places(database, scope, cursor, sources)
    cursors = [replace(cursor, total=Total() if cursor.total else None) for _ in sources]
    asked = zip(sources, cursors, places, strict=True)
    pages = await asyncio.gather(
        *(page_at(database, one.table, scope, its, place, *one.conditions) for one, its, place in asked)
    )
    if cursor.total is not None:
        cursor.total.rows = min(COUNTED_MAX, sum(its.total.rows or 0 for its in cursors if its.total))
    found = [(number, row) for number, page in enumerate(pages) for row in page.rows]
    found.sort(key=lambda one: (one[1].created, one[0], one[1].seq), reverse=True)
    has_more = len(found) > cursor.limit or any(page.has_more for page in pages)
    # What is next to the cursor stays.
    return found[-cursor.limit :] if cursor.ending_before else found[: cursor.limit], has_more


async def _places(
    database: Database, scope: Scope, cursor: Cursor, sources: tuple[Source, ...]
) -> list[Place] | list[None]:
    """What the cursor names, as a place in each table."""
    if cursor.named is None:
        return [None for _ in sources]
    id_: Any = getattr(cursor, cursor.named)
    there = await asyncio.gather(*(place_of(database, one.table, scope, id_) for one in sources))
    for number, place in enumerate(there):
        if place is not None:
            created, _ = place
            below = [(created, AFTER_ALL)] * number
            return [*below, place, *[(created, 0)] * (len(sources) - number - 1)]
    raise CursorNotFound(cursor.named, id_)
