"""Searching PaymentIntents: a checked query becomes SQL. It reads the record itself, so it sees what was just written.

Every clause is answered by an index (tables.py); the figures are in docs/decisions/0009.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, and_, cast, func, literal_column, not_, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from domain.limits import INTEGER_MAX
from domain.payment_intent import PaymentIntent
from records.codec import load_intent
from records.database import Database
from records.scope import Scope
from records.tables import payment_intents as table

_METADATA = literal_column("(payment_intents.data -> 'metadata')", JSONB)
"""Spelled as in the index. `table.c.data["metadata"]` would send the key as a parameter, and a plan made for any
parameter cannot use it: 36 ms instead of 1 with 20,000 intents."""

COUNTED_MAX = 10_000
"""`total_count` is exact up to here, and stops here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One condition. `key` is metadata's; a `value` of None asks for absence."""

    field: str
    operator: str
    value: str | int | None
    key: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """All of the clauses, or with `any_of` at least one."""

    clauses: tuple[Clause, ...]
    any_of: bool = False

    def fingerprint(self) -> str:
        """Equal for equal searches; a page token belongs to one."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


class PageNotFound(LookupError):
    """The page token is none of ours, or belongs to another search."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page, newest first, and the token of the next one, if there is one."""

    intents: list[PaymentIntent]
    next_page: str | None


async def find(database: Database, scope: Scope, search: Search, limit: int, page: str | None) -> Found:
    """One page of what matches.

    Raises:
        PageNotFound: see there.
    """
    rows = await database.execute(statement(scope, search, limit, page))
    shown = rows[:limit]
    more = len(rows) > limit
    token = _token(shown[-1].created, shown[-1].seq, search) if more else None
    return Found([load_intent(row.data) for row in shown], token)


def statement(scope: Scope, search: Search, limit: int, page: str | None) -> Select[Any]:
    """What is asked of the database: one row more than the page holds."""
    position = tuple_(table.c.created, table.c.seq)
    query = select(table.c.data, table.c.created, table.c.seq).where(scope.owns(table), _matches(search))
    if page is not None:
        query = query.where(position < _position(page, search))
    return query.order_by(table.c.created.desc(), table.c.seq.desc()).limit(limit + 1)


async def count(database: Database, scope: Scope, search: Search) -> int:
    """How many match, up to `COUNTED_MAX`."""
    some = select(table.c.id).where(scope.owns(table), _matches(search)).limit(COUNTED_MAX).subquery()
    rows = await database.execute(select(func.count()).select_from(some))
    return int(rows[0][0])


def _matches(search: Search) -> ColumnElement[bool]:
    conditions = [_condition(clause) for clause in search.clauses]
    return or_(*conditions) if search.any_of else and_(*conditions)


def _condition(clause: Clause) -> ColumnElement[bool]:
    found = _metadata(clause) if clause.field == "metadata" else _column(clause)
    return not_(found) if clause.negated else found


def _metadata(clause: Clause) -> ColumnElement[bool]:
    if clause.value is None:
        present: ColumnElement[bool] = _METADATA.has_key(clause.key)
        return not_(present)
    pair = cast({clause.key: str(clause.value)}, JSONB)
    found: ColumnElement[bool] = _METADATA.contains(pair)
    return found


def _column(clause: Clause) -> ColumnElement[bool]:
    column: ColumnElement[object] = table.c[clause.field]
    if clause.field == "customer":
        if clause.value is None:
            return column.is_(None)
        return column.is_not_distinct_from(clause.value) if clause.negated else column == clause.value
    if clause.field in ("amount", "created"):
        number = int(clause.value or 0)
        match clause.operator:
            case ">":
                return column > number
            case "<":
                return column < number
            case ">=":
                return column >= number
            case "<=":
                return column <= number
            case _:
                return column == number
    return column == str(clause.value).lower()


def _token(created: int, seq: int, search: Search) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([created, seq, search.fingerprint()])).decode()


def _position(token: str, search: Search) -> tuple[int, int]:
    try:
        created, seq, fingerprint = orjson.loads(base64.urlsafe_b64decode(token.encode()))
        if fingerprint != search.fingerprint():
            raise PageNotFound(token)
        position = int(created), int(seq)
    except (binascii.Error, OverflowError, TypeError, ValueError) as error:
        raise PageNotFound(token) from error
    if not all(0 <= part <= INTEGER_MAX for part in position):
        raise PageNotFound(token)
    return position
