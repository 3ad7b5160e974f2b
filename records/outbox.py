"""The outbox: deliveries that are to be made, what making one takes, and what became of each try."""

from dataclasses import replace

from sqlalchemy import bindparam, select, text, tuple_, update

from domain.model.hashes import JsonObject
from domain.webhooks import EXCERPT_CHARACTERS_MAX, SigningSecret
from records import events
from records.base import Attempt, Delivery, Dispatch
from records.database import Database, Prepared
from records.tables import deliveries as table
from records.tables import events as event_table
from records.tables import webhook_endpoints

_WAITING = Prepared(
    select(table.c.event, table.c.endpoint, table.c.attempts, table.c.resend)
    .where(table.c.state == "pending", ~table.c.listener)
    .order_by(table.c.seq)
    .limit(bindparam("most"))
)

_DELIVERY = Prepared(
    select(
        event_table,
        events.pending_count(event_table.c.id).label("pending"),
        webhook_endpoints.c.url,
        webhook_endpoints.c.enabled,
        webhook_endpoints.c.secrets,
        webhook_endpoints.c.connect,
        webhook_endpoints.c.api_version.label("endpoint_version"),
        table.c.state,
        table.c.attempts,
        table.c.body,
    )
    .join(table, table.c.event == event_table.c.id)
    .join(webhook_endpoints, webhook_endpoints.c.id == table.c.endpoint)
    # Not required, for SQLAlchemy: it looks for their values while it makes parameters of the states that are counted.
    .where(table.c.event == bindparam("of_event", required=False), table.c.endpoint == bindparam("to", required=False))
)

_FREEZE = Prepared(
    text(
        "UPDATE deliveries SET body = coalesce(body, :body) WHERE event = :event AND endpoint = :endpoint "
        "RETURNING body"
    )
)

_ATTEMPTED = Prepared(
    text(
        """
    WITH attempt AS (
        INSERT INTO delivery_attempts (event, endpoint, number, created, status, latency_ms, excerpt, error)
        SELECT event, endpoint, :number, :created, :status, :latency_ms, :excerpt, :error
        FROM deliveries WHERE event = :event AND endpoint = :endpoint
        ON CONFLICT DO NOTHING
    )
    UPDATE deliveries SET state = :state, due = :due, attempts = greatest(attempts, :number)
    WHERE event = :event AND endpoint = :endpoint
    """
    )
)


class PostgresOutbox:
    """Reads and writes deliveries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, limit: int) -> list[Dispatch]:
        """The oldest that nobody sees to."""
        return [Dispatch(**row) for row in await self._database.execute(_WAITING, {"most": limit})]

    async def dispatched(self, dispatches: list[Dispatch]) -> None:
        """They are under way now, unless they have ended already."""
        these = tuple_(table.c.event, table.c.endpoint).in_([(d.event, d.endpoint) for d in dispatches])
        changed = update(table).where(these, table.c.state == "pending").values(state="under_way", resend=False)
        await self._database.execute(changed)

    async def load(self, event: str, endpoint: str) -> Delivery | None:
        """One delivery, with its event and its endpoint."""
        rows = await self._database.execute(_DELIVERY, {"of_event": event, "to": endpoint})
        if not rows:
            return None
        row = rows[0]
        return Delivery(
            event=replace(events.stored(row, row.pending), connected=row.connect),
            endpoint=endpoint,
            url=row.url,
            enabled=row.enabled,
            state=row.state,
            attempts=row.attempts,
            api_version=row.endpoint_version,
            body=row.body,
            secrets=load_secrets(row.secrets),
        )

    async def freeze(self, event: str, endpoint: str, body: bytes) -> bytes:
        """Keep the body; the one that was kept first is the answer."""
        rows = await self._database.execute(_FREEZE, {"event": event, "endpoint": endpoint, "body": body})
        return bytes(rows[0].body) if rows else body

    async def attempted(self, event: str, endpoint: str, attempt: Attempt, state: str, due: int | None) -> None:
        """Write a try down, and how the delivery stands after it."""
        values: JsonObject = {
            "event": event,
            "endpoint": endpoint,
            "number": attempt.number,
            "created": attempt.created,
            "status": attempt.status,
            "latency_ms": attempt.latency_ms,
            "excerpt": storable(attempt.excerpt),
            "error": storable(attempt.error),
            "state": state,
            "due": due,
        }
        await self._database.execute(_ATTEMPTED, values)

    async def end(self, event: str, endpoint: str, state: str) -> None:
        """Write down how a delivery ended without another try."""
        mine = (table.c.event == event) & (table.c.endpoint == endpoint)
        await self._database.execute(update(table).where(mine).values(state=state, due=None))


def storable(value: str | None) -> str | None:
    """Text that PostgreSQL takes."""
    if value is None:
        return None
    return value.encode(errors="replace").decode().replace("\x00", "")[:EXCERPT_CHARACTERS_MAX]


def load_secrets(data: list[JsonObject]) -> tuple[SigningSecret, ...]:
    """Signing secrets as they were written."""
    return tuple(SigningSecret(**item) for item in data)


async def acknowledge(database: Database, endpoint: str, taken: list[str]) -> None:
    """A listener has these events, and does not need them again."""
    mine = (table.c.endpoint == endpoint) & table.c.event.in_(taken)
    await database.execute(update(table).where(mine).values(state="delivered"))
