"""A database that says how often it was asked."""

from collections.abc import Mapping
from typing import Any

from records.base import RecordsUnavailable
from records.database import Database, Row, Statement


class Watched(Database):
    """Counts the statements; refuses them while `away`."""

    statements = 0
    away = False

    async def execute(self, statement: Statement, values: Mapping[str, Any] | None = None) -> list[Row]:
        self.statements += 1
        if self.away:
            raise RecordsUnavailable("away")
        return await super().execute(statement, values)
