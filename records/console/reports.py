"""Reports of reconciliations as one account may see them: a report is about all accounts, and names their payments."""

from dataclasses import dataclass

from sqlalchemy import ARRAY, Text, any_, cast, select

from domain.model.hashes import JsonObject
from records.console.reading import Desk
from records.database import Database
from records.housekeeping_tables import reconciliations as table
from records.scope import Scope
from records.tables import payment_intents as intents

NAMED_MAX = 10_000
"""Payments that are looked up for one answer; a report with more differences than that has another reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightlyReport:
    """One reconciliation: when it ended, and what it says of this account's payments."""

    number: int
    ended: int
    differences: list[JsonObject]
    under_way: list[str]


async def newest(desk: Desk, database: Database, scope: Scope, limit: int) -> list[NightlyReport]:
    """The newest ones. What is about no payment is nobody's, and is not shown.

    Raises:
        TakesTooLong: see there.
    """
    rows = await desk.read(database, select(table).order_by(table.c.number.desc()).limit(limit))
    named = {id_ for row in rows for id_ in _named(row.report)}
    mine = await _mine(desk, database, scope, sorted(named)[:NAMED_MAX])
    return [
        NightlyReport(
            number=row.number,
            ended=row.ended,
            differences=[one for one in row.report.get("differences", []) if one.get("payment_intent") in mine],
            under_way=[id_ for id_ in row.report.get("under_way", []) if id_ in mine],
        )
        for row in rows
    ]


def _named(report: JsonObject) -> set[str]:
    found = {one.get("payment_intent") for one in report.get("differences", [])}
    return {id_ for id_ in (*found, *report.get("under_way", [])) if id_}


async def _mine(desk: Desk, database: Database, scope: Scope, ids: list[str]) -> set[str]:
    if not ids:
        return set()
    query = select(intents.c.id).where(scope.owns(intents), intents.c.id == any_(cast(ids, ARRAY(Text))))
    return {row.id for row in await desk.read(database, query)}
