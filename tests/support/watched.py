"""Databases that say how often they were asked, or lose what they would have answered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from records.base import RecordsUnavailable
from records.database import Database, Row, Statement, Transaction

T = TypeVar("T")


class Watched(Database):
    """Counts the statements; refuses them while `away`."""

    statements = 0
    away = False

    async def execute(self, statement: Statement, values: Mapping[str, Any] | None = None) -> list[Row]:
        self.statements += 1
        if self.away:
            raise RecordsUnavailable("away")
        return await super().execute(statement, values)


class Forgetful(Database):
    """Commits every transaction, and loses the answer to the first try of each."""

    lost = 0

    async def atomically(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        await super().atomically(work)
        self.lost += 1
        return await super().atomically(work)
