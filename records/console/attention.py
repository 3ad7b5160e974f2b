"""Payments that somebody may have to speak for: what a gateway owes an answer about, and what was begun and not ended.

The first are in an index of their own. What was begun on an open payment is in none, so that a payment pays nothing for
it (tables.py): it is looked for among those that are open, as long as the desk's patience lasts.
"""

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import BigInteger, Select, cast, select

from domain.model.statuses import TERMINAL
from records.console.reading import Desk, TakesTooLong
from records.database import Database, Row
from records.scope import Scope
from records.tables import payment_intents as intents

SHOWN_MAX = 100
"""So many of each kind, the oldest first."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Rows with `data`, `under_way` and `owed_since`; `begun` is None where there is too much to look through."""

    owed: list[Row]
    begun: list[Row] | None


async def unfinished(desk: Desk, database: Database, scope: Scope, begun_before: int) -> Unfinished:
    """Those of an account; what was begun counts if that was `begun_before` then (Unix seconds).

    Raises:
        TakesTooLong: there is too much to look through.
    """
    owed = await desk.read(database, _owed(scope))
    begun: list[Row] | None = None
    with suppress(TakesTooLong):
        begun = await desk.read(database, _begun(scope, begun_before))
    return Unfinished(owed, begun)


def _rows(scope: Scope) -> Select[tuple[object, ...]]:
    columns = select(intents.c.id, intents.c.owed_since, intents.c.under_way, intents.c.data)
    return columns.where(scope.owns(intents)).limit(SHOWN_MAX)


def _owed(scope: Scope) -> Select[tuple[object, ...]]:
    return _rows(scope).where(intents.c.owed_since.is_not(None)).order_by(intents.c.owed_since, intents.c.id)


def _begun(scope: Scope, before: int) -> Select[tuple[object, ...]]:
    at = cast(intents.c.under_way["now"].astext, BigInteger)
    waits = (intents.c.owed_since.is_(None), intents.c.status.not_in(TERMINAL), intents.c.under_way.is_not(None))
    return _rows(scope).where(*waits, at <= before).order_by(at, intents.c.id)
