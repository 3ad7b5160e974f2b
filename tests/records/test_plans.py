"""Plans made while tables are empty are kept for as long as their connection: they have to be good later, too."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Table

from records.cli_sweep import OWED, SILENT, TOLD
from records.database import Prepared
from records.fence import IntentTable
from records.migrate import migrate
from records.projection import KEPT
from records.scope import Lookup
from records.setups import KEPT as SETUPS
from records.tables import customers, payment_intents, payment_methods
from tests.support.databases import another


@pytest.fixture(scope="module")
async def empty(database_url: str) -> AsyncIterator[Any]:
    """A connection to a new installation's, of which PostgreSQL knows nothing yet."""
    async with another(database_url, "plans") as url:
        await migrate(url)
        connection = await asyncpg.connect(url)
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        yield connection
        await connection.close()


async def plan(connection: Any, statement: Prepared) -> str:
    """The one that PostgreSQL keeps: for whatever values."""
    await connection.execute(f"PREPARE asked AS {statement.sql}")
    nothing = ", ".join("NULL" for _ in statement._names)
    rows = await connection.fetch(f"EXPLAIN EXECUTE asked ({nothing})")
    await connection.execute("DEALLOCATE asked")
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("table", [payment_intents, payment_methods, customers], ids=lambda table: str(table.name))
async def test_a_row_is_looked_for_by_its_id(empty: Any, table: Table) -> None:
    lookup = Lookup(table)
    for statement in (lookup._one, lookup._several):
        found = await plan(empty, statement)
        assert f"{table.name}_pkey" in found, found
        assert "Seq Scan" not in found, found


async def test_a_method_that_was_used_is_found_by_its_id(empty: Any) -> None:
    found = await plan(empty, KEPT.write_statement("project", ("methods",)))
    assert "payment_methods_pkey" in found, found
    assert "Seq Scan" not in found, found


@pytest.mark.parametrize("kept", [KEPT, SETUPS], ids=lambda kept: str(kept.table))
async def test_nothing_that_is_written_with_an_intent_reads_a_table_from_end_to_end(
    empty: Any, kept: IntentTable
) -> None:
    read = {}
    for kind in kept.with_it:
        found = await plan(empty, kept.write_statement("project", (kind,)))
        read[kind] = re.findall(r"Seq Scan on (\w+)", found)
    assert {kind: tables for kind, tables in read.items() if tables} == {}


async def test_endpoints_that_want_an_event_are_found_by_their_account(empty: Any) -> None:
    found = await plan(empty, KEPT.write_statement("project", ("events",)))
    assert "webhook_endpoints_newest" in found, found


async def test_what_a_balance_transaction_undoes_is_found_by_its_id(empty: Any) -> None:
    found = await plan(empty, KEPT.write_statement("project", ("balance",)))
    assert "balance_transactions_pkey on balance_transactions" in found, found


async def test_what_sessions_that_are_over_were_told_is_found_by_their_listener(empty: Any) -> None:
    found = {find: await plan(empty, find) for find in (OWED, TOLD, SILENT)}
    assert "deliveries_listener on deliveries" in found[OWED], found[OWED]
    for find in (TOLD, SILENT):
        assert "deliveries_endpoint on deliveries" in found[find], found[find]
    assert [one for one in found.values() if "Seq Scan on deliveries" in one] == []
