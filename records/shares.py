"""Shares of payments (Connect): written with their PaymentIntent (share_rows.py); read here, as the platform's.

What a platform says of them, metadata and the description of a transfer, is the API's to change; it moves no money.
"""

from typing import Any

from sqlalchemy import ColumnElement, Table

from domain.model.hashes import JsonObject
from domain.model.shares import Kind, Share, ShareReturn
from records.changing import Announce, Change, Changing, nothing
from records.database import Database, Row
from records.scope import Created, Cursor, CursorNotFound, Scope, matching, newest_of_each, one, page
from records.share_tables import share_returns, shares

RETURNS_SHOWN = 10
"""So many of what came back does a share show, the newest."""

Returns = dict[str, tuple[list[ShareReturn], int]]
"""By share: the newest of what came back, and how many there are."""

_SHARE, _RETURN = tuple(Share.__dataclass_fields__), tuple(ShareReturn.__dataclass_fields__)


async def load(database: Database, scope: Scope, kind: Kind, id_: str) -> Share | None:
    """One fee, or one transfer, of a platform."""
    row = await one(database, shares, scope, id_)
    return share_of_row(row) if row is not None and row.kind == kind else None


async def newest(
    database: Database, scope: Scope, cursor: Cursor, created: Created, kind: Kind, **wanted: str | None
) -> tuple[list[Share], bool]:
    """A page of a platform's, newest first, and whether there are more; `wanted` are columns that have a value."""
    await _check_place(database, shares, scope, cursor, "kind", kind)
    conditions = [*created.holds(shares), *matching(shares, kind=kind, **wanted)]
    found = await page(database, shares, scope, cursor, *conditions)
    return [share_of_row(row) for row in found.rows], found.has_more


async def returns_of(database: Database, scope: Scope, ids: list[str]) -> Returns:
    """What came back of these shares."""
    if not ids:
        return {}
    found = await newest_of_each(database, share_returns, scope, "share", ids, RETURNS_SHOWN)
    return {id_: ([return_of_row(row) for row in rows], total) for id_, (rows, total) in found.items()}


async def load_return(database: Database, scope: Scope, share: str, id_: str) -> ShareReturn | None:
    """One of what came back of a share."""
    row = await one(database, share_returns, scope, id_)
    return return_of_row(row) if row is not None and row.share == share else None


async def any_return(database: Database, scope: Scope, kind: Kind, id_: str) -> ShareReturn | None:
    """The same, of whichever share."""
    row = await one(database, share_returns, scope, id_)
    return return_of_row(row) if row is not None and row.kind == kind else None


async def newest_returns(
    database: Database, scope: Scope, cursor: Cursor, share: str
) -> tuple[list[ShareReturn], bool]:
    """A page of what came back of a share, newest first, and whether there is more."""
    await _check_place(database, share_returns, scope, cursor, "share", share)
    found = await page(database, share_returns, scope, cursor, *matching(share_returns, share=share))
    return [return_of_row(row) for row in found.rows], found.has_more


async def _check_place(database: Database, table: Table, scope: Scope, cursor: Cursor, column: str, value: str) -> None:
    """Let a cursor name what is in the list, and nothing else of the same table."""
    for param in ("ending_before", "starting_after"):
        id_ = getattr(cursor, param)
        row = await one(database, table, scope, id_, column) if id_ else None
        if row is not None and row[column] != value:
            raise CursorNotFound(param, id_)


async def change(
    database: Database, scope: Scope, id_: str, change: Change[Share], announce: Announce[Share]
) -> Share | None:
    """Change what is said of a transfer; None if there is none."""
    return await _changing.change(database, scope, id_, change, announce, _is("transfer"))


async def change_return(
    database: Database,
    scope: Scope,
    share: str,
    id_: str,
    change: Change[ShareReturn],
    announce: Announce[ShareReturn] = nothing,
) -> ShareReturn | None:
    """Change the metadata of what came back of a share; None if there is none."""
    return await _changing_returns.change(database, scope, id_, change, announce, share_returns.c.share == share)


def _is(kind: Kind) -> ColumnElement[bool]:
    return shares.c.kind == kind


def share_of_row(row: Row | dict[str, Any]) -> Share:
    """The share of a row of the table."""
    return Share(**{name: row[name] for name in _SHARE})


def return_of_row(row: Row | dict[str, Any]) -> ShareReturn:
    """What came back, of a row of the table."""
    return ShareReturn(**{name: row[name] for name in _RETURN})


def _said(share: Share) -> JsonObject:
    return {"metadata": share.metadata, "description": share.description}


_changing = Changing(shares, share_of_row, _said)
_changing_returns = Changing(share_returns, return_of_row, lambda back: {"metadata": back.metadata})
