"""The connection to PostgreSQL, for every query of records/. One statement is one round trip: connections autocommit.

What a payment must write together is therefore one SQL statement (see projection.py), which PostgreSQL makes atomic.
What is written seldom may be a transaction of several (`execute_together`).
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import orjson
from sqlalchemy import Executable, text
from sqlalchemy.engine import Row
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from records.base import RecordsUnavailable

CONNECTIONS_MAX = 16
"""Per process. Measured on two cores: PostgreSQL gives its best at about sixteen."""

CONNECT_TIMEOUT_SECONDS = 2
COMMAND_TIMEOUT_SECONDS = 5
"""No query of ours takes this long; a server that does is as good as away."""


def async_url(url: str) -> str:
    """`postgresql://…`, as people write it, for the driver we use."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+asyncpg://" + url.removeprefix(prefix)
    return url


class Database:
    """A pool of connections. Every failure that may pass is a `RecordsUnavailable`."""

    def __init__(
        self,
        url: str,
        connections_max: int = CONNECTIONS_MAX,
        command_timeout_seconds: float = COMMAND_TIMEOUT_SECONDS,
    ) -> None:
        """Connect lazily to the database at `url`."""
        self._engine: AsyncEngine = create_async_engine(
            async_url(url),
            isolation_level="AUTOCOMMIT",
            pool_size=connections_max,
            max_overflow=0,
            pool_timeout=COMMAND_TIMEOUT_SECONDS,
            pool_reset_on_return=None,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={"timeout": CONNECT_TIMEOUT_SECONDS, "command_timeout": command_timeout_seconds},
        )
        self._transactional = self._engine.execution_options(isolation_level="READ COMMITTED")

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    async def ping(self) -> None:
        """Answer if the server does.

        Raises:
            RecordsUnavailable: it does not.
        """
        await self.execute(text("SELECT 1"))

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Run one statement, retried once if the connection turned out to be dead; answer with its rows, if any."""
        try:
            return await self._execute(statement, parameters)
        except RecordsUnavailable:
            # Safe: every write in records/ is idempotent (ON CONFLICT, version guards).
            return await self._execute(statement, parameters)

    async def execute_together(self, *statements: Executable) -> None:
        """Run several statements as one transaction, retried once if the connection turned out to be dead."""
        try:
            await self._execute_together(statements)
        except RecordsUnavailable:
            await self._execute_together(statements)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Several statements as one transaction, for what must read before it writes. Not retried."""
        with _failures_that_pass():
            async with self._transactional.begin() as connection:
                yield connection

    async def _execute_together(self, statements: Sequence[Executable]) -> None:
        with _failures_that_pass():
            async with self._transactional.begin() as connection:
                for statement in statements:
                    await connection.execute(statement)

    async def _execute(self, statement: Executable, parameters: Mapping[str, Any] | None) -> Sequence[Row[Any]]:
        with _failures_that_pass():
            async with self._engine.connect() as connection:
                result = await connection.execute(statement, parameters)
                return result.all() if result.returns_rows else ()


PASSING = ("08", "40", "53", "57")
"""SQLSTATE classes of failures that pass: connections, serialization, resources, and a server that is starting or
stopping. Whatever we had begun was rolled back."""


def _passes(error: DBAPIError) -> bool:
    causes = (error.orig, getattr(error.orig, "__cause__", None))
    return any(str(getattr(cause, "sqlstate", None) or "").startswith(PASSING) for cause in causes)


@contextmanager
def _failures_that_pass() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, OSError, TimeoutError) as error:
        raise RecordsUnavailable(type(error).__name__) from error
    except DBAPIError as error:
        if error.connection_invalidated or _passes(error):
            raise RecordsUnavailable(type(error).__name__) from error
        raise
