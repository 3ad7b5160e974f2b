"""How gateways are: what every process goes by. Written by their breakers (workflows/gateway.py); nobody's but ours."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, Column, Table, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from contracts.gateway_healths import GatewayStanding
from domain.model.outcomes import GatewayEffect, MoveFunds, RequestFunds
from domain.routing.candidates import Health
from records.codec import load_intent
from records.database import Database, Prepared
from records.tables import metadata

table = Table(
    "gateway_healths",
    metadata,
    Column("gateway", Text, primary_key=True),
    # Health (domain/routing/candidates.py), since when, and why.
    Column("health", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
)

_KNOWN = Prepared(select(table.c.gateway, table.c.health))

_WAITING = {
    name: Prepared(
        text(
            f"SELECT id FROM {name} WHERE owed_since IS NOT NULL AND id > :after "  # noqa: S608
            "AND COALESCE(data -> 'pending' ->> 'gateway', '') = :gateway ORDER BY id LIMIT :most"
        ).bindparams(bindparam("most", type_=BigInteger))
    )
    for name in ("payment_intents", "setup_intents")
}


_OWED = Prepared(
    text(
        "SELECT data FROM payment_intents WHERE owed_since IS NOT NULL "
        "AND COALESCE(data -> 'pending' ->> 'gateway', '') = :gateway "
        "AND data -> 'pending' ->> 'operation' NOT LIKE '%_funds' LIMIT 1"
    )
)


async def known(database: Database) -> Mapping[str, Health]:
    """By name, of those that anything was ever said about."""
    return {row.gateway: Health(row.health) for row in await database.execute(_KNOWN)}


async def standings(database: Database) -> list[GatewayStanding]:
    """The same for operators."""
    rows = await database.execute(select(table).order_by(table.c.gateway))
    return [GatewayStanding(name=row.gateway, health=row.health, since=row.since, why=row.why) for row in rows]


class PostgresGatewayHealths:
    """Where breakers write."""

    def __init__(self, database: Database) -> None:
        """Write to `database`."""
        self._database = database

    async def keep(self, standing: GatewayStanding) -> None:
        """Let this be how it is. Twice is once."""
        row = {"gateway": standing.name, "health": standing.health, "since": standing.since, "why": standing.why}
        statement = insert(table).values(row).on_conflict_do_update(index_elements=["gateway"], set_=row)
        await self._database.execute(statement)

    async def waiting(self, gateway: str, after: str, most: int) -> list[str]:
        """The next intents, by id, that wait for an answer of this gateway (empty for the first there was)."""
        values = {"gateway": gateway, "after": after, "most": most}
        found = [row.id for statement in _WAITING.values() for row in await self._database.execute(statement, values)]
        return sorted(found)[:most]

    async def owed(self, gateway: str) -> GatewayEffect | None:
        """An effect whose outcome this gateway owes; None if it owes none."""
        rows = await self._database.execute(_OWED, {"gateway": gateway})
        pending = load_intent(rows[0].data).pending if rows else None
        return None if isinstance(pending, RequestFunds | MoveFunds) else pending
