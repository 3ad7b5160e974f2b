"""Sessions of Stripe's CLI: a listener that ends by itself, or an ear for the request log.

A session is found by the SHA-256 of what opens it, at whichever API process; the connection that has it is in its row,
so that of two only the later one is told anything. One that nobody has held for a while, or that is a day old, has
ended: its listener wants nothing more, and is gone with all that it was told a day later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from domain.model.hashes import JsonObject
from records import events, webhook_endpoints
from records.accounts import hash_key
from records.base import StoredEvent
from records.cli_tables import cli_devices, cli_sessions
from records.database import Database, Prepared, Row, Transaction
from records.outbox import storable
from records.scope import Scope

SESSIONS_MAX = 50
"""Of one account in one mode at once."""

DIAL_SECONDS = 60
"""How long a session waits for its first connection."""

LEASE_SECONDS = 300
"""How long one is kept that has lost its connection: a process is deployed anew, a laptop changes networks."""

LIFE_SECONDS = 86_400
KEPT_SECONDS = 86_400
"""For so long after the end, what its events were answered with can still be looked up."""

RESPONSES_MAX = 20
"""Of one event: a machine may forward it to several addresses."""

SWEPT_AT_ONCE = 2_000

_HELD = (
    "NOT s.ended AND s.expires > :now AND EXISTS ("
    "SELECT FROM api_keys AS k WHERE k.hash = s.key AND (k.expires IS NULL OR k.expires > :now)) AND NOT EXISTS ("
    "SELECT FROM connected_accounts AS c WHERE c.id = s.account AND c.deleted)"
)
"""It is open, and so are the API key that it was made by and the account that it is of."""

_LASTING = "least(CAST(:now AS bigint) + :lease, s.created + :life)"

_TAKE = Prepared(
    text(
        f"UPDATE cli_sessions AS s SET holder = :holder, expires = {_LASTING} "  # noqa: S608
        f"WHERE s.hash = :hash AND s.created + :life > :now AND {_HELD} RETURNING s.*"
    )
)
_RENEW = Prepared(
    text(
        f"UPDATE cli_sessions AS s SET expires = {_LASTING} "  # noqa: S608
        f"WHERE s.id = :id AND s.holder = :holder AND s.created + :life > :now AND {_HELD} RETURNING s.id"
    )
)
_OWED = Prepared(
    text(
        f"""
        SELECT owed.* FROM cli_sessions AS s LEFT JOIN LATERAL (
            SELECT e.* FROM deliveries AS d JOIN events AS e ON e.id = d.event
            WHERE d.endpoint = s.endpoint AND d.state = 'pending' AND d.listener AND d.event <> ALL(:sent)
            ORDER BY d.seq LIMIT :most
        ) AS owed ON true
        WHERE s.id = :id AND s.holder = :holder AND {_HELD}
        """  # noqa: S608
    )
)
_ANSWERED = Prepared(
    text(
        """
        WITH delivery AS (
            UPDATE deliveries SET attempts = attempts + 1
            WHERE event = :event AND endpoint = :endpoint AND attempts < :most
            RETURNING event, endpoint, attempts
        )
        INSERT INTO delivery_attempts (event, endpoint, number, created, status, latency_ms, excerpt)
        SELECT event, endpoint, attempts, :now, :status, :latency_ms, :excerpt FROM delivery
        """
    )
)
_END = Prepared(
    text(
        """
        WITH ended AS (
            UPDATE cli_sessions SET ended = true WHERE id IN (
                SELECT id FROM cli_sessions WHERE NOT ended AND expires <= :now LIMIT 100 FOR UPDATE SKIP LOCKED
            ) RETURNING endpoint
        )
        UPDATE webhook_endpoints SET enabled = false WHERE id IN (SELECT endpoint FROM ended)
        """
    )
)
_FORGET_OWED = Prepared(
    text(
        """
        DELETE FROM deliveries WHERE (event, endpoint) IN (
            SELECT d.event, d.endpoint FROM cli_sessions AS s JOIN deliveries AS d ON d.endpoint = s.endpoint
            WHERE s.ended AND (d.state = 'pending' OR s.expires <= :before) LIMIT :most
        ) RETURNING event
        """
    )
)
_FORGET = (
    Prepared(
        text(
            """
            DELETE FROM webhook_endpoints AS w USING cli_sessions AS s WHERE s.endpoint = w.id AND s.ended
                AND s.expires <= :before AND NOT EXISTS (SELECT FROM deliveries AS d WHERE d.endpoint = w.id)
            """
        )
    ),
    Prepared(text("DELETE FROM cli_sessions WHERE endpoint IS NULL AND ended AND expires <= :before")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One of them. `filters` is of a session that is about requests, `endpoint` of one that is about events."""

    id: str
    account: str
    livemode: bool
    created: int
    feature: str
    filters: JsonObject | None = None
    endpoint: str | None = None

    @property
    def scope(self) -> Scope:
        """Whose it is."""
        return Scope(self.account, self.livemode)


