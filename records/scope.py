"""Whose rows, and which page of them: what every query of records/ starts from."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    func,
    select,
    tuple_,
)

from domain.model.hashes import JsonObject
from records.database import Database, Prepared, Row


@dataclass(frozen=True, slots=True)
class Scope:
    """An account in live or in test mode. No row outside it is ever found."""

    account: str
    livemode: bool

    def owns(self, table: FromClause) -> ColumnElement[bool]:
        """The condition that keeps a query inside."""
        return (table.c.account == self.account) & (table.c.livemode == self.livemode)


COUNTED_MAX = 1_000_000
"""How many a list has in all is exact up to here, and stops here: a tenth of a second of PostgreSQL's."""


@dataclass(slots=True)
class Total:
    """How many objects a list has in all, whatever page of it is shown: written down by whoever finds the page."""

    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Which page: `limit` objects after, or before, an object by id; newest first either way."""

    limit: int = 10
    starting_after: str | None = None
    ending_before: str | None = None
    total: Total | None = None
    """Set if it is to be counted too."""

    @property
    def named(self) -> str | None:
        """By which of the two an object is named, if one is."""
        return "ending_before" if self.ending_before else "starting_after" if self.starting_after else None


Place = tuple[int, int]
"""Where an object is in a list: when it was created, and its number among those of its table."""


class CursorNotFound(LookupError):
    """The object a cursor names does not exist here. `param` is the cursor's name, `id` the object's."""

    def __init__(self, param: str, id_: str) -> None:
        """Say which cursor."""
        super().__init__(id_)
        self.param, self.id = param, id_


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and whether there are more in the direction of travel."""

    rows: Sequence[Row]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """Bounds on `created`, Unix seconds; None is no bound."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def holds(self, table: FromClause) -> list[ColumnElement[bool]]:
        """The conditions on a row, one for each bound."""
        column = table.c.created
        bounds = (
            (self.gt, column.__gt__),
            (self.gte, column.__ge__),
            (self.lt, column.__lt__),
            (self.lte, column.__le__),
        )
        return [compare(bound) for bound, compare in bounds if bound is not None]


def matching(table: FromClause, **wanted: Any) -> list[ColumnElement[bool]]:
    """A condition for each column that is wanted to have a value; None is not wanted."""
    return [table.c[name] == value for name, value in wanted.items() if value is not None]


class Lookup:
    """Rows of a table by their ids. Those that are looked for at the same moment are looked for in one statement.

    Two that look for one row are handed the same: nobody changes what is in a row.
    """

    def __init__(self, table: Table, *columns: ColumnElement[Any]) -> None:
        """Whole rows, or their ids and these columns."""
        query = select(*dict.fromkeys((table.c.id, *(columns or table.c))))
        # Not by `=`, which an index may serve: while a table is empty, one over the account looks as good to
        # PostgreSQL as that over the ids, and a plan is kept for as long as its connection.
        mine = (table.c[name].is_not_distinct_from(bindparam(name)) for name in ("account", "livemode"))
        query = query.where(*mine)
        # A statement of its own for a single id: PostgreSQL plans it once, and one with an array each time.
        self._one = Prepared(query.where(table.c.id == bindparam("id")))
        self._several = Prepared(query.where(table.c.id == any_(bindparam("ids", type_=ARRAY(Text)))))

    async def find(self, database: Database, scope: Scope, id_: str) -> Row | None:
        """The row with this id, if `scope` owns it."""
        row: Row | None = await database.load(self._load, (scope, id_))
        return row

    async def _load(self, database: Database, keys: list[tuple[Scope, str]]) -> list[Row | None]:
        wanted: dict[Scope, list[str]] = {}
        for scope, id_ in keys:
            wanted.setdefault(scope, []).append(id_)
        found = await asyncio.gather(*(self._rows(database, scope, ids) for scope, ids in wanted.items()))
        rows = {(scope, row.id): row for scope, mine in zip(wanted, found, strict=True) for row in mine}
        return [rows.get(key) for key in keys]

    async def _rows(self, database: Database, scope: Scope, ids: list[str]) -> list[Row]:
        mine = {"account": scope.account, "livemode": scope.livemode}
        if len(ids) == 1:
            return await database.execute(self._one, mine | {"id": ids[0]})
        return await database.execute(self._several, mine | {"ids": ids})


@cache
def _lookup(table: Table, columns: tuple[str, ...]) -> Lookup:
    return Lookup(table, *(table.c[name] for name in columns))


async def one(database: Database, table: Table, scope: Scope, id_: str, *columns: str) -> Row | None:
    """The row with this id, if `scope` owns it; all of it, or only the named columns."""
    return await _lookup(table, columns).find(database, scope, id_)


async def page(
    database: Database,
    table: FromClause,
    scope: Scope,
    cursor: Cursor,
    *conditions: ColumnElement[bool],
    columns: tuple[str, ...] = (),
) -> Page:
    """One page of the rows of `table` that `scope` owns and for which all conditions hold; or only these columns."""
    named = cursor.named
    place = None
    if named is not None:
        place = await place_of(database, table, scope, getattr(cursor, named))
        if place is None:
            raise CursorNotFound(named, getattr(cursor, named))
    return await page_at(database, table, scope, cursor, place, *conditions, columns=columns)


async def page_at(
    database: Database,
    table: FromClause,
    scope: Scope,
    cursor: Cursor,
    place: Place | None,
    *conditions: ColumnElement[bool],
    columns: tuple[str, ...] = (),
) -> Page:
    """The same, of which the cursor names this place; None if it names none."""
    named = cursor.named
    values: JsonObject = {"account": scope.account, "livemode": scope.livemode, "most": cursor.limit + 1}
    if place is not None:
        values |= {"created_there": place[0], "seq_there": place[1]}
    if conditions or not isinstance(table, Table):
        rows = await database.execute(_paging(table, named, columns).where(*conditions), values)
    else:
        rows = await database.execute(_plain(table, named, columns), values)
    if cursor.total is not None:
        cursor.total.rows = await _count(database, table, scope, conditions)
    has_more, rows = len(rows) > cursor.limit, rows[: cursor.limit]
    return Page(rows[::-1] if cursor.ending_before else rows, has_more)


async def _count(database: Database, table: FromClause, scope: Scope, conditions: Sequence[ColumnElement[bool]]) -> int:
    some = select(table.c.id).where(scope.owns(table), *conditions).limit(COUNTED_MAX).subquery()
    return int((await database.execute(select(func.count()).select_from(some)))[0][0])


async def newest_of_each(
    database: Database, table: Table, scope: Scope, column: str, ids: Sequence[str], most: int
) -> dict[str, tuple[list[Row], int]]:
    """The newest rows for each value of a column, newest first, at most so many; and how many there are."""
    each = table.c[column]
    newest = (table.c.created.desc(), table.c.seq.desc())
    place = func.row_number().over(partition_by=each, order_by=newest).label("place")
    total = func.count().over(partition_by=each).label("total")
    every = select(*table.c, total, place).where(scope.owns(table), each.in_(ids)).subquery()
    query = select(every).where(every.c.place <= most).order_by(every.c[column], every.c.place)
    found: dict[str, tuple[list[Row], int]] = {}
    for row in await database.execute(query):
        found.setdefault(getattr(row, column), ([], row.total))[0].append(row)
    return found


async def named_by(database: Database, table: Table, scope: Scope, column: str, ids: Sequence[str]) -> dict[str, str]:
    """What a column of these rows names, by their id; who has nothing in it is not in the answer."""
    named = table.c[column]
    query = select(table.c.id, named.label("named")).where(scope.owns(table), table.c.id.in_(ids), named.isnot(None))
    return {row.id: row.named for row in await database.execute(query)}


@cache
def _plain(table: Table, named: str | None, columns: tuple[str, ...]) -> Prepared:
    """Lists that nothing is asked of are most of them."""
    return Prepared(_paging(table, named, columns))


def _paging(table: FromClause, named: str | None, columns: tuple[str, ...]) -> Select[Any]:
    position = tuple_(table.c.created, table.c.seq)
    here = tuple_(_given("created_there"), _given("seq_there"))
    mine = (table.c[name] == _given(name, None) for name in ("account", "livemode"))
    query = select(*(table.c[name] for name in columns or table.c.keys())).where(*mine).limit(_given("most"))
    if named == "ending_before":
        return query.where(position > here).order_by(table.c.created, table.c.seq)
    if named == "starting_after":
        query = query.where(position < here)
    return query.order_by(table.c.created.desc(), table.c.seq.desc())


def _given(name: str, type_: type[BigInteger] | None = BigInteger) -> BindParameter[Any]:
    # Not required: SQLAlchemy looks for values while it makes parameters of lists in other conditions.
    return bindparam(name, type_=type_, required=False)


async def place_of(database: Database, table: FromClause, scope: Scope, id_: str) -> Place | None:
    """Where an object is in a list of `table`; None if it is not there."""
    # Without the other conditions: an object that has left the filter since the last page is still a place in the list.
    here = select(table.c.created, table.c.seq).where(scope.owns(table), table.c.id == id_)
    rows = await database.execute(here)
    return (rows[0].created, rows[0].seq) if rows else None
