"""A glance at an intent of either kind, for who will ask its workflow next: it may have to ask nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from sqlalchemy import Table, case, or_

from domain.machine.intents import S
from domain.model.hashes import JsonObject
from domain.model.statuses import TERMINAL
from records.database import Database
from records.scope import Lookup, Scope


@dataclass(frozen=True, slots=True)
class Glance(Generic[S]):
    """What a record says to who will ask the workflow next: its version; and all of it only if there is none to ask."""

    version: int
    ended: S | None


class Glances(Generic[S]):
    """Glances at the intents of one table."""

    def __init__(self, table: Table, load: Callable[[JsonObject], S]) -> None:
        """Look into `table`; `load` makes a state of its JSON."""
        ended = case((or_(*(table.c.status == status for status in sorted(TERMINAL))), table.c.data)).label("data")
        self._lookup, self._load = Lookup(table, table.c.version, ended), load

    async def find(self, database: Database, scope: Scope, id_: str) -> Glance[S] | None:
        """As little of one intent as is needed; None if there is none."""
        row = await self._lookup.find(database, scope, id_)
        return Glance(row.version, self._load(row.data) if row.data else None) if row is not None else None