async def secret_of(database: Database, scope: Scope, device: str, secret: str, now: int) -> str:
    """What events for this machine are signed with: `secret`, if it is new."""
    row = {"account": scope.account, "livemode": scope.livemode, "name": device, "secret": secret, "created": now}
    await database.execute(insert(cli_devices).values(row).on_conflict_do_nothing())
    mine = scope.owns(cli_devices) & (cli_devices.c.name == device)
    return str((await database.execute(select(cli_devices.c.secret).where(mine)))[0].secret)


async def add(
    database: Database, session: Session, opens: str, key: bytes, listener: webhook_endpoints.Endpoint | None
) -> bool:
    """Write a new one, which `opens` opens while the API key `key` (a hash) does; with its listener.

    False if its account has SESSIONS_MAX open already.
    """
    t = cli_sessions
    still = session.scope.owns(t) & ~t.c.ended & (t.c.expires > session.created) & (t.c.id != session.id)
    names = ("id", "account", "livemode", "created", "feature", "filters", "endpoint")
    row = {name: getattr(session, name) for name in names}
    row |= {"hash": hash_key(opens), "key": key, "expires": session.created + DIAL_SECONDS}

    async def work(transaction: Transaction) -> bool:
        counted = await transaction.execute(select(func.count().label("open")).select_from(t).where(still))
        if counted[0].open >= SESSIONS_MAX:
            return False
        if listener is not None:
            await transaction.execute(webhook_endpoints.insertion(listener))
        await transaction.execute(insert(t).values(row).on_conflict_do_nothing())
        return True

    return await database.atomically(work)


async def take(database: Database, opens: str, holder: str, now: int) -> Session | None:
    """Hold the session that this opens, instead of whoever held it; None if it opens none that is still there."""
    rows = await database.execute(_TAKE, {"hash": hash_key(opens), "holder": holder, **_lasting(now)})
    return _session(rows[0]) if rows else None


async def renew(database: Database, session: Session, holder: str, now: int) -> bool:
    """Let it last; False if it has ended, or is somebody else's."""
    return bool(await database.execute(_RENEW, {"id": session.id, "holder": holder, **_lasting(now)}))


async def owed_to(
    database: Database, session: Session, holder: str, sent: Sequence[str], most: int, now: int
) -> list[StoredEvent] | None:
    """What it has not taken, oldest first, without `sent`; None if it has ended, or is somebody else's."""
    values = {"id": session.id, "holder": holder, "sent": list(sent), "most": most, "now": now}
    rows = await database.execute(_OWED, values)
    return [events.stored(row, 0) for row in rows if row.id is not None] if rows else None


async def answered(
    database: Database, endpoint: str, event: str, status: int, latency_ms: int, excerpt: str, now: int
) -> None:
    """Write down what a machine was answered when it forwarded an event."""
    values = {"event": event, "endpoint": endpoint, "status": status, "latency_ms": latency_ms, "now": now}
    shown = storable(excerpt)
    await database.execute(_ANSWERED, {**values, "excerpt": shown, "most": RESPONSES_MAX})


async def sweep(database: Database, now: int) -> bool:
    """End what nobody holds, and forget what ended a day ago; whether there is more of it."""
    await database.execute(_END, {"now": now})
    before = {"before": now - KEPT_SECONDS}
    if len(await database.execute(_FORGET_OWED, {**before, "most": SWEPT_AT_ONCE})) == SWEPT_AT_ONCE:
        return True
    for statement in _FORGET:
        await database.execute(statement, before)
    return False


def _lasting(now: int) -> dict[str, int]:
    return {"now": now, "lease": LEASE_SECONDS, "life": LIFE_SECONDS}


def _session(row: Row) -> Session:
    return Session(**{name: getattr(row, name) for name in Session.__dataclass_fields__})
