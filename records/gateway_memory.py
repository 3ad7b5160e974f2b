"""What gateways were asked and have told, kept in PostgreSQL (the port is gateways/memory.py).

Every method is one statement and harmless when it is repeated: what is there already is left.
"""

from dataclasses import asdict, fields

from sqlalchemy import Select, and_, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.model.gateway_dealings import Notice, Request
from domain.model.hashes import JsonObject
from records.database import Database, Row
from records.gateway_tables import gateway_notices, gateway_requests, gateway_returns

NOTICES_MAX = 100
"""Of one payment that are read: a notification is about one event, and a payment has a handful."""

_REQUEST = [field.name for field in fields(Request)]
_NOTICE = [field.name for field in fields(Notice)]


class PostgresGatewayMemory:
    """On the database it is given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, request: Request) -> Request:
        """Write it down, or answer with what was asked under the key before."""
        statement = insert(gateway_requests).values(asdict(request))
        # An update of nothing, so that the row which is there is given back.
        statement = statement.on_conflict_do_update(
            index_elements=["gateway", "key"], set_={"key": statement.excluded.key}
        )
        (row,) = await self._database.execute(statement.returning(gateway_requests))
        return _request(row)

    async def request(self, gateway: str, key: str) -> Request | None:
        """What was asked under a key."""
        table = gateway_requests.c
        return await self._one(select(gateway_requests).where(table.gateway == gateway, table.key == key))

    async def request_by_reference(self, gateway: str, reference: str) -> Request | None:
        """What the gateway calls by this reference of its own, the latest of several; nothing is called by none."""
        table = gateway_requests.c
        named = and_(table.gateway == gateway, table.reference == reference, table.reference != "")
        return await self._one(
            select(gateway_requests).where(named).order_by(table.asked_at.desc(), table.key.desc()).limit(1)
        )

    async def _one(self, query: Select[tuple[object, ...]]) -> Request | None:
        rows = await self._database.execute(query)
        return _request(rows[0]) if rows else None

    async def learn(self, request: Request) -> None:
        """Write down what the gateway has said."""
        table = gateway_requests.c
        values: JsonObject = {"reference": case((table.reference == "", request.reference), else_=table.reference)}
        if request.silent:
            values["silent"] = True
        if request.outcome is not None:
            values["outcome"] = request.outcome
        where = and_(table.gateway == request.gateway, table.key == request.key)
        await self._database.execute(update(gateway_requests).where(where).values(values).returning(table.key))

    async def notice(self, notice: Notice) -> bool:
        """Keep it; False if it was told before."""
        statement = insert(gateway_notices).values(**asdict(notice), handled=False)
        kept = statement.on_conflict_do_nothing(constraint="gateway_notices_once").returning(gateway_notices.c.seq)
        return bool(await self._database.execute(kept))

    async def notices(self, gateway: str, about: str) -> list[Notice]:
        """What was told about a reference, oldest first; about none, nothing was."""
        table = gateway_notices.c
        named = or_(table.reference == about, table.original == about, table.ours == about)
        query = select(gateway_notices).where(table.gateway == gateway, named).order_by(table.seq).limit(NOTICES_MAX)
        return [_notice(row) for row in await self._database.execute(query)] if about else []

    async def waiting(self, gateway: str, most: int) -> list[Notice]:
        """What nobody has been told of yet, oldest first."""
        table = gateway_notices.c
        query = select(gateway_notices).where(table.gateway == gateway, ~table.handled)
        return [_notice(row) for row in await self._database.execute(query.order_by(table.seq).limit(most))]

    async def handled(self, notice: Notice) -> None:
        """It waits no longer."""
        table = gateway_notices.c
        where = and_(
            table.gateway == notice.gateway,
            table.event == notice.event,
            table.reference == notice.reference,
            table.succeeded == notice.succeeded,
        )
        await self._database.execute(update(gateway_notices).where(where).values(handled=True).returning(table.seq))

    async def keep_return(self, authentication: str, result: str) -> None:
        """The first counts: who comes back a second time has nothing new."""
        statement = insert(gateway_returns).values(authentication=authentication, result=result)
        kept = statement.on_conflict_do_nothing().returning(gateway_returns.c.authentication)
        await self._database.execute(kept)

    async def returned(self, authentication: str) -> str | None:
        """What the buyer came back with."""
        table = gateway_returns.c
        rows = await self._database.execute(select(table.result).where(table.authentication == authentication))
        return str(rows[0].result) if rows else None


def _request(row: Row) -> Request:
    return Request(**{name: row[name] for name in _REQUEST})


def _notice(row: Row) -> Notice:
    return Notice(**{name: row[name] for name in _NOTICE})
