"""How the console reads: a few of its questions at a time, none for long, and each planned for what it asks.

People filter by whatever they like. A plan made for any value would read a million payments to find one (a card's last
digits are everybody's in test mode, and nobody's in life), and a question without an index must end before a payment
has to wait for its connection. Nothing here writes.
"""

import asyncio

import asyncpg
from sqlalchemy import Executable, text

from records.base import RecordsUnavailable
from records.database import Database, Row

AT_ONCE_MAX = 2
"""Of a process's connections, so many at most are the console's, however many browsers are open."""

SECONDS_MAX = 3.0
"""A question that takes longer is ended: its reader narrows it."""

_CANCELED = "57014"

_SETTINGS = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('transaction_read_only', 'on', true), "
    "set_config('statement_timeout', :milliseconds, true), set_config('jit', 'off', true)"
)


class TakesTooLong(Exception):
    """PostgreSQL has not found it in time: there is too much to look through."""


class Desk:
    """Asks for the console. One per process."""

    def __init__(self, at_once: int = AT_ONCE_MAX, seconds: float = SECONDS_MAX) -> None:
        """Let `at_once` questions be under way, each for `seconds` at most."""
        self._turns = asyncio.Semaphore(at_once)
        self._settings = _SETTINGS.bindparams(milliseconds=str(int(seconds * 1000)))

    async def read(self, database: Database, statement: Executable) -> list[Row]:
        """The rows of one statement.

        Raises:
            TakesTooLong: see there.
        """
        try:
            async with self._turns, database.transaction() as transaction:
                await transaction.execute(self._settings)
                return await transaction.execute(statement)
        except RecordsUnavailable as error:
            if isinstance(error.__cause__, asyncpg.PostgresError) and error.__cause__.sqlstate == _CANCELED:
                raise TakesTooLong from error
            raise
