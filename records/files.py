"""Files: uploaded once, never changed. Their contents are only read where they are asked for."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from domain.model.files import File
from records.database import Database, Row
from records.file_tables import files as table
from records.scope import Created, Cursor, Scope, matching, one, page

_COLUMNS = ("id", "account", "livemode", "created", "purpose", "filename", "type", "size")
_LISTED = select(*(table.c[name] for name in (*_COLUMNS, "seq"))).subquery("files")


async def add(database: Database, file: File, content: bytes) -> None:
    """Write a new one; a second write of the same id changes nothing."""
    values = {name: getattr(file, name) for name in _COLUMNS}
    await database.execute(insert(table).values(**values, content=content).on_conflict_do_nothing())


async def load(database: Database, scope: Scope, id_: str) -> File | None:
    """One of them, without its content."""
    row = await one(database, table, scope, id_, *_COLUMNS)
    return _file(row) if row is not None else None


async def content(database: Database, scope: Scope, id_: str) -> bytes | None:
    """What is in it."""
    row = await one(database, table, scope, id_, "content")
    return bytes(row.content) if row is not None else None


async def stored(database: Database, scope: Scope) -> int:
    """How many bytes an account keeps here."""
    query = select(func.coalesce(func.sum(table.c.size), 0)).where(scope.owns(table))
    return int((await database.execute(query))[0][0])


async def newest(
    database: Database, scope: Scope, cursor: Cursor, created: Created, purpose: str | None = None
) -> tuple[list[File], bool]:
    """A page of files, newest first, and whether there are more."""
    conditions = [*created.holds(_LISTED), *matching(_LISTED, purpose=purpose)]
    found = await page(database, _LISTED, scope, cursor, *conditions)
    return [_file(row) for row in found.rows], found.has_more


def _file(row: Row) -> File:
    return File(**{name: getattr(row, name) for name in _COLUMNS})
