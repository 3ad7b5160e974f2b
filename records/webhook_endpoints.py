"""Webhook endpoints, which are sent events, and listeners, which ask for them. Deliveries are outbox.py."""

from dataclasses import asdict, dataclass, field

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import Insert, insert

from domain.model.hashes import JsonObject
from domain.webhooks import SigningSecret
from records import events
from records.base import StoredEvent
from records.changing import Change, Changing, nothing
from records.cli_tables import cli_sessions
from records.database import Database, Row, Transaction
from records.outbox import load_secrets
from records.scope import Created, Cursor, Page, Scope
from records.scope import page as page_of
from records.tables import accounts, deliveries, delivery_attempts
from records.tables import events as event_table
from records.tables import webhook_endpoints as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where events go. A listener has a `name` in place of a `url`."""

    id: str
    account: str
    livemode: bool
    created: int
    enabled_events: tuple[str, ...]
    secrets: tuple[SigningSecret, ...] = field(repr=False)
    url: str | None = None
    name: str | None = None
    enabled: bool = True
    api_version: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    connect: bool = False
    """It is told of connected accounts, instead of its own."""
    and_connected: bool = False
    """It is told of connected accounts, besides its own."""

    @property
    def listener(self) -> bool:
        """Whether it asks for its events."""
        return self.url is None


def _row(endpoint: Endpoint) -> JsonObject:
    return {
        "id": endpoint.id,
        "account": endpoint.account,
        "livemode": endpoint.livemode,
        "created": endpoint.created,
        "listener": endpoint.listener,
        "url": endpoint.url,
        "name": endpoint.name,
        "enabled": endpoint.enabled,
        "enabled_events": list(endpoint.enabled_events),
        "api_version": endpoint.api_version,
        "description": endpoint.description,
        "metadata": endpoint.metadata,
        "connect": endpoint.connect,
        "and_connected": endpoint.and_connected,
        "secrets": [asdict(secret) for secret in endpoint.secrets],
    }


async def add(database: Database, endpoint: Endpoint, most: int | None = None) -> bool:
    """Write a new one; a second write of the same id, or of the same listener's name, changes nothing.

    False if its account has `most` endpoints already. Those of one account are made one after the other.
    """
    scope = Scope(endpoint.account, endpoint.livemode)

    async def work(transaction: Transaction) -> bool:
        account = select(accounts.c.id).where(accounts.c.id == endpoint.account)
        await transaction.execute(account.with_for_update(key_share=True))
        others = scope.owns(table) & ~table.c.listener & (table.c.id != endpoint.id)
        counted = await transaction.execute(select(func.count()).select_from(table).where(others))
        if most is not None and counted[0][0] >= most:
            return False
        await transaction.execute(insertion(endpoint))
        return True

    return await database.atomically(work)


def insertion(endpoint: Endpoint) -> Insert:
    """What writes it, in somebody's transaction."""
    return insert(table).values(_row(endpoint)).on_conflict_do_nothing()


async def load(database: Database, scope: Scope, id_: str, *, listener: bool = False) -> Endpoint | None:
    """One of them."""
    mine = scope.owns(table) & (table.c.id == id_) & (table.c.listener == listener)
    rows = await database.execute(select(table).where(mine))
    return _endpoint(rows[0]) if rows else None


async def listener_named(database: Database, scope: Scope, name: str) -> Endpoint | None:
    """The listener of this name."""
    rows = await database.execute(select(table).where(scope.owns(table), table.c.listener, table.c.name == name))
    return _endpoint(rows[0]) if rows else None


async def change(
    database: Database, scope: Scope, id_: str, change: Change[Endpoint], *, listener: bool = False
) -> Endpoint | None:
    """Change one of them; None if there is none. No event tells of it, as at Stripe."""
    return await _changing.change(database, scope, id_, change, nothing, table.c.listener == listener)


async def delete(database: Database, scope: Scope, id_: str) -> None:
    """Delete it, and what it was still to be told."""
    await database.execute(delete_from(table).where(scope.owns(table), table.c.id == id_))


async def newest(database: Database, scope: Scope, cursor: Cursor, created: Created) -> tuple[list[Endpoint], bool]:
    """A page of endpoints, newest first, and whether there are more."""
    found = await page_of(database, table, scope, cursor, ~table.c.listener, *created.holds(table))
    return [_endpoint(row) for row in found.rows], found.has_more


