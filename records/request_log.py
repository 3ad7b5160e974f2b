"""The request log: a row for each request of an account, kept for as long as somebody says.

Written in batches beside the requests (api/dialect/request_log.py), and nothing refers to it: a row that is lost is a
line that nobody can read, and no fault of a payment's. What is in a body was masked before it comes here.
Both bodies are one value, packed (packing.py): they are most of a row, and say the same things again and again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    all_,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from domain.model.hashes import JsonObject
from records import packing
from records.database import Database, Prepared, Row
from records.scope import Created, Cursor, Scope, matching, one, page
from records.tables import metadata, newest

table = Table(
    "request_log",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("api_version", Text),
    # As people recognise it: how it begins and how it ends.
    Column("key", Text, nullable=False),
    Column("key_kind", Text, nullable=False),
    Column("idempotency_key", Text),
    # Whose answer it was given, if its Idempotency-Key had been used before.
    Column("original_request", Text),
    Column("error_type", Text),
    Column("error_code", Text),
    Column("decline_code", Text),
    Column("error_message", Text),
    Column("object_id", Text),
    Column("payment_intent", Text),
    Column("request_bytes", Integer, nullable=False),
    Column("response_bytes", Integer, nullable=False),
    # As JSON, of rows that an older release has written; null in all others.
    Column("request", Text),
    Column("response", Text),
    # What `packed_bodies` makes; null where neither is kept.
    Column("bodies", LargeBinary),
    newest("request_log"),
    Index("request_log_created", "created", postgresql_using="brin"),
)
Index(
    "request_log_failed", *(table.c[name] for name in ("account", "livemode", "created", "seq")),
    postgresql_where=table.c.status >= 400,
)  # fmt: skip
Index("request_log_object", table.c.object_id, postgresql_where=table.c.object_id.is_not(None))
Index("request_log_payment", table.c.payment_intent, postgresql_where=table.c.payment_intent.is_not(None))

DAY_SECONDS = 86_400
FORGOTTEN_AT_ONCE = 5_000
"""Rows that one statement deletes: about 50 ms, and no lock that a request waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request, as it is kept. `created` is in Unix seconds; `bodies` are masked, and packed (`packed_bodies`)."""

    id: str
    account: str
    livemode: bool
    created: int
    method: str
    path: str
    operation: str
    status: int
    duration_ms: int
    api_version: str | None
    key: str
    key_kind: str
    idempotency_key: str | None
    original_request: str | None
    error_type: str | None
    error_code: str | None
    decline_code: str | None
    error_message: str | None
    object_id: str | None
    payment_intent: str | None
    request_bytes: int
    response_bytes: int
    bodies: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which requests to list; None is any. `statuses` are a range, both ends included; `path` is how it begins."""

    method: str | None = None
    statuses: tuple[int, int] | None = None
    operation: str | None = None
    object: str | None = None
    idempotency_key: str | None = None
    error_code: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Which requests to follow. Of each of `statuses`, one of the ranges has to hold; none of the others is any."""

    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    statuses: tuple[tuple[tuple[int, int], ...], ...] = ()
    nothing: bool = False


NAMES = tuple(field.name for field in fields(LoggedRequest))
BODIES = ("request", "response")
_LISTED = select(*(each for each in table.c if each.name not in (*BODIES, "bodies"))).subquery("listed")
"""Without bodies, which nobody wants a hundred of."""


def _array(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=ARRAY(table.c[name].type))


_ROWS = func.unnest(*map(_array, NAMES)).table_valued(*NAMES).render_derived("rows")
_WRITE = Prepared(insert(table).from_select(NAMES, select(*_ROWS.c)).on_conflict_do_nothing())
"""All rows of a batch, as an array for each column: one statement, whose text is always the same."""

_FORGET = Prepared(
    table.delete()
    .where(table.c.id.in_(select(table.c.id).where(table.c.created < bindparam("before")).limit(FORGOTTEN_AT_ONCE)))
    .returning(table.c.id)
)


def packed_bodies(request: bytes | None, response: bytes | None) -> bytes | None:
    """Both, each JSON or not to be kept, as one value."""
    if request is None and response is None:
        return None
    return packing.pack(b'{"request":%b,"response":%b}' % (request or b"null", response or b"null"))


def bodies_of(row: Row) -> JsonObject:
    """By name, what was sent and what was answered, as JSON has it; None where it is not kept."""
    if row.bodies is not None:
        both: JsonObject = orjson.loads(packing.unpack(row.bodies) or b"{}")
        return {name: both.get(name) for name in BODIES}
    return {name: orjson.loads(text) if (text := getattr(row, name)) else None for name in BODIES}


async def write(database: Database, requests: Sequence[LoggedRequest]) -> None:
    """Keep them. Safe to repeat: one that is there stays as it is."""
    await database.execute(_WRITE, {name: [getattr(each, name) for each in requests] for name in NAMES})


async def load(database: Database, scope: Scope, id_: str) -> Row | None:
    """One request, with its bodies."""
    return await one(database, table, scope, id_)


async def list_newest(
    database: Database, scope: Scope, cursor: Cursor, created: Created, wanted: Wanted
) -> tuple[Sequence[Row], bool]:
    """A page of them, newest first, without bodies; and whether there are more."""
    found = await page(database, _LISTED, scope, cursor, *created.holds(_LISTED), *_holds(wanted))
    return found.rows, found.has_more


async def tail(
    database: Database, scope: Scope, since: int, wanted: Tail, shown: Sequence[str], most: int
) -> Sequence[Row]:
    """The oldest requests since then (Unix seconds) that are not `shown` yet, without bodies."""
    if wanted.nothing:
        return []
    listed = _LISTED.c
    conditions = [scope.owns(_LISTED), listed.created >= since, listed.id != all_(cast(list(shown), ARRAY(Text)))]
    if wanted.methods:
        conditions.append(listed.method.in_(wanted.methods))
    if wanted.paths:
        conditions.append(listed.path.in_(wanted.paths))
    conditions += [or_(*(listed.status.between(*each) for each in some)) for some in wanted.statuses]
    query = select(_LISTED).where(*conditions).order_by(listed.created, listed.seq).limit(most)
    return await database.execute(query)


def _holds(wanted: Wanted) -> list[ColumnElement[bool]]:
    exact = matching(_LISTED, method=wanted.method, operation=wanted.operation, idempotency_key=wanted.idempotency_key)
    if wanted.statuses is not None:
        # Said twice where it can be: so PostgreSQL sees that the index of failures has them all.
        least, most = wanted.statuses
        exact += [_LISTED.c.status.between(least, most), *([_LISTED.c.status >= 400] if least >= 400 else [])]
    if wanted.object is not None:
        exact.append(or_(_LISTED.c.object_id == wanted.object, _LISTED.c.payment_intent == wanted.object))
    if wanted.error_code is not None:
        code = or_(_LISTED.c.error_code == wanted.error_code, _LISTED.c.decline_code == wanted.error_code)
        exact.append(and_(_LISTED.c.status >= 400, code))
    if wanted.path is not None:
        exact.append(_LISTED.c.path.startswith(wanted.path, autoescape=True))
    return exact


async def forget(database: Database, days: int, now: int) -> tuple[int, bool]:
    """Delete some of what is older than so many days at `now` (Unix seconds): how many, and whether there is more."""
    deleted = len(await database.execute(_FORGET, {"before": now - days * DAY_SECONDS}))
    return deleted, deleted == FORGOTTEN_AT_ONCE
