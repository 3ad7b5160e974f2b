"""Events: written in the very statement, or transaction, that changes what they tell of; and with each, its deliveries.

`data` holds the domain object as it was then (`object`), and where Stripe tells what has changed, the parts of it that
were different before (`before`). They are rendered when somebody looks; what is rendered never changes.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, bindparam, exists, false, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB

from contracts.names import API_VERSION
from domain.identifiers import request_event_id
from domain.machine.transitions import Cause
from domain.model.hashes import JsonObject
from records.base import StoredEvent
from records.database import Database, Row
from records.scope import Created, Cursor, Scope, page
from records.tables import deliveries
from records.tables import events as table

UNFINISHED = ("pending", "under_way")

ANNOUNCE = """
    event AS (
        INSERT INTO events (id, account, livemode, created, type, subject, object_id, request_id, idempotency_key, data,
                            api_version)
        SELECT e.id, e.account, e.livemode, e.created, e.type, e.subject, e.object_id, e.request_id, e.idempotency_key,
            {data}, coalesce((SELECT api_version FROM accounts WHERE id = e.account), e.api_version)
        FROM {guard} jsonb_to_recordset(:events) AS e (id text, account text, livemode boolean, created bigint,
            type text, subject text, object_id text, request_id text, idempotency_key text, data jsonb,
            api_version text)
        ON CONFLICT (id) DO NOTHING
        RETURNING id, account, livemode, type, seq
    ), delivery AS (
        INSERT INTO deliveries (event, endpoint, listener)
        SELECT e.id, w.id, w.listener FROM event AS e CROSS JOIN LATERAL (
            SELECT w.id, w.listener FROM webhook_endpoints AS w
            WHERE w.account = e.account AND NOT w.connect AND w.livemode = e.livemode AND w.enabled
            AND w.enabled_events && ARRAY['*', e.type]
            UNION ALL
            SELECT w.id, w.listener FROM connected_accounts AS c, webhook_endpoints AS w
            WHERE c.id = e.account AND c.livemode = e.livemode AND NOT c.deleted AND w.account = c.account
            AND (w.connect OR w.and_connected) AND w.livemode = e.livemode AND w.enabled
            AND w.enabled_events && ARRAY['*', e.type] OFFSET 0) AS w
        ORDER BY e.seq
        ON CONFLICT DO NOTHING
    )
"""
"""Part of a statement: write events, and a delivery for every endpoint that wants to know: of their account, and of the
platform that their account is connected to, if that has endpoints for it (`connect`, `and_connected`). `guard` is what
has to have been written for them to be true, as `name,`; `data` is what an event holds, `e.data` as it was given.

Endpoints are asked for event by event (`OFFSET 0` keeps it so): PostgreSQL plans a join for a hundred events, and reads
the endpoints of all accounts for the two or three that there are."""

_ANNOUNCE_ALONE = text(f"WITH {ANNOUNCE.format(guard='', data='e.data')} SELECT id FROM event").bindparams(  # noqa: S608
    bindparam("events", type_=JSONB)
)


NOBODY = Cause()


def event_row(
    *,
    id_: str,
    scope: Scope,
    created: int,
    type_: str,
    subject: str,
    object_id: str,
    snapshot: JsonObject,
    before: JsonObject | None = None,
    cause: Cause = NOBODY,
) -> JsonObject:
    """One event, for `:events`. `before` is the object as it was, where Stripe tells what has changed."""
    data: JsonObject = {"object": snapshot}
    if before is not None:
        names = sorted(before.keys() | snapshot.keys())
        data["before"] = {name: before.get(name) for name in names if before.get(name) != snapshot.get(name)}
    return {
        "id": id_,
        "account": scope.account,
        "livemode": scope.livemode,
        "created": created,
        "type": type_,
        "subject": subject,
        "object_id": object_id,
        "request_id": cause.request_id,
        "idempotency_key": cause.idempotency_key,
        "data": data,
        "api_version": API_VERSION,
    }


Announcement = TextClause
"""A statement that writes events, to be run with the change they tell of."""


class Announcer:
    """The events of one request that changes something outside a payment: customers, their methods, refunds' notes."""

    def __init__(self, scope: Scope, now: int, cause: Cause, seed: str) -> None:
        """`seed` is the request's: taken up again after a crash, it announces the same events under the same ids."""
        self._scope, self._now, self._cause, self._seed = scope, now, cause, seed

    def statement(
        self,
        type_: str,
        subject: str,
        object_id: str,
        snapshot: JsonObject,
        before: JsonObject | None = None,
    ) -> Announcement:
        """What to run in the transaction that makes the change."""
        row = event_row(
            id_=request_event_id(self._seed, type_, object_id),
            scope=self._scope,
            created=self._now,
            type_=type_,
            subject=subject,
            object_id=object_id,
            snapshot=snapshot,
            before=before,
            cause=self._cause,
        )
        return _ANNOUNCE_ALONE.bindparams(events=[row])


def pending_count(event_id: Any) -> Any:
    """How many endpoints have not taken it yet; a listener that is not there does not count."""
    owed = deliveries.alias()
    return (
        select(func.count())
        .select_from(owed)
        .where(owed.c.event == event_id, owed.c.state.in_(UNFINISHED), ~owed.c.listener)
        .scalar_subquery()
    )


async def load(database: Database, scope: Scope, id_: str) -> StoredEvent | None:
    """One event."""
    query = select(table, pending_count(table.c.id).label("pending")).where(scope.owns(table), table.c.id == id_)
    rows = await database.execute(query)
    return stored(rows[0], rows[0].pending) if rows else None


async def newest(
    database: Database,
    scope: Scope,
    cursor: Cursor,
    created: Created,
    types: tuple[str, ...] | None = None,
    delivered: bool | None = None,
) -> tuple[list[StoredEvent], bool]:
    """A page of events, newest first, and whether there are more.

    `types` may end in `*`; `delivered` asks for those that every endpoint has taken, or that some endpoint has not.
    """
    conditions: list[ColumnElement[bool]] = created.holds(table)
    if types is not None:
        conditions.append(or_(false(), *(_of_type(type_) for type_ in types)))
    if delivered is not None:
        owed = and_(deliveries.c.event == table.c.id, deliveries.c.state != "delivered", ~deliveries.c.listener)
        conditions.append(~exists().where(owed) if delivered else exists().where(owed))
    found = await page(database, table, scope, cursor, *conditions)
    if not found.rows:
        return [], found.has_more
    ids = [row.id for row in found.rows]
    counting = (
        select(deliveries.c.event, func.count().label("pending"))
        .where(deliveries.c.event.in_(ids), deliveries.c.state.in_(UNFINISHED), ~deliveries.c.listener)
        .group_by(deliveries.c.event)
    )
    pending = {row.event: row.pending for row in await database.execute(counting)}
    return [stored(row, pending.get(row.id, 0)) for row in found.rows], found.has_more


def _of_type(type_: str) -> ColumnElement[bool]:
    if type_.endswith("*"):
        return table.c.type.startswith(type_[:-1], autoescape=True)
    return table.c.type == type_


def stored(row: Row, pending: int) -> StoredEvent:
    """The event of a row of the table."""
    names = StoredEvent.__dataclass_fields__.keys() - {"pending", "connected"}
    return replace(StoredEvent(**{name: getattr(row, name) for name in names}), pending=pending)
