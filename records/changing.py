"""How an object is changed outside its payment: read, changed and written while nobody else can change it.

Every write that depends on what was there goes through here, whatever its table. So of several writers at once none
undoes what another was told is done; and the events say what was before and after, as it really was.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Executable, Table, select, update

from domain.model.hashes import JsonObject
from records.database import Database, Row, Transaction
from records.scope import Scope

T = TypeVar("T")

Change = Callable[[T], T]
"""From the object as it is to the object as it is to be. It may refuse by raising, and then nothing is written.

Should the answer to a commit be lost, it is asked once more, about what it has made itself: twice must be as once.
"""

Announce = Callable[[T, T], Iterable[Executable]]
"""What to write in the same transaction, of the object before and after: the events. Not asked if nothing changes."""


def nothing(before: object, after: object) -> Iterable[Executable]:
    """No event tells of it."""
    del before, after
    return ()


class Changing(Generic[T]):
    """Changes of the objects of one table."""

    def __init__(self, table: Table, load: Callable[[Row], T], values: Callable[[T], JsonObject]) -> None:
        """`load` makes the object of a row; `values` are the columns that may change."""
        self._table, self._load, self._values = table, load, values

    async def change(
        self,
        database: Database,
        scope: Scope,
        id_: str,
        change: Change[T],
        announce: Announce[T] = nothing,
        *conditions: ColumnElement[bool],
    ) -> T | None:
        """Change one; answer with what it is now, or None if `scope` has none for which the conditions hold."""

        async def work(transaction: Transaction) -> T | None:
            return await self.change_within(transaction, scope, id_, change, announce, *conditions)

        return await database.atomically(work)

    async def change_within(
        self,
        transaction: Transaction,
        scope: Scope,
        id_: str,
        change: Change[T],
        announce: Announce[T] = nothing,
        *conditions: ColumnElement[bool],
    ) -> T | None:
        """As `change`, for who has more to do in the same transaction."""
        mine = [scope.owns(self._table), self._table.c.id == id_, *conditions]
        # NO KEY: rows that refer to this one are no change of it, and need not wait.
        rows = await transaction.execute(select(self._table).where(*mine).with_for_update(key_share=True))
        if not rows:
            return None
        before = self._load(rows[0])
        after = change(before)
        if after != before:
            here = update(self._table).where(self._table.c.id == id_)
            await transaction.execute(here.values(self._values(after)))
            for statement in announce(before, after):
                await transaction.execute(statement)
        return after
