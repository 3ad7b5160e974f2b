"""The connection to PostgreSQL, for every query of records/. One statement is one round trip: connections autocommit.

What a payment must write together is therefore one SQL statement (see projection.py), which PostgreSQL makes atomic.
What is written seldom may be a transaction of several (`execute_together`).

Statements are SQLAlchemy's, connections the driver's own: its engine takes as long again as the driver for each
statement, and a payment waits for six to twelve of them (ADR 0020).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import asyncpg
import orjson
from aiodataloader import DataLoader
from sqlalchemy import Executable, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect as PostgresDialect  # noqa: N812
from sqlalchemy.sql.compiler import SQLCompiler

from records.base import RecordsUnavailable
from records.failures import passes, two_failures

CONNECTIONS_MAX = 16
"""Per process. Measured on two cores: PostgreSQL gives its best at about sixteen."""

CONNECT_TIMEOUT_SECONDS = 2
CLOSE_SECONDS_MAX = 2.0
"""A process that ends does not wait longer than this for a server that does not answer."""

COMMAND_TIMEOUT_SECONDS = 5
"""No query of ours takes this long; a server that does is as good as away."""

T = TypeVar("T")

_DIALECT = PostgresDialect()  # type: ignore[no-untyped-call]
_JSONB_VERSION = b"\x01"
"""What PostgreSQL's binary format puts before the text of a JSONB value."""


def address(url: str) -> str:
    """The URL as the driver takes it, `sslmode` and all: without the `+asyncpg` that people write for SQLAlchemy."""
    return f"postgresql://{url.partition('://')[2]}"


class Row(asyncpg.Record):  # type: ignore[misc]
    """A row; its columns are its attributes."""

    def __getattr__(self, name: str) -> Any:
        """The column of this name."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Prepared:
    """A statement compiled once, for values given by name: building one takes longer than PostgreSQL does to answer."""

    def __init__(self, statement: Executable, *columns: str) -> None:
        """Compile `statement`; an INSERT or UPDATE without values writes these `columns`."""
        compiled = _compiled(statement, columns or None)
        self.sql = str(compiled)
        self._names: list[str] = compiled.positiontup or []
        self._constants = compiled.params

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the statement's parameters."""
        given = {**self._constants, **values}
        return [given[name] for name in self._names]


Statement = Executable | Prepared


def _compiled(statement: Executable, columns: Sequence[str] | None) -> SQLCompiler:
    # `render_postcompile`: a list of values becomes as many parameters.
    compiled = statement.compile(  # type: ignore[attr-defined]
        dialect=_DIALECT, column_keys=columns, compile_kwargs={"render_postcompile": True}
    )
    assert isinstance(compiled, SQLCompiler)
    return compiled


async def _fetch(connection: Any, statement: Statement, values: Mapping[str, Any] | None) -> list[Row]:
    prepared = statement if isinstance(statement, Prepared) else Prepared(statement, *(values or ()))
    rows: list[Row] = await connection.fetch(prepared.sql, *prepared.arguments(values or {}))
    return rows


class Transaction:
    """Several statements that happen together or not at all."""

    def __init__(self, connection: Any) -> None:
        """On a connection that has begun one."""
        self._connection = connection

    async def execute(self, statement: Statement) -> list[Row]:
        """Run one of them; answer with its rows, if any."""
        return await _fetch(self._connection, statement, None)


Load = Callable[["Database", list[Any]], Coroutine[Any, Any, list[Any]]]


class Database:
    """A pool of connections. Every failure is a `RecordsUnavailable`, which may pass, or a `RecordsRefused`."""

    def __init__(
        self,
        url: str,
        connections_max: int = CONNECTIONS_MAX,
        command_timeout_seconds: float = COMMAND_TIMEOUT_SECONDS,
    ) -> None:
        """Connect lazily to the database at `url`."""
        self._url = address(url)
        self._connections_max = connections_max
        self._command_timeout_seconds = command_timeout_seconds
        self._pool: Any = None
        self._waiting = 0
        self._loaders: dict[Load, DataLoader[Any, Any]] = {}

    async def close(self) -> None:
        """Close every connection, once what it does is done; one that does not come to its end is cut off."""
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    def connections(self) -> dict[str, float]:
        """How many connections are `busy` and `idle`, and how many who want one are `waiting`."""
        size, idle = (self._pool.get_size(), self._pool.get_idle_size()) if self._pool is not None else (0, 0)
        return {"busy": float(size - idle), "idle": float(idle), "waiting": float(self._waiting)}

    async def ping(self) -> None:
        """Answer if the server does.

        Raises:
            RecordsUnavailable: it does not.
        """
        await self.execute(text("SELECT 1"))

    async def execute(self, statement: Statement, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Run one statement, retried once if the connection turned out to be dead; answer with its rows, if any."""
        try:
            return await self._execute(statement, values)
        except RecordsUnavailable:
            # Safe: every write in records/ is idempotent (ON CONFLICT, version guards).
            return await self._execute(statement, values)

    async def load(self, load: Load, key: Any) -> Any:
        """What `load` finds for `key`. It is given the keys of one moment together, and answers in their order."""
        if load not in self._loaders:
            # Made on first use: it belongs to the loop that runs then.
            self._loaders[load] = DataLoader(partial(load, self), cache=False)
        return await self._loaders[load].load(key)

    async def execute_together(self, *statements: Statement) -> None:
        """Run several statements as one transaction, retried once if the connection turned out to be dead."""

        async def work(transaction: Transaction) -> None:
            for statement in statements:
                await transaction.execute(statement)

        await self.atomically(work)

    async def atomically(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do `work` in one transaction, again in a new one if the connection turned out to be dead.

        It may have been committed all the same, so `work` must find what it has done, or do the same again.
        """
        try:
            return await self._atomically(work)
        except RecordsUnavailable:
            return await self._atomically(work)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Several statements as one transaction, for what must read before it writes. Not retried."""
        async with self._connected() as connection, connection.transaction():
            yield Transaction(connection)

    async def _atomically(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self.transaction() as transaction:
            return await work(transaction)

    async def _execute(self, statement: Statement, values: Mapping[str, Any] | None) -> list[Row]:
        async with self._connected() as connection:
            return await _fetch(connection, statement, values)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        with two_failures():
            pool = await self._opened()
            connection = await self._acquired(pool)
            try:
                yield connection
            except Exception as error:
                if passes(error):
                    # A server that is killed may leave it in the middle of an answer: nobody is to be handed it.
                    connection.terminate()
                raise
            finally:
                await pool.release(connection)

    async def _acquired(self, pool: Any) -> Any:
        self._waiting += 1
        try:
            return await pool.acquire(timeout=COMMAND_TIMEOUT_SECONDS)
        finally:
            self._waiting -= 1

    async def _opened(self) -> Any:
        """The pool, made on first use: it belongs to the loop that runs then."""
        if self._pool is None:
            self._pool = asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=self._connections_max,
                max_inactive_connection_lifetime=0,
                timeout=CONNECT_TIMEOUT_SECONDS,
                command_timeout=self._command_timeout_seconds,
                record_class=Row,
                init=_read_json,
                reset=_nothing_to_reset,
            )
        return await self._pool


async def _read_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: _JSONB_VERSION + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[len(_JSONB_VERSION) :]),
    )


async def _nothing_to_reset(connection: Any) -> None:
    """We set nothing that a next user could trip over, and the driver's own reset is a round trip."""
