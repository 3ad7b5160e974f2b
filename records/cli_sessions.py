"""Sessions of Stripe's CLI: a listener that ends by itself, or an ear for the request log.

A session is found by the SHA-256 of what opens it, at whichever API process; the connection that has it is in its row,
so that of two only the later one is told anything. One that nobody has held for a while, or that is a day old, has
ended: its listener wants nothing more, and is gone with all that it was told a day later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from domain.model.hashes import JsonObject
from domain.webhooks import SigningSecret
from records import events
from records.accounts import hash_key
from records.base import StoredEvent
from records.cli_tables import cli_devices, cli_sessions
from records.database import Database, Prepared, Row, Transaction
from records.outbox import storable
from records.scope import Scope
from records.tables import accounts
from records.webhook_endpoints import Endpoint, insertion

SESSIONS_MAX = 50
"""Of one account in one mode at once."""

DIAL_SECONDS = 60
"""How long a session waits for its first connection."""

LEASE_SECONDS = 300
"""How long one is kept that has lost its connection: a process is deployed anew, a laptop changes networks."""

LIFE_SECONDS = 86_400

RESPONSES_MAX = 20
"""Of one event: a machine may forward it to several addresses."""

DEVICES_MAX = 100
"""Machines of one account in one mode whose secrets are kept: those that have listened last."""

DEVICE_KEPT_SECONDS = 180 * 86_400
"""Since a machine has begun to listen; afterwards it is a new one."""


_HELD = (
    "NOT s.ended AND s.expires > :now AND EXISTS ("
    "SELECT FROM api_keys AS k WHERE k.hash = s.key AND (k.expires IS NULL OR k.expires > :now)) AND NOT EXISTS ("
    "SELECT FROM connected_accounts AS c WHERE c.id = s.account AND (c.deleted OR c.livemode <> s.livemode))"
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


@dataclass(frozen=True, slots=True)
class Device:
    """A machine of an account, and what events for it are to be signed with, should it be a new one."""

    name: str
    secret: str = field(repr=False)


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


async def add(
    database: Database,
    session: Session,
    opens: str,
    key: bytes,
    device: Device,
    listener: Endpoint | None,
) -> str | None:
    """Write a new one, which `opens` opens while the API key `key` (a hash) does; with its listener.

    What its events are signed with: the device's own secret, if the device is new; then also its listener's. None if
    its account has SESSIONS_MAX open already. Those of one account are made one after the other.
    """
    t = cli_sessions
    still = session.scope.owns(t) & ~t.c.ended & (t.c.expires > session.created) & (t.c.id != session.id)
    names = ("id", "account", "livemode", "created", "feature", "filters", "endpoint")
    row = {name: getattr(session, name) for name in names}
    row |= {"hash": hash_key(opens), "key": key, "expires": session.created + DIAL_SECONDS}

    async def work(transaction: Transaction) -> str | None:
        account = select(accounts.c.id).where(accounts.c.id == session.account)
        await transaction.execute(account.with_for_update(key_share=True))
        counted = await transaction.execute(select(func.count().label("open")).select_from(t).where(still))
        if counted[0].open >= SESSIONS_MAX:
            return None
        secret = await _secret_of(transaction, session, device)
        if listener is not None:
            signing = replace(listener, secrets=(SigningSecret(secret=secret),))
            await transaction.execute(insertion(signing))
        await transaction.execute(insert(t).values(row).on_conflict_do_nothing())
        return secret

    return await database.atomically(work)


async def _secret_of(transaction: Transaction, session: Session, device: Device) -> str:
    """The one that is kept for this machine; those of machines that are gone are forgotten."""
    t, now = cli_devices, session.created
    mine, used = session.scope.owns(t), func.coalesce(t.c.used, t.c.created)
    await transaction.execute(delete(t).where(mine, used <= now - DEVICE_KEPT_SECONDS))
    row = {"account": session.account, "livemode": session.livemode, "name": device.name, "secret": device.secret}
    writing = insert(t).values(**row, created=now, used=now)
    kept = writing.on_conflict_do_update(index_elements=t.primary_key.columns, set_={"used": now}).returning(t.c.secret)
    secret = str((await transaction.execute(kept))[0].secret)
    others = select(t.c.name).where(mine, t.c.name != device.name).order_by(used.desc(), t.c.name)
    await transaction.execute(delete(t).where(mine, t.c.name.in_(others.offset(DEVICES_MAX - 1))))
    return secret


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
    """What it has not taken, oldest first, without `sent`; None if it has ended, or is somebody else's.

    A platform's is told of connected accounts, too, and whose an event is that is not its own.
    """
    values = {"id": session.id, "holder": holder, "sent": list(sent), "most": most, "now": now}
    rows = await database.execute(_OWED, values)
    if not rows:
        return None
    owed = [events.stored(row, 0) for row in rows if row.id is not None]
    return [replace(event, connected=event.account != session.account) for event in owed]


async def answered(
    database: Database, endpoint: str, event: str, status: int, latency_ms: int, excerpt: str, now: int
) -> None:
    """Write down what a machine was answered when it forwarded an event."""
    values = {"event": event, "endpoint": endpoint, "status": status, "latency_ms": latency_ms, "now": now}
    shown = storable(excerpt)
    await database.execute(_ANSWERED, {**values, "excerpt": shown, "most": RESPONSES_MAX})


def _lasting(now: int) -> dict[str, int]:
    return {"now": now, "lease": LEASE_SECONDS, "life": LIFE_SECONDS}


def _session(row: Row) -> Session:
    return Session(**{name: getattr(row, name) for name in Session.__dataclass_fields__})