async def deliveries_of(
    database: Database, scope: Scope, endpoint: str, cursor: Cursor, state: str | None, event: str | None
) -> Page:
    """A page of an endpoint's deliveries, newest first; `id` is the event's, which also is the cursor."""
    d, e = deliveries, event_table
    joined = (
        # Whose the endpoint is: the events may be of accounts that are connected to it.
        select(d.c.event.label("id"), d.c.state, d.c.attempts, d.c.due, d.c.seq, e.c.type, e.c.created,
               table.c.account, table.c.livemode)
        .join(e, e.c.id == d.c.event)
        .join(table, table.c.id == d.c.endpoint)
        .where(scope.owns(table), d.c.endpoint == endpoint)
        .subquery()
    )  # fmt: skip
    conditions = [] if state is None else [joined.c.state == state]
    if event is not None:
        conditions.append(joined.c.id == event)
    return await page_of(database, joined, scope, cursor, *conditions)


async def attempts_of(database: Database, endpoint: str, event_ids: list[str]) -> dict[str, list[Row]]:
    """Every try at the deliveries of these events to the endpoint, oldest first, by event."""
    t = delivery_attempts
    query = select(t).where(t.c.endpoint == endpoint, t.c.event.in_(event_ids)).order_by(t.c.event, t.c.number)
    found: dict[str, list[Row]] = {id_: [] for id_ in event_ids}
    for row in await database.execute(query):
        found[row.event].append(row)
    return found


def told_of(scope: Scope, platform: str | None) -> ColumnElement[bool]:
    """Which endpoints are told of an account, as far as whoever asks may know: the account's own.

    And, if its `platform` asks, those that this one has for connected accounts: an account's own key learns nothing of
    them.
    """
    told = (table.c.account == scope.account) & ~table.c.connect
    if platform is not None:
        told |= (table.c.account == platform) & (table.c.connect | table.c.and_connected)
    return (table.c.livemode == scope.livemode) & told


async def known_to(database: Database, scope: Scope, platform: str | None, id_: str) -> Endpoint | None:
    """An endpoint that is told of the account, if whoever asks may know of it."""
    rows = await database.execute(select(table).where(told_of(scope, platform), table.c.id == id_, ~table.c.listener))
    return _endpoint(rows[0]) if rows else None


async def resend(
    database: Database, scope: Scope, platform: str | None, event: StoredEvent, endpoint: str | None, now: int
) -> int:
    """Have an event delivered again: to one endpoint, or to all that are enabled and want it. How many that are.

    To those of a platform, if it is the `platform` that asks.

    Of listeners, to those of Stripe's CLI that are open: `stripe events resend` is said in the window beside one.
    """
    wanted = or_(table.c.enabled_events.contains(["*"]), table.c.enabled_events.contains([event.type]))
    held = exists().where(cli_sessions.c.endpoint == table.c.id, ~cli_sessions.c.ended, cli_sessions.c.expires > now)
    chosen = select(table.c.id, table.c.listener).where(told_of(scope, platform), table.c.enabled)
    if endpoint is None:
        chosen = chosen.where(wanted, or_(~table.c.listener, held))
    else:
        chosen = chosen.where(~table.c.listener, table.c.id == endpoint)
    found = await database.execute(chosen)
    for row in found:
        again = insert(deliveries).values(event=event.id, endpoint=row.id, listener=row.listener, resend=True)
        changed = {"state": "pending", "resend": True, "due": None}
        await database.execute(again.on_conflict_do_update(index_elements=["event", "endpoint"], set_=changed))
    return len(found)


async def owed_to(database: Database, endpoint: str, limit: int) -> list[StoredEvent]:
    """What a listener has not acknowledged, oldest first."""
    d, e = deliveries, event_table
    query = (
        select(e)
        .join(d, d.c.event == e.c.id)
        .where(d.c.endpoint == endpoint, d.c.state == "pending", d.c.listener)
        .order_by(d.c.seq)
        .limit(limit)
    )
    return [events.stored(row, 0) for row in await database.execute(query)]


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(
        id=row.id,
        account=row.account,
        livemode=row.livemode,
        created=row.created,
        enabled_events=tuple(row.enabled_events),
        secrets=load_secrets(row.secrets),
        url=row.url,
        name=row.name,
        enabled=row.enabled,
        api_version=row.api_version,
        description=row.description,
        metadata=row.metadata,
        connect=row.connect,
        and_connected=row.and_connected,
    )


_changing = Changing(table, _endpoint, _row)
