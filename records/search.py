"""Searching: a checked query becomes SQL. It reads the record itself, so it sees what was just written.

Of PaymentIntents every clause is answered by an index (tables.py); the figures are in docs/decisions/0009. Charges and
customers are looked through newest first, but for customers' e-mail addresses and metadata.

Text is equal however its letters are written, as docs.stripe.com/search has it. PostgreSQL makes them small on both
sides: what is small to Python may not be to it.
"""

import base64
import binascii
import hashlib
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    cast,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.machine.limits import INTEGER_MAX
from records.database import Database, Row
from records.scope import Scope
from records.tables import charges, customers
from records.tables import payment_intents as intents

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
    """A page of rows, newest first, and the token of the next one, if there is one."""

    rows: Sequence[Row]
    next_page: str | None


Kind = Literal["number", "id", "word", "text", "flag"]
"""A number is compared, an id is exact, a word is written small, a text however it is written, a flag is true or
false."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What can be searched: a table, its fields, and which of its rows there are."""

    table: Table
    fields: dict[str, tuple[Kind, ColumnElement[Any]]]
    there: ColumnElement[bool] = field(default_factory=true)
    stored_metadata: str = ""
    """SQL for what holds the metadata, where that is not the row's `data`."""

    @property
    def metadata(self) -> ColumnElement[Any]:
        """Spelled as in the index.

        `table.c.data["metadata"]` would send the key as a parameter, and a plan made for any parameter cannot use it:
        36 ms instead of 1 with 20,000 intents.
        """
        return literal_column(f"small_values({self.stored_metadata or f'{self.table.name}.data'} -> 'metadata')", JSONB)


def _inside(table: Table, *path: str) -> ColumnElement[Any]:
    found: ColumnElement[Any] = table.c.data[path].astext
    return found


_CARD = ("payment_method", "card")

INTENTS = Searched(
    intents,
    {
        "amount": ("number", intents.c.amount),
        "created": ("number", intents.c.created),
        "currency": ("word", intents.c.currency),
        "customer": ("id", intents.c.customer),
        "status": ("word", intents.c.status),
    },
)
CHARGES = Searched(
    charges,
    {
        "amount": ("number", charges.c.amount),
        "created": ("number", charges.c.created),
        "currency": ("word", _inside(charges, "currency")),
        "customer": ("id", charges.c.customer),
        "disputed": ("flag", func.coalesce(func.jsonb_typeof(charges.c.data["dispute"]), "null") != "null"),
        "payment_method_details.card.brand": ("word", _inside(charges, *_CARD, "brand")),
        "payment_method_details.card.exp_month": ("number", cast(_inside(charges, *_CARD, "exp_month"), BigInteger)),
        "payment_method_details.card.exp_year": ("number", cast(_inside(charges, *_CARD, "exp_year"), BigInteger)),
        "payment_method_details.card.fingerprint": ("id", _inside(charges, *_CARD, "fingerprint")),
        "payment_method_details.card.last4": ("id", _inside(charges, *_CARD, "last4")),
        "refunded": ("flag", charges.c.amount_refunded == charges.c.amount),
        "status": ("word", charges.c.status),
    },
    stored_metadata="COALESCE(charges.changes, charges.data)",
)
CUSTOMERS = Searched(
    customers,
    {
        "created": ("number", customers.c.created),
        "email": ("text", customers.c.email),
        "name": ("text", _inside(customers, "name")),
        "phone": ("text", _inside(customers, "phone")),
    },
    ~customers.c.deleted,
)
"""docs.stripe.com/search#query-fields-for-charges, -customers, -payment-intents."""


async def find(
    database: Database, scope: Scope, searched: Searched, search: Search, limit: int, page: str | None
) -> Found:
    """One page of what matches.

    Raises:
        PageNotFound: see there.
    """
    rows = await database.execute(statement(scope, searched, search, limit, page))
    shown = rows[:limit]
    more = len(rows) > limit
    return Found(shown, _token(shown[-1].created, shown[-1].seq, search) if more else None)


def statement(scope: Scope, searched: Searched, search: Search, limit: int, page: str | None) -> Select[Any]:
    """What is asked of the database: one row more than the page holds."""
    table = searched.table
    position = tuple_(table.c.created, table.c.seq)
    query = select(table).where(scope.owns(table), searched.there, matches(searched, search))
    if page is not None:
        query = query.where(position < _position(page, search))
    return query.order_by(table.c.created.desc(), table.c.seq.desc()).limit(limit + 1)


async def count(database: Database, scope: Scope, searched: Searched, search: Search) -> int:
    """How many match, up to `COUNTED_MAX`."""
    table = searched.table
    some = select(table.c.id).where(scope.owns(table), searched.there, matches(searched, search))
    rows = await database.execute(select(func.count()).select_from(some.limit(COUNTED_MAX).subquery()))
    return int(rows[0][0])


def matches(searched: Searched, search: Search) -> ColumnElement[bool]:
    """The condition that a row matches the query."""
    conditions = [_condition(searched, clause) for clause in search.clauses]
    return or_(*conditions) if search.any_of else and_(*conditions)


def _condition(searched: Searched, clause: Clause) -> ColumnElement[bool]:
    if clause.field == "metadata":
        return _metadata(searched, clause)
    kind, column = searched.fields[clause.field]
    found = column.is_(None) if clause.value is None else _compared(kind, column, clause)
    if not clause.negated:
        return found
    # What is not there is not equal to anything.
    return not_(func.coalesce(found, False)) if kind in ("id", "text") else not_(found)


def _metadata(searched: Searched, clause: Clause) -> ColumnElement[bool]:
    small = func.lower(cast(str(clause.value), Text))
    absent = clause.value is None
    found: ColumnElement[bool] = (
        searched.metadata.has_key(clause.key)
        if absent
        else searched.metadata.contains(func.jsonb_build_object(cast(clause.key, Text), small))
    )
    # What has no metadata at all has not this either.
    return found if absent == clause.negated else not_(func.coalesce(found, False))


def _compared(kind: Kind, column: ColumnElement[Any], clause: Clause) -> ColumnElement[bool]:
    match kind:
        case "number":
            compare: ColumnElement[bool] = COMPARE[clause.operator](column, int(clause.value or 0))
            return compare
        case "id":
            return column == str(clause.value)
        case "flag":
            return column if str(clause.value).lower() == "true" else not_(column)
        case "word":
            return column == str(clause.value).lower()
    small = func.lower(cast(str(clause.value), Text))
    return func.strpos(func.lower(column), small) > 0 if clause.operator == "~" else func.lower(column) == small


COMPARE: dict[str, Callable[[Any, int], Any]] = {
    ":": operator.eq, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip


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
